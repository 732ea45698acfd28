//! Paths as people type and paste them. Does not touch what they name.

use std::path::PathBuf;

/// A typed or pasted path, whole: quotes around it and all but the first line are dropped, `~` is
/// the home folder, `file://` is read as an address with its `%20`, and what is relative lies where
/// the program runs.
pub fn typed_path(text: &str) -> PathBuf {
    let line = text.trim().lines().next().unwrap_or_default();
    let line = line.trim().trim_matches(['"', '\'']);
    let path = match line.strip_prefix("file://") {
        Some(address) => from_address(address),
        None => match line.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => home(rest),
            _ => PathBuf::from(line),
        },
    };
    std::path::absolute(&path).unwrap_or(path)
}

/// Whether a text names its place by itself, wherever it is typed.
pub fn is_whole_path(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['"', '\'']);
    text.starts_with('/') || text == "~" || text.starts_with("~/") || text.starts_with("file://")
}

fn home(rest: &str) -> PathBuf {
    match directories::BaseDirs::new() {
        Some(dirs) => dirs.home_dir().join(rest.trim_start_matches('/')),
        None => PathBuf::from(format!("~{rest}")),
    }
}

/// The path of a `file://` address, without the host that may stand before it.
fn from_address(address: &str) -> PathBuf {
    let path = &address[address.find('/').unwrap_or(0)..];
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes).into()
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_understood_as_they_are_typed_and_pasted() {
        for (typed, path) in [
            ("/films/a b.mp4", "/films/a b.mp4"),
            (" '/films/a.mp4' ", "/films/a.mp4"),
            ("file:///films/a%20b.mp4", "/films/a b.mp4"),
            ("file://localhost/films/100%.mp4", "/films/100%.mp4"),
            ("file:///films/%C3%BC.mp4\r\nfile:///b.mp4", "/films/ü.mp4"),
        ] {
            assert_eq!(typed_path(typed), PathBuf::from(path), "{typed}");
        }
        let home = directories::BaseDirs::new().unwrap();
        assert_eq!(typed_path("~"), home.home_dir());
        assert_eq!(typed_path("~/a.mp4"), home.home_dir().join("a.mp4"));
        // A name that begins so is no home folder.
        assert!(typed_path("~a.mp4").ends_with("~a.mp4"));
        assert!(typed_path("a.mp4").is_absolute());
        assert!(is_whole_path("~/x") && is_whole_path("/x") && !is_whole_path("x/y"));
    }
}
