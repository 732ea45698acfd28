//! `summdiff cache`: what the feature cache holds, and emptying it.

use std::path::Path;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::{Output, write_text};
use crate::cache::Store;
use crate::ui::text;

/// Show or empty the feature cache
#[derive(Debug, Args)]
pub struct CacheArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say where the cache is and how much it holds
    Info,
    /// Remove everything from the cache
    Clear,
}

/// Runs the command.
///
/// # Errors
/// When the cache folder cannot be read or removed.
pub fn run(args: &CacheArgs, output: &Output) -> anyhow::Result<()> {
    let store =
        Store::for_user().context("this system names no cache folder: set XDG_CACHE_HOME")?;
    match args.action {
        Action::Info => {
            let usage = store.usage()?;
            let text = format!(
                "{}\n{}, {:.1} of at most {:.1} MiB\n",
                store.root().display(),
                text::count(usage.entries, "video"),
                mebibytes(usage.bytes),
                mebibytes(store.limit_bytes()),
            );
            write_text(Path::new("-"), &text)
        }
        Action::Clear => {
            let usage = store.clear()?;
            output.say(&format!(
                "removed the features of {}, {:.1} MiB",
                text::count(usage.entries, "video"),
                mebibytes(usage.bytes)
            ));
            Ok(())
        }
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
