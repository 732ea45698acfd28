//! `summdiff models add`: puts a bundle from a folder or an archive among the user's own, checked
//! and whole or not at all.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::inference::bundle::{Bundle, MANIFEST};
use crate::inference::places;
use crate::interchange::names::sanitised;

/// What became of a bundle.
#[derive(Debug, PartialEq)]
pub(super) enum Added {
    /// Lies there now.
    New(PathBuf),
    /// Lay there before, the same to the last byte.
    Already(PathBuf),
}

/// Adds a bundle to the user's. Its hashes are checked before and the files are those that its
/// manifest lists.
///
/// # Errors
/// One sentence that names the file: it is no bundle, another one has its name, or the folder
/// cannot be written.
pub(super) fn add(source: &Path, replace: bool) -> anyhow::Result<Added> {
    let data = places::user_data_dir()
        .context("there is no folder for the user's data; set SUMMDIFF_DATA_DIR to one")?;
    add_to(source, &data.join("bundles"), replace)
}

fn add_to(source: &Path, folder: &Path, replace: bool) -> anyhow::Result<Added> {
    let bundle = Bundle::open(source)?;
    let name = &bundle.manifest().name;
    if name.is_empty() || *name != sanitised(name) {
        bail!(
            "{} is called “{name}”, which is no name for a folder: change \"name\" in its {MANIFEST}",
            source.display()
        );
    }
    let target = folder.join(name);
    let there = target.join(MANIFEST).is_file();
    if there && Bundle::open(&target).is_ok_and(|old| old.sha256() == bundle.sha256()) {
        return Ok(Added::Already(target));
    }
    if target.exists() && !replace {
        bail!(
            "another bundle is called {name}: {}; put this one in its place with --replace",
            target.display()
        );
    }
    let cannot = || format!("cannot write {}", target.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let whole = tempfile::Builder::new()
        .prefix(".adding-")
        .tempdir_in(folder)
        .with_context(cannot)?;
    for file in bundle.manifest().files.keys() {
        std::fs::write(whole.path().join(file), bundle.read(file)?).with_context(cannot)?;
    }
    std::fs::copy(bundle.path(MANIFEST), whole.path().join(MANIFEST)).with_context(cannot)?;
    // Checked once more where it will be read from: what lies among the bundles holds.
    Bundle::open(whole.path())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(whole.path(), std::fs::Permissions::from_mode(0o755))
            .with_context(cannot)?;
    }
    let old = folder.join(format!(".replaced-{name}"));
    if target.exists() {
        let _ = std::fs::remove_dir_all(&old);
        std::fs::rename(&target, &old).with_context(cannot)?;
    }
    if let Err(error) = std::fs::rename(whole.path(), &target) {
        // The old one is better than none.
        let _ = std::fs::rename(&old, &target);
        return Err(error).with_context(cannot);
    }
    let _ = std::fs::remove_dir_all(&old);
    Ok(Added::New(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_added_whole_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let lite = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/lite");
        let folder = dir.path().join("bundles");
        let Added::New(place) = add_to(&lite, &folder, false).unwrap() else {
            panic!("it was not there before");
        };
        let added = Bundle::open(&place).unwrap();
        assert_eq!(added.sha256(), Bundle::open(&lite).unwrap().sha256());
        assert_eq!(
            add_to(&lite, &folder, false).unwrap(),
            Added::Already(place.clone())
        );
        // Another one under its name stays, unless asked.
        let manifest = place.join(MANIFEST);
        let text = std::fs::read_to_string(&manifest).unwrap();
        std::fs::write(&manifest, format!("{text}\n")).unwrap();
        let refused = add_to(&lite, &folder, false).unwrap_err().to_string();
        assert!(refused.contains("--replace"), "{refused}");
        assert_eq!(add_to(&lite, &folder, true).unwrap(), Added::New(place));
        let names: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "nothing else is left behind");
        // What is broken is not added.
        let broken = dir.path().join("broken");
        std::fs::create_dir(&broken).unwrap();
        std::fs::copy(lite.join(MANIFEST), broken.join(MANIFEST)).unwrap();
        assert!(add_to(&broken, &dir.path().join("other"), false).is_err());
        assert!(!dir.path().join("other/lite").exists());
    }
}
