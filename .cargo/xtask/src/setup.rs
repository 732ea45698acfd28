//! `cargo xtask setup`: the machine gets what it lacks, and hears nothing when it lacks nothing.

use crate::needs::{self, Need, Prober};
use crate::packages::{self, Manager};
use crate::runtime;
use crate::shell::{Outcome, say};

/// What the machine is set up for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    Use,
    Tests,
}

/// Installs missing system packages and the ONNX Runtime library.
pub fn run(purpose: For) -> Outcome {
    let mut wanted: Vec<&Need> = needs::BUILD.iter().chain(needs::WINDOW).collect();
    if !runtime::is_there() || purpose == For::Tests {
        wanted.extend(needs::DOWNLOAD);
    }
    if purpose == For::Tests {
        wanted.extend(needs::TESTS);
    }
    system_packages(&wanted)?;
    runtime::provide()
}

fn system_packages(wanted: &[&Need]) -> Outcome {
    let missing = unmet(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("missing on this machine: {}", names(&missing)));
    let Some(manager) = Manager::detect() else {
        return Err(format!(
            "No package manager known here was found: install {} by hand, then try again.",
            names(&missing)
        ));
    };
    let mut packages: Vec<&str> = missing
        .iter()
        .flat_map(|need| need.packages(manager))
        .copied()
        .collect();
    packages.sort_unstable();
    packages.dedup();
    if std::env::var_os("SUMMDIFF_NO_INSTALL").is_some_and(|value| value != "0") {
        return Err(format!(
            "System packages are missing: run `{}`.",
            manager.install_line(&packages)
        ));
    }
    if !packages.is_empty() {
        packages::install(manager, &packages)?;
    }
    let still_missing = unmet(wanted);
    if still_missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "Still missing after installing packages: {}; install {} by hand, then try again.",
        names(&still_missing),
        if still_missing.len() == 1 {
            "it"
        } else {
            "them"
        }
    ))
}

fn unmet<'a>(wanted: &[&'a Need]) -> Vec<&'a Need> {
    let prober = Prober::new();
    wanted
        .iter()
        .copied()
        .filter(|need| !prober.is_met(need))
        .collect()
}

fn names(needs: &[&Need]) -> String {
    needs
        .iter()
        .map(|need| need.what)
        .collect::<Vec<_>>()
        .join(", ")
}
