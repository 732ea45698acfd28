//! Finding and starting other programs, with failures as sentences.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A failure as one sentence that says what to do.
pub type Outcome<T = ()> = Result<T, String>;

/// The repository's root: where the workspace's `Cargo.toml` lies.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Full path of a program on `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}

/// Whether the command runs and exits with 0; what it prints is dropped.
pub fn succeeds<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(program: &str, args: I) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command's standard output, when it exits with 0.
pub fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let mut words: Vec<String> = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    words
        .iter()
        .map(|word| {
            let plain = !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c));
            if plain {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', "'\\''"))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs the command with the terminal's input and output.
pub fn run(command: &mut Command) -> Outcome {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed ({status}).", shown(command))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(format!(
            "`{program}` was not found: install it, or put it on PATH."
        )),
        Err(error) => Err(format!(
            "`{}` could not be started: {error}.",
            shown(command)
        )),
    }
}

/// The cargo that started this program.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    quiet_vulkan(&mut command);
    command
}

/// Without a session's runtime folder, Mesa's choice of device asks Wayland and complains on stderr
/// at every turn: it is left out.
pub fn quiet_vulkan(command: &mut Command) -> &mut Command {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        command.env("NODEVICE_SELECT", "1");
    }
    command
}

/// A line of what is being done.
pub fn say(line: &str) {
    eprintln!("xtask: {line}");
}

/// Lets the tests find the shared fixtures (`SUMMDIFF_SHARED`), where they lie beside the
/// repository.
pub fn with_shared(command: &mut Command) -> &mut Command {
    if std::env::var_os("SUMMDIFF_SHARED").is_none()
        && let Some(shared) = root()
            .parent()
            .map(|parent| parent.join("shared"))
            .filter(|folder| folder.is_dir())
    {
        command.env("SUMMDIFF_SHARED", shared);
    }
    command
}
