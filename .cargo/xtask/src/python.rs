//! The Python side (`models/`): its environment in `vendor/python`, and its tests.

use std::path::PathBuf;
use std::process::Command;

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

/// Makes the environment, or makes it anew when the project's requirements changed.
pub fn prepare() -> Outcome {
    let wanted = requirements_text()?;
    let stamp = environment().join("installed.txt");
    if interpreter().is_file()
        && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted)
    {
        return Ok(());
    }
    say("making the Python environment in vendor/python; PyTorch is a download of about 3 GB");
    let _ = std::fs::remove_dir_all(environment());
    let failed = |_| {
        "The Python environment could not be made: look at what pip says above and at the network, then try again.".to_owned()
    };
    shell::run(
        Command::new("python3")
            .args(["-m", "venv"])
            .arg(environment()),
    )
    .map_err(failed)?;
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
        .arg(format!("{}[test]", models().display()));
    shell::run(&mut pip).map_err(failed)?;
    std::fs::write(&stamp, wanted)
        .map_err(|error| format!("{} cannot be written: {error}.", stamp.display()))
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
