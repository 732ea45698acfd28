//! The system's package manager: which one there is, and installing with it.

use std::process::Command;

use crate::shell::{self, Outcome, find_program, say};

/// A package manager whose package names are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    Apt,
    Dnf,
    Pacman,
    Brew,
}

impl Manager {
    /// The one this machine has.
    pub fn detect() -> Option<Manager> {
        if cfg!(target_os = "macos") {
            return find_program("brew").map(|_| Manager::Brew);
        }
        [
            ("apt-get", Manager::Apt),
            ("dnf", Manager::Dnf),
            ("pacman", Manager::Pacman),
        ]
        .into_iter()
        .find_map(|(program, manager)| find_program(program).map(|_| manager))
    }

    fn install_words(self) -> &'static [&'static str] {
        match self {
            Manager::Apt => &["apt-get", "install", "-y", "-q", "--no-install-recommends"],
            Manager::Dnf => &["dnf", "install", "-y"],
            Manager::Pacman => &["pacman", "-S", "--needed", "--noconfirm"],
            Manager::Brew => &["brew", "install"],
        }
    }

    /// The install command as a person would type it.
    pub fn install_line(self, packages: &[&str]) -> String {
        let mut command = Command::new(self.install_words()[0]);
        command.args(&self.install_words()[1..]).args(packages);
        shell::shown(&command)
    }
}

/// Installs `packages`, as root or through sudo, saying first what is run.
///
/// # Errors
/// When rights are missing or the manager fails; the sentence holds the command to run by hand.
pub fn install(manager: Manager, packages: &[&str]) -> Outcome {
    let by_hand = manager.install_line(packages);
    let as_root = manager != Manager::Brew;
    let sudo = as_root && !is_root();
    if sudo && find_program("sudo").is_none() {
        return Err(format!(
            "System packages are missing and there is no sudo: run `{by_hand}` as root, then try again."
        ));
    }
    say(&format!(
        "running `{}{by_hand}`",
        if sudo { "sudo " } else { "" }
    ));
    if manager == Manager::Apt {
        // Lists older than the archive name packages that are gone: refresh before installing.
        privileged(sudo, &["apt-get", "update", "-q"]).map_err(|error| {
            format!("{error} Look at the network and at /etc/apt/sources.list, then try again.")
        })?;
    }
    let words: Vec<&str> = manager
        .install_words()
        .iter()
        .copied()
        .chain(packages.iter().copied())
        .collect();
    privileged(sudo, &words).map_err(|_| format!("Installing system packages failed: fix what is said above, or run `{by_hand}` yourself."))
}

fn privileged(sudo: bool, words: &[&str]) -> Outcome {
    let mut command = if sudo {
        let mut command = Command::new("sudo");
        command
            .args(["env", "DEBIAN_FRONTEND=noninteractive"])
            .args(words);
        command
    } else {
        let mut command = Command::new(words[0]);
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(&words[1..]);
        command
    };
    shell::run(&mut command)
}

fn is_root() -> bool {
    shell::output_of("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}
