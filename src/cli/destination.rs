//! Where results go: checked before the work begins, written whole, and never over what they are
//! made from.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::domain::repairs::printable;
use crate::files::{self, folder_of, same_file};

/// Refuses to begin where a result could not be written, or would take the place of what it is made
/// from or of another result.
///
/// # Errors
/// One sentence that names the file.
pub fn check_places(inputs: &[&Path], outputs: &[Option<&Path>]) -> anyhow::Result<()> {
    let outputs: Vec<&Path> = (outputs.iter().flatten().copied())
        .filter(|output| output.as_os_str() != "-")
        .collect();
    for (at, output) in outputs.iter().enumerate() {
        if let Some(input) = inputs.iter().find(|input| same_file(input, output)) {
            bail!(
                "{} is read by this command and is never written over: choose another name for the result",
                input.display()
            );
        }
        check_folder(output)?;
        check_kind(output)?;
        files::check_writable(output)
            .with_context(|| format!("cannot write {}", output.display()))?;
        if outputs[..at].iter().any(|other| same_place(other, output)) {
            bail!(
                "two results would be written to {}: give each a name of its own",
                output.display()
            );
        }
    }
    Ok(())
}

/// Refuses a file that cannot be there: its folder is not, or the name is that of a folder.
///
/// # Errors
/// One sentence that names the file.
pub fn check_folder(destination: &Path) -> anyhow::Result<()> {
    let folder = folder_of(destination);
    if !folder.is_dir() {
        bail!(
            "cannot write {}: there is no folder {}",
            destination.display(),
            folder.display()
        );
    }
    if destination.is_dir() {
        bail!(
            "cannot write {0}: it is a folder; name a file, such as {0}/result",
            destination.display()
        );
    }
    Ok(())
}

/// What JSON, tables, cut lists, projects and pages are.
const TEXT: &str = "a text";

/// Refuses to write over a file of another kind than the name of the result says: over a video by a
/// slip of the keyboard. Names without an ending say nothing.
fn check_kind(output: &Path) -> anyhow::Result<()> {
    let ending = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
    let Some(found) = content_kind(output) else {
        return Ok(());
    };
    let fits = match ending(output).as_deref() {
        _ if found == TEXT => true,
        Some("json" | "ffmeta" | "csv" | "edl" | "otio" | "txt") => false,
        Some("fcpxml" | "html" | "htm" | "svg" | "summdiff") => false,
        Some("npy") => found == "an array",
        Some("h5" | "hdf5") => found == "a dataset",
        Some("png") => found == "a picture",
        Some("mp4" | "mov" | "mkv" | "webm") => found == "a video",
        _ => true,
    };
    if !fits {
        bail!(
            "{} holds {found}, which is not what would be written there: choose another name, or remove it first",
            output.display()
        );
    }
    Ok(())
}

/// What a file holds, by its first bytes; `None` where it is not there, empty, or of no kind that
/// is known here.
fn content_kind(path: &Path) -> Option<&'static str> {
    use std::io::Read;
    if !path.is_file() {
        return None;
    }
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(512).read_to_end(&mut head).ok()?;
    let starts = |magic: &[u8]| head.starts_with(magic);
    if head.get(4..8) == Some(b"ftyp")
        || head.get(4..8) == Some(b"moov")
        || starts(b"\x1a\x45\xdf\xa3")
        || starts(b"RIFF")
        || starts(b"FLV")
    {
        Some("a video")
    } else if starts(b"\x89HDF") || starts(b"MATLAB") {
        Some("a dataset")
    } else if starts(b"\x93NUMPY") {
        Some("an array")
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") {
        Some("a picture")
    } else if !head.is_empty() && !head.contains(&0) {
        Some(TEXT)
    } else {
        None
    }
}

/// Refuses a result in JSON under a name by which other kinds of files are known.
///
/// # Errors
/// One sentence that names the file.
pub fn check_json(destination: &Path) -> anyhow::Result<()> {
    const OTHERS: [&str; 19] = [
        "mp4", "mov", "mkv", "webm", "avi", "m4v", "mp3", "wav", "png", "jpg", "jpeg", "h5",
        "hdf5", "mat", "npy", "onnx", "zip", "summdiff", "html",
    ];
    let ending = destination.extension().and_then(|ending| ending.to_str());
    if ending.is_some_and(|ending| {
        OTHERS
            .iter()
            .any(|other| ending.eq_ignore_ascii_case(other))
    }) {
        bail!(
            "JSON is not written as {}; give it the ending .json",
            destination.display()
        );
    }
    if content_kind(destination).is_some_and(|found| found != TEXT) {
        bail!(
            "{} is no JSON and is not written over: choose another name",
            destination.display()
        );
    }
    Ok(())
}

/// Refuses a file whose ending is none of those that its content is known by.
///
/// # Errors
/// One sentence that names the file and the endings.
pub fn check_ending(destination: &Path, what: &str, endings: &[&str]) -> anyhow::Result<()> {
    let ending = destination.extension().and_then(|ending| ending.to_str());
    let known = |known: &&str| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(known));
    if endings.iter().any(known) {
        return Ok(());
    }
    let listed: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
    bail!(
        "{what} is written as {}, not as {}; give it that ending",
        listed.join(" or "),
        destination.display()
    )
}

/// Whether two names lead to one file, there or not yet. Devices take what they are given, however
/// often.
fn same_place(a: &Path, b: &Path) -> bool {
    if a.exists() || b.exists() {
        return same_file(a, b) && a.is_file();
    }
    let whole = |path: &Path| -> Option<PathBuf> {
        Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?))
    };
    whole(a).is_some_and(|a| Some(a) == whole(b))
}

/// Writes a file through a buffer. It has either its old or its new content, whatever happens
/// meanwhile.
///
/// # Errors
/// When the file cannot be written; its folder must be there.
pub fn write_through(
    destination: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    check_folder(destination)?;
    files::write_with(destination, write)
        .with_context(|| format!("cannot write {}", destination.display()))
}

/// Writes bytes to a file, or to stdout for `-`.
///
/// # Errors
/// As [`write_through`].
pub fn write_bytes(destination: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if destination.as_os_str() == "-" {
        let mut out = std::io::stdout().lock();
        // Names in it come from elsewhere; only a terminal obeys what is hidden in them.
        let printed = std::str::from_utf8(bytes).map(printable);
        let bytes = match &printed {
            Ok(text) if out.is_terminal() => text.as_bytes(),
            _ => bytes,
        };
        return match out.write_all(bytes).and_then(|()| out.flush()) {
            // The reader has seen enough, as `head` does.
            Err(err) if err.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written.context("cannot write to standard output"),
        };
    }
    write_through(destination, |out| out.write_all(bytes))
}

/// Writes text to a file, or to stdout for `-`.
///
/// # Errors
/// As [`write_bytes`].
pub fn write_text(destination: &Path, text: &str) -> anyhow::Result<()> {
    write_bytes(destination, text.as_bytes())
}

/// Writes a value as indented JSON with a final newline to a file, or to stdout for `-`.
///
/// # Errors
/// When the value cannot be expressed in JSON or the file cannot be written.
pub fn write_json(destination: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    check_json(destination)?;
    let mut text =
        serde_json::to_string_pretty(value).context("cannot express the result in JSON")?;
    text.push('\n');
    write_text(destination, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_never_written_over_what_it_is_made_from() {
        let dir = tempfile::tempdir().unwrap();
        let film = dir.path().join("film.mp4");
        std::fs::write(&film, b"film").unwrap();
        let link = dir.path().join("link.json");
        std::fs::hard_link(&film, &link).unwrap();
        let other = dir.path().join("other.json");
        assert!(check_places(&[&film], &[None, Some(&other)]).is_ok());
        for output in [&film, &link] {
            let message = check_places(&[&film], &[Some(&other), Some(output)]).unwrap_err();
            assert!(message.to_string().contains("film.mp4"), "{message}");
        }
    }

    #[test]
    fn results_have_places_of_their_own_in_folders_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let one = dir.path().join("a.json");
        let same = dir.path().join(".").join("a.json");
        let message =
            |outputs: &[Option<&Path>]| check_places(&[], outputs).unwrap_err().to_string();
        assert!(message(&[Some(&one), Some(&same)]).contains("two results"));
        std::fs::write(&one, b"old").unwrap();
        assert!(message(&[Some(&one), Some(&same)]).contains("two results"));
        let missing = dir.path().join("no/a.json");
        assert!(message(&[Some(&missing)]).contains("there is no folder"));
        assert!(message(&[Some(dir.path())]).contains("it is a folder"));
        let nowhere = Path::new("/dev/null");
        if nowhere.exists() {
            assert!(check_places(&[], &[Some(nowhere), Some(nowhere)]).is_ok());
        }
        assert!(check_places(&[], &[Some("-".as_ref()), Some("-".as_ref())]).is_ok());
    }

    #[test]
    fn another_kind_of_file_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let film = dir.path().join("other.json");
        std::fs::write(&film, b"\0\0\0\x18ftypmp42 and so on").unwrap();
        let message = check_places(&[], &[Some(&film)]).unwrap_err().to_string();
        assert!(message.contains("a video"), "{message}");
        assert!(check_json(&film).is_err());
        assert!(check_json("new.MP4".as_ref()).is_err());
        assert!(check_json("new.json".as_ref()).is_ok());
        assert!(check_json("-".as_ref()).is_ok());
        let clip = dir.path().join("clip.mp4");
        std::fs::rename(&film, &clip).unwrap();
        assert!(check_places(&[], &[Some(&clip)]).is_ok());
        std::fs::write(&film, b"{}").unwrap();
        assert!(check_places(&[], &[Some(&film)]).is_ok());
        assert!(check_json(&film).is_ok());
    }

    #[test]
    fn an_ending_that_says_something_else_is_refused() {
        assert!(check_ending("a.PNG".as_ref(), "a picture", &["png"]).is_ok());
        let message = check_ending("a.jpg".as_ref(), "a picture", &["png"]).unwrap_err();
        assert!(message.to_string().contains(".png"), "{message}");
        assert!(check_ending("a".as_ref(), "a dataset", &["h5", "hdf5"]).is_err());
    }

    #[test]
    fn files_are_replaced_whole_and_readable_and_folders_are_not_made_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_text(&path, "old").unwrap();
        write_text(&path, "new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        let failed = write_through(&path, |out| {
            out.write_all(b"half")?;
            Err(std::io::Error::other("the pen broke"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let plain = dir.path().join("plain");
            std::fs::write(&plain, b"").unwrap();
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
            assert_eq!(mode(&path), mode(&plain));
            let link = dir.path().join("link");
            std::os::unix::fs::symlink(&path, &link).unwrap();
            write_text(&link, "through").unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"through");
        }
        let missing = dir.path().join("no/a.json");
        let message = write_text(&missing, "x").unwrap_err().to_string();
        assert!(message.contains("there is no folder"), "{message}");
    }
}
