//! The `summdiff` program: a thin door to the library.

use std::process::ExitCode;

use summdiff_explorer::inference::telemetry;

fn main() -> ExitCode {
    // ONNX Runtime reads this when it is loaded; without it, it reports to its maker.
    // SAFETY: nothing ran before, so there is no other thread that could read the environment meanwhile.
    unsafe { std::env::set_var(telemetry::OFF_SWITCH, "1") };
    summdiff_explorer::cli::main()
}
