//! `cargo xtask`: sets a machine up, starts the explorer, runs the checks.
//!
//! What this does not do: it never links any of the libraries it installs, so that it builds on a
//! machine without them.

mod checks;
mod dependencies;
mod disk;
mod launch;
mod licences;
mod needs;
mod package;
mod packages;
mod python;
mod runtime;
mod setup;
mod shell;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command>

  run [VIDEO] [-- ARGS]  set the machine up, build, and open the window on VIDEO or on the bundled demo;
                         without a display: write the summary clip, the analysis and a picture of the window
  test                   set the machine up, then formatting, dependencies, lints and every test
  dependencies           check that each direct dependency is used, and all licences and sources
  setup                  set the machine up: system packages and the ONNX Runtime library
  package                an archive of the program with its licences and its bill of materials, in target/package
  help                   this text

Set-up asks for rights only when a system package is missing, and says first what it will run.
  SUMMDIFF_RUNTIME=cpu|gpu   choose the ONNX Runtime build (default: gpu where an NVIDIA driver is loaded)
  ORT_DYLIB_PATH=FILE        use this ONNX Runtime library and download none
  SUMMDIFF_NO_INSTALL=1      never install system packages, only say which are missing";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match command {
        "run" => launch::run(rest),
        "test" => no_arguments(command, rest).and_then(|()| checks::run()),
        "dependencies" => no_arguments(command, rest).and_then(|()| dependencies::check()),
        "setup" => no_arguments(command, rest).and_then(|()| setup::run(setup::For::Use)),
        "package" => no_arguments(command, rest).and_then(|()| package::run()),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!(
            "There is no command `{other}`: `cargo xtask help` lists them."
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\nerror: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn no_arguments(command: &str, rest: &[String]) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(format!(
            "`cargo xtask {command}` takes no arguments, but got `{extra}`."
        )),
    }
}
