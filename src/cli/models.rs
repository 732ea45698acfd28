//! `summdiff models`: which bundles there are, whether they hold, and installing networks by name.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::models_add::{self, Added};
use super::{Output, write_json, write_text};
use crate::domain::DevicePreference;
use crate::inference::bundle::{self, Bundle};
use crate::inference::download::DownloadError;
use crate::inference::install::{INSTALLABLE, InstallError, Installable};
use crate::inference::{BundleError, BundleKind, Extractor, Network, Scorer, places};
use crate::jobs::StageClock;

/// List, verify and install bundles
#[derive(Debug, Args)]
pub struct ModelsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Bundles that can be opened by name, and networks that can be installed
    List {
        /// Write the list as JSON to a file, or - for stdout
        #[arg(long, value_name = "FILE|-", num_args = 0..=1, default_missing_value = "-")]
        json: Option<PathBuf>,
    },
    /// Check hashes and shapes, and run each network once
    Verify {
        /// Bundles by name, folder or .zip [default: all that can be opened by name]
        bundles: Vec<String>,
    },
    /// Download a network and make it a bundle
    Install {
        /// Name of the network
        name: String,
    },
    /// Put a bundle from a folder or an archive among your own, to be opened by its name
    Add {
        /// The bundle: a folder or a .zip
        #[arg(value_name = "DIR|ZIP")]
        bundle: PathBuf,
        /// Take the place of another bundle of that name
        #[arg(long)]
        replace: bool,
    },
    /// Folders in which bundles are looked for, or where one lies
    Path {
        /// Name of a bundle
        name: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// A sentence that names the file and the fix.
pub fn run(args: &ModelsArgs, output: &Output) -> anyhow::Result<()> {
    match &args.action {
        Action::List { json } => list(json.as_deref()),
        Action::Verify { bundles } => verify(bundles, output),
        Action::Install { name } => install(name, output),
        Action::Add { bundle, replace } => match models_add::add(bundle, *replace)? {
            Added::New(place) => {
                output.say(&format!("added {}", place.display()));
                Ok(())
            }
            Added::Already(place) => {
                output.say(&format!("{} is the same already", place.display()));
                Ok(())
            }
        },
        Action::Path { name } => path(name.as_deref()),
    }
}

#[derive(Debug, Serialize)]
struct Line {
    name: String,
    path: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<BundleKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn list(json: Option<&std::path::Path>) -> anyhow::Result<()> {
    let lines: Vec<Line> = bundle::list()
        .into_iter()
        .map(|listed| {
            let (manifest, error) = match &listed.bundle {
                Ok(bundle) => (Some(bundle.manifest()), None),
                Err(err) => (None, Some(err.to_string())),
            };
            Line {
                name: listed.name,
                path: listed.dir,
                version: manifest.map(|m| m.version.clone()),
                kind: manifest.map(|m| m.kind),
                description: manifest.map(|m| m.description.clone()),
                error,
            }
        })
        .collect();
    if let Some(destination) = json {
        return write_json(destination, &lines);
    }
    let mut text = String::new();
    for line in &lines {
        let kind = match line.kind {
            Some(BundleKind::Summdiff) => "summdiff",
            Some(BundleKind::Scorer) => "scorer",
            Some(BundleKind::Extractor) => "extractor",
            None => "damaged",
        };
        let version = line.version.as_deref().unwrap_or("-");
        let about = line
            .error
            .as_deref()
            .or(line.description.as_deref())
            .unwrap_or("");
        text += &format!("{:<20} {version:<8} {kind:<10} {about}\n", line.name);
        text += &format!("{:<20} {}\n", "", line.path.display());
    }
    for model in &INSTALLABLE {
        if lines.iter().all(|line| line.name != model.name) {
            let mib = model.download_bytes() >> 20;
            text += &format!(
                "{:<20} {:<8} {:<10} {} (`summdiff models install {}`, {mib} MiB)\n",
                model.name, "-", "extractor", model.description, model.name
            );
        }
    }
    write_text("-".as_ref(), &text)
}

fn verify(names: &[String], output: &Output) -> anyhow::Result<()> {
    let names: Vec<String> = if names.is_empty() {
        bundle::list()
            .into_iter()
            .map(|listed| listed.name)
            .collect()
    } else {
        names.to_vec()
    };
    if names.is_empty() {
        bail!("no bundles were found; run `summdiff models path` to see where they are looked for");
    }
    let mut failures = Vec::new();
    for name in &names {
        output.check_interrupt()?;
        match verify_one(name) {
            Ok(bundle) => write_text(
                "-".as_ref(),
                &format!("{name}: sound ({})\n", bundle.sha256()),
            )?,
            Err(err) if names.len() == 1 => return Err(err.into()),
            Err(err) => {
                output.say(&format!("{name}: {err}"));
                failures.push(name.as_str());
            }
        }
    }
    if !failures.is_empty() {
        bail!(
            "{} of {} bundles cannot be used: {}",
            failures.len(),
            names.len(),
            failures.join(", ")
        );
    }
    Ok(())
}

/// Opens every part of a bundle, which tries it out.
fn verify_one(name: &str) -> Result<Bundle, BundleError> {
    let bundle = Bundle::find(name)?;
    let manifest = bundle.manifest();
    if manifest.extractor.is_some() {
        Extractor::open(&bundle, DevicePreference::Auto)?;
    }
    match manifest.kind {
        BundleKind::Summdiff => {
            Network::open(&bundle, DevicePreference::Auto)?;
        }
        BundleKind::Scorer => {
            Scorer::open(&bundle, DevicePreference::Auto)?;
        }
        BundleKind::Extractor => {}
    }
    Ok(bundle)
}

fn install(name: &str, output: &Output) -> anyhow::Result<()> {
    let model = Installable::find(name)?;
    let clock = StageClock::start("Downloading");
    let installed = model.install(output.cancel_token(), &mut |done, total| {
        output.progress(&clock.at(done, total));
    });
    match installed {
        Ok(bundle) => {
            output.say(&format!("installed {name}"));
            write_text("-".as_ref(), &format!("{}\n", bundle.dir().display()))
        }
        Err(InstallError::Download(DownloadError::Cancelled)) => output.check_interrupt(),
        Err(err) => Err(err.into()),
    }
}

fn path(name: Option<&str>) -> anyhow::Result<()> {
    let text = match name {
        Some(name) => format!("{}\n", Bundle::find(name)?.dir().display()),
        None => places::bundle_folders()
            .iter()
            .map(|folder| format!("{}\n", folder.display()))
            .collect(),
    };
    write_text("-".as_ref(), &text)
}
