//! What typing and completing do to a path. Pure; knows no folder but the entries it is given.

use super::listing::Entry;
use crate::files::is_whole_path;

/// The path that replaces what stood in the field: one that is whole by itself was pasted into it,
/// or its first sign was typed behind a slash. `None` where the edit is one like any other. Quick
/// hands type several signs between two pictures of a slow window, so what is typed is gone through
/// sign by sign.
pub(super) fn restarted(before: &str, after: &str, is_pasted: bool) -> Option<String> {
    let old: Vec<char> = before.chars().collect();
    let new: Vec<char> = after.chars().collect();
    let same = |(a, b): &(&char, &char)| a == b;
    let head = old.iter().zip(&new).take_while(same).count();
    let rest = old.len().min(new.len()) - head;
    let tail = (old.iter().rev().zip(new.iter().rev()))
        .take(rest)
        .take_while(same)
        .count();
    let inserted: String = new[head..new.len() - tail].iter().collect();
    // What is selected and typed over is replaced anyway.
    if new[..head].iter().all(|sign| sign.is_whitespace()) {
        return None;
    }
    if is_pasted {
        return is_whole_path(&inserted).then(|| inserted.trim().to_owned());
    }
    let mut text: String = new[..head].iter().collect();
    let mut is_restarted = false;
    for sign in inserted.chars() {
        let is_behind_slash = text.ends_with('/') && !text.ends_with(":/") && text != "/";
        if is_behind_slash && is_whole_path(sign.encode_utf8(&mut [0; 4])) {
            text.clear();
            is_restarted = true;
        }
        text.push(sign);
    }
    is_restarted.then_some(text)
}

/// The name that a part is completed to: as far as all entries that begin with it go on alike.
/// `None` where that is no further.
pub(super) fn completed(part: &str, entries: &[Entry]) -> Option<String> {
    let lower = part.to_lowercase();
    let mut matching = entries
        .iter()
        .map(|entry| entry.name.as_str())
        .filter(|name| name.to_lowercase().starts_with(&lower));
    let first = matching.next()?;
    let mut common: Vec<char> = first.chars().collect();
    for name in matching {
        let alike = common
            .iter()
            .zip(name.chars())
            .take_while(|(a, b)| a.to_lowercase().eq(b.to_lowercase()))
            .count();
        common.truncate(alike);
    }
    let common: String = common.into_iter().collect();
    let is_folder = |name: &str| (entries.iter()).any(|entry| entry.name == name && !entry.is_file);
    let further = common.chars().count() > part.chars().count() || is_folder(&common);
    (further && !common.is_empty()).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_path_replaces_what_stands_there() {
        for (before, after, whole) in [
            ("/home/u/", "/home/u//films/a.mp4", Some("/films/a.mp4")),
            ("/home/u", "/home/u/films/a.mp4", Some("/films/a.mp4")),
            ("/home/u/", "/home/u/~/a.mp4", Some("~/a.mp4")),
            (
                "/home/u/",
                "/home/u/file:///a%20b.mp4",
                Some("file:///a%20b.mp4"),
            ),
            ("/home/u/x.mp4", "/home/u//a.mp4x.mp4", Some("/a.mp4")),
            ("/home/u/", "/home/u/a.mp4", None),
            ("", "/films/a.mp4", None),
        ] {
            let got = restarted(before, after, true);
            assert_eq!(got.as_deref(), whole, "{before} → {after}");
        }
    }

    #[test]
    fn a_path_begins_anew_where_a_slash_is_typed_behind_a_slash() {
        for (before, after, whole) in [
            ("/home/u/", "/home/u//", Some("/")),
            ("/home/u/", "/home/u/~", Some("~")),
            // Editing goes on as ever.
            ("/home/u", "/home/u/", None),
            ("/home/u/", "/home/u/a", None),
            ("file:/", "file://", None),
            // The third slash of an address begins its path, which is the same place.
            ("file://", "file:///", Some("/")),
            ("/home/u/a", "/home/u/", None),
            ("/", "//", None),
            // Several signs at once.
            ("/home/u", "/home/u/films/a.mp4", None),
            ("/tmp", "/tmp/a/", None),
            ("/home/u/", "/home/u//films/a", Some("/films/a")),
            ("/home/u", "/home/u//films", Some("/films")),
            ("/home/u/", "/home/u/~/a", Some("~/a")),
        ] {
            let got = restarted(before, after, false);
            assert_eq!(got.as_deref(), whole, "{before} → {after}");
        }
    }

    #[test]
    fn a_part_is_completed_as_far_as_all_agree() {
        let entry = |name: &str, is_file| Entry {
            is_file,
            name: name.to_owned(),
        };
        let entries = [
            entry("holiday", false),
            entry("Beach 1.mp4", true),
            entry("beach 2.mp4", true),
        ];
        assert_eq!(completed("ho", &entries).as_deref(), Some("holiday"));
        // The folder's name is whole, but its slash is missing.
        assert_eq!(completed("holiday", &entries).as_deref(), Some("holiday"));
        assert_eq!(completed("b", &entries).as_deref(), Some("Beach "));
        assert_eq!(completed("Beach ", &entries), None);
        assert_eq!(
            completed("Beach 1", &entries).as_deref(),
            Some("Beach 1.mp4")
        );
        assert_eq!(completed("x", &entries), None);
        assert_eq!(completed("", &entries), None);
    }
}
