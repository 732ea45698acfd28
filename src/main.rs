//! The `summdiff` program: a thin door to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    summdiff_explorer::cli::main()
}
