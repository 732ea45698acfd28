//! The log: on stderr where `RUST_LOG` asks for it, and for the window in a file that is rotated.
//!
//! What concerns a person is shown in sentences elsewhere; the log is for finding out later what
//! happened.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// From this size on a new file is begun.
const MAX_BYTES: u64 = 1 << 20;
/// Older files that are kept, `summdiff.1.log` the newest of them.
const OLDER_FILES: u32 = 3;
/// What goes into the file where `RUST_LOG` says nothing else.
const FILE_FILTER: &str = "warn,summdiff_explorer=info";

/// Starts logging, into `file` where one is given; what `RUST_LOG` asks for goes to stderr, too.
/// Panics are logged with their place. A file that cannot be written is done without.
pub fn start(file: Option<&Path>) {
    let asked = std::env::var_os("RUST_LOG").is_some();
    let file = file.and_then(|path| RotatingFile::open(path, MAX_BYTES).ok());
    let filter = if file.is_some() { FILE_FILTER } else { "off" };
    let mut builder =
        env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(filter));
    if let Some(file) = file {
        let sink = Sink {
            file,
            stderr: asked,
        };
        builder
            .target(env_logger::Target::Pipe(Box::new(sink)))
            .write_style(env_logger::WriteStyle::Never);
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            log::error!("{panic}");
            before(panic);
        }));
    }
    // A second start in one process keeps the first.
    if builder.try_init().is_ok() {
        log::info!(
            "SummDiff explorer {} on {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        );
    }
}

/// Writes each line into the file, and to stderr where that was asked for.
struct Sink {
    file: RotatingFile,
    stderr: bool,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.stderr {
            std::io::stderr().write_all(bytes)?;
        }
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A file that is rotated when it is full: `NAME.log` becomes `NAME.1.log`, that one `NAME.2.log`,
/// the last one goes.
struct RotatingFile {
    path: PathBuf,
    file: File,
    written: u64,
    max_bytes: u64,
}

impl RotatingFile {
    /// Opens a log to write on at its end.
    fn open(path: &Path, max_bytes: u64) -> std::io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let written = file.metadata()?.len();
        Ok(Self {
            path: path.to_path_buf(),
            file,
            written,
            max_bytes,
        })
    }

    fn older(&self, number: u32) -> PathBuf {
        self.path.with_extension(format!("{number}.log"))
    }

    fn rotate(&mut self) -> std::io::Result<()> {
        for number in (1..OLDER_FILES).rev() {
            let from = self.older(number);
            if from.exists() {
                std::fs::rename(&from, self.older(number + 1))?;
            }
        }
        std::fs::rename(&self.path, self.older(1))?;
        *self = Self::open(&self.path, self.max_bytes)?;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let more = bytes.len() as u64;
        if self.written > 0 && self.written + more > self.max_bytes {
            // Where the folder became read-only the old file grows on.
            let _ = self.rotate();
        }
        self.file.write_all(bytes)?;
        self.written += more;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_put_aside_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("logs/summdiff.log");
        let mut log = RotatingFile::open(&path, 20).unwrap();
        for number in 0..12 {
            log.write_all(format!("line {number:02}\n").as_bytes())
                .unwrap();
        }
        let read = |name: &str| std::fs::read_to_string(dir.path().join("logs").join(name));
        assert_eq!(read("summdiff.log").unwrap(), "line 10\nline 11\n");
        assert_eq!(read("summdiff.1.log").unwrap(), "line 08\nline 09\n");
        assert_eq!(read("summdiff.3.log").unwrap(), "line 04\nline 05\n");
        assert!(read("summdiff.4.log").is_err());
        drop(log);
        // The next start goes on where this one stopped.
        let mut log = RotatingFile::open(&path, 20).unwrap();
        log.write_all(b"more\n").unwrap();
        assert_eq!(read("summdiff.1.log").unwrap(), "line 10\nline 11\n");
        assert_eq!(read("summdiff.log").unwrap(), "more\n");
    }
}
