//! The Python side (`models/`): its environment in `vendor/python`, and its tests.

use std::path::PathBuf;
use std::process::Command;

use crate::disk;
use crate::shell::{self, Outcome, root, say};

fn models() -> PathBuf {
    root().join("models")
}

fn environment() -> PathBuf {
    root().join("vendor/python")
}

fn interpreter() -> PathBuf {
    environment().join("bin/python")
}

/// Whether the tree holds a Python project with tests.
pub fn has_tests() -> bool {
    models().join("pyproject.toml").is_file() && models().join("tests").is_dir()
}

/// The requirements that were installed last.
fn stamp() -> PathBuf {
    environment().join("installed.txt")
}

/// Whether the environment is there and holds what the project requires now.
pub fn is_ready() -> bool {
    interpreter().is_file()
        && requirements_text().is_ok_and(|wanted| {
            std::fs::read_to_string(stamp()).is_ok_and(|installed| installed == wanted)
        })
}

/// Makes the environment, or makes it anew when the project's requirements changed.
pub fn prepare() -> Outcome {
    if is_ready() {
        return Ok(());
    }
    say("making the Python environment in vendor/python; PyTorch is a download of about 3 GB");
    let _ = std::fs::remove_dir_all(environment());
    let free_gb = disk::free_gb(&root());
    make().map_err(|()| failure(free_gb))?;
    std::fs::write(stamp(), requirements_text()?)
        .map_err(|error| format!("{} cannot be written: {error}.", stamp().display()))
}

/// `venv` and pip. What pip unpacks on the way lies beside the environment: the system's folder for
/// temporary files is small on many machines.
fn make() -> Result<(), ()> {
    let archives = environment().join("archives");
    shell::run(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(environment()),
    )
    .map_err(drop)?;
    std::fs::create_dir_all(&archives).map_err(drop)?;
    let mut pip = Command::new(interpreter());
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-cache-dir",
    ]);
    pip.arg("--editable")
        .arg(format!("{}[test]", models().display()))
        .env("TMPDIR", &archives);
    let installed = shell::run(&mut pip).map_err(drop);
    let _ = std::fs::remove_dir_all(&archives);
    installed
}

/// Why the environment was not made, as far as it can be told from the room there was before.
fn failure(free_gb: Option<f64>) -> String {
    let needed_gb = disk::PYTHON_INSTALLED_GB + disk::PYTHON_ARCHIVES_GB;
    match free_gb {
        Some(free_gb) if free_gb < needed_gb => format!(
            "The Python environment could not be made: it takes up to {needed_gb:.1} GB of disk and {free_gb:.1} GB were free; make room, then try again."
        ),
        _ => "The Python environment could not be made: look at what pip says above and at the network, then try again.".to_owned(),
    }
}

/// Runs the tests.
pub fn test() -> Outcome {
    let mut pytest = Command::new(interpreter());
    pytest.args(["-m", "pytest", "-q"]).current_dir(models());
    shell::run(shell::with_shared(&mut pytest))
        .map_err(|_| "A Python test failed: its name and reason stand above.".to_owned())
}

fn requirements_text() -> Outcome<String> {
    let file = models().join("pyproject.toml");
    std::fs::read_to_string(&file)
        .map_err(|error| format!("{} cannot be read: {error}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        assert!(failure(Some(3.0)).contains("3.0 GB were free"));
        assert!(failure(Some(80.0)).contains("look at what pip says"));
        assert!(failure(None).contains("look at what pip says"));
    }
}
