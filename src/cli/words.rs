//! The words of the command line before clap and after it: flags whose value may be left out, and
//! slips of the pen.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};

use super::{Cli, Usage};

/// Commands with files beside their `--json`, which stands alone as often as with a file.
const JSON_ALONE: [&str; 4] = ["bench", "evaluate", "features", "find"];

/// Says plainly which `--json` stands alone, so that it does not swallow the video behind it:
/// `--json X` means a file X only where X is `-` or ends in .json. Any other file is named by
/// `--json=X`.
pub(super) fn with_plain_json(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    let command = named(&words).and_then(|at| words[at].to_str());
    if !command.is_some_and(|command| JSON_ALONE.contains(&command)) {
        return words;
    }
    for at in 0..words.len() {
        if words[at] == "--" {
            break;
        }
        let has_file = words.get(at + 1).is_some_and(|word| is_json_file(word));
        if words[at] == "--json" && !has_file {
            words[at] = "--json=-".into();
        }
    }
    words
}

/// The command with every option of it and its own commands taking a number below 0 as a value.
pub(super) fn with_negative_numbers(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let takes_value = !arg.is_positional() && arg.get_action().takes_values();
        arg.allow_negative_numbers(takes_value)
    });
    command.mut_subcommands(with_negative_numbers)
}

fn is_json_file(word: &OsStr) -> bool {
    let ending = Path::new(word).extension();
    word == "-" || ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// Where the command stands: the first word that is no flag. The program's own name comes before
/// all.
fn named(words: &[OsString]) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = words.get(at).map(|word| word.to_string_lossy()) {
        if word == "--progress" {
            at += 1;
        } else if !word.starts_with('-') {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The command that was meant by the first of these words, where it is none and no file either.
pub(super) fn meant(words: &[OsString]) -> Option<Usage> {
    near_miss(Path::new(&words[named(words)?]))
}

/// Fails where the first path is a mistyped command, or where a path is not there.
///
/// # Errors
/// [`Usage`] for a word that is no path, else one sentence that names the file.
pub(super) fn check_opened(paths: &[PathBuf]) -> anyhow::Result<()> {
    let Some(first) = paths.first() else {
        return Ok(());
    };
    if let Some(usage) = near_miss(first) {
        return Err(usage.into());
    }
    if !first.exists() && is_word(first) {
        return Err(Usage(format!(
            "{} is neither a command nor a file; `summdiff --help` lists the commands",
            first.display()
        ))
        .into());
    }
    check_there(paths)
}

/// Fails where a path is not there.
///
/// # Errors
/// One sentence that names the file.
pub(super) fn check_there(paths: &[PathBuf]) -> anyhow::Result<()> {
    match paths.iter().find(|path| !path.exists()) {
        Some(missing) => anyhow::bail!("{} does not exist; check the path", missing.display()),
        None => Ok(()),
    }
}

fn near_miss(path: &Path) -> Option<Usage> {
    if path.exists() || !is_word(path) {
        return None;
    }
    let word = path.to_str()?;
    let command = Cli::command();
    let names = command.get_subcommands().map(|command| command.get_name());
    let nearest = names
        .map(|name| (slips(word, name), name))
        .min_by_key(|(slips, _)| *slips)?;
    // No slip is no mistake: what is wrong stands behind the command. Two in a word of three
    // letters are another word.
    let (_, name) =
        Some(nearest).filter(|(slips, _)| (1..=2).contains(slips) && slips * 2 < word.len())?;
    Some(Usage(format!(
        "there is no command {word}; did you mean {name}?"
    )))
}

/// Whether it looks like a command rather than a file: no folder, no ending.
fn is_word(path: &Path) -> bool {
    path.extension().is_none() && path.components().count() == 1
}

/// Letters put in, left out, exchanged or swapped with their neighbour.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let other = usize::from(a[i - 1] != b[j - 1]);
                let mut least = (rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
                    .min(rows[i - 1][j - 1] + other);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(line: &str) -> String {
        let words = with_plain_json(line.split(' ').map(OsString::from));
        let words: Vec<String> = words
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        words.join(" ")
    }

    #[test]
    fn json_alone_swallows_no_file() {
        for (line, expected) in [
            ("x features --json v.mp4", "x features --json=- v.mp4"),
            ("x features v.mp4 --json", "x features v.mp4 --json=-"),
            ("x bench --json --few", "x bench --json=- --few"),
            ("x bench --json - v.mp4", "x bench --json - v.mp4"),
            (
                "x --progress json evaluate --json d.h5",
                "x --progress json evaluate --json=- d.h5",
            ),
            ("x features --json f.json v", "x features --json f.json v"),
            ("x analyze v --json f.txt", "x analyze v --json f.txt"),
            ("x bench -- --json", "x bench -- --json"),
        ] {
            assert_eq!(plain(line), expected);
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_a_file() {
        let said = |word: &str| near_miss(Path::new(word)).map(|usage| usage.0);
        for (word, meant) in [
            ("analyse", "analyze"),
            ("analzye", "analyze"),
            ("exprot", "export"),
            ("feature", "features"),
        ] {
            let said = said(word).unwrap();
            assert!(said.ends_with(&format!("did you mean {meant}?")), "{said}");
        }
        for other in ["bogus", "analyse.mp4", "./analyse", "src"] {
            assert_eq!(said(other), None, "{other}");
        }
        let failed = |path: &str| check_opened(&[path.into()]).unwrap_err();
        assert!(failed("bogus").is::<Usage>());
        assert!(failed("analyse").is::<Usage>());
        let missing = failed("missing.mp4");
        assert!(!missing.is::<Usage>());
        assert!(missing.to_string().contains("missing.mp4 does not exist"));
        assert!(check_opened(&["src".into(), "missing.mp4".into()]).is_err());
        assert!(check_opened(&[]).is_ok());
    }
}
