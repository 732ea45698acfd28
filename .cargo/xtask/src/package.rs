//! `cargo xtask package`: a folder and an archive of the built program with what it needs beside
//! it, its licences and its bill of materials.
//!
//! FFmpeg, HDF5 and the graphics libraries stay the system's: the archive contains none of them, so
//! their terms do not pass to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::launch;
use crate::licences;
use crate::runtime;
use crate::setup;
use crate::shell::{self, Outcome, cargo, find_program, output_of, root, say};

/// What is copied from the repository, by name.
const BESIDE: [&str; 11] = [
    "assets/demo/demo.annotations.json",
    "assets/demo/demo.mp4",
    "assets/fonts/LICENSE.txt",
    "assets/icon.png",
    "models/lite",
    "models/lite-1",
    "README.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];
/// Makes the bill of materials, in CycloneDX's form.
const BILL_MAKER: &str = "cargo-cyclonedx";

/// Builds in release mode and packs `target/package/summdiff-VERSION-SYSTEM.tar.gz`, with its
/// SHA-256 beside it.
pub fn run() -> Outcome {
    setup::run(setup::For::Use)?;
    let program = launch::build()?;
    let name = package_name()?;
    let folder = launch::target_folder().join("package").join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed("remove", &folder, &error))?;
    }
    make_folder(&folder)?;
    copy(&program, &folder.join(file_name(&program)))?;
    for item in BESIDE {
        copy(&root().join(item), &folder.join(item))?;
    }
    let library = runtime::library();
    let library = library.canonicalize().unwrap_or(library);
    // Under the name that the program looks for; the file behind it carries its version.
    copy(
        &library,
        &folder.join("lib").join(file_name(&runtime::library())),
    )?;
    for text in ["LICENSE", "ThirdPartyNotices.txt"] {
        let from = root().join("vendor/onnxruntime").join(text);
        copy(
            &from,
            &folder.join("lib").join(format!("onnxruntime-{text}")),
        )?;
    }
    write(&folder.join("THIRD-PARTY.txt"), &licences::third_party()?)?;
    bill_of_materials(&folder.join("summdiff.cdx.json"))?;
    try_out(&folder.join(file_name(&program)))?;
    archive(&folder, &name)
}

fn package_name() -> Outcome<String> {
    let manifest = root().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| failed("read", &manifest, &error))?;
    let version =
        version_of(&text).ok_or_else(|| format!("{} states no version.", manifest.display()))?;
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    Ok(format!("summdiff-{version}-{system}-{processor}"))
}

/// The first `version = "…"` of a manifest, which is the package's own.
fn version_of(manifest: &str) -> Option<&str> {
    (manifest.lines())
        .find_map(|line| line.strip_prefix("version = \""))
        .and_then(|rest| rest.split('"').next())
}

fn bill_of_materials(to: &Path) -> Outcome {
    if find_program(BILL_MAKER).is_none() {
        say("installing cargo-cyclonedx, which makes the bill of materials");
        shell::run(cargo().args(["install", "--locked", BILL_MAKER]))?;
    }
    let name = "summdiff-bill";
    shell::run(cargo().args(["cyclonedx", "--format", "json", "--override-filename", name]))?;
    // It writes one beside each manifest of the workspace; the program's is the one that counts.
    let made = root().join(format!("{name}.json"));
    let bill = fs::read_to_string(&made).map_err(|error| failed("read", &made, &error))?;
    write(to, &without_folder(&bill, &root()))?;
    for file in [
        made,
        root().join(".cargo/xtask").join(format!("{name}.json")),
    ] {
        fs::remove_file(&file).map_err(|error| failed("remove", &file, &error))?;
    }
    Ok(())
}

/// The bill with the program's own folder, which is this machine's affair, left out of its
/// references.
fn without_folder(bill: &str, folder: &Path) -> String {
    bill.replace(&format!("path+file://{}", folder.display()), "path+file:")
        .replace(&format!("file://{}", folder.display()), "file:.")
}

/// The packed program has to find its library and its bundle in its own folder.
fn try_out(program: &Path) -> Outcome {
    let folder = program.parent().unwrap_or(program);
    let mut command = Command::new(program);
    command.args(["models", "verify", "lite"]);
    command.env_remove("ORT_DYLIB_PATH").current_dir(folder);
    shell::run(&mut command)
        .map_err(|error| format!("{error} The package was not made: its program does not work."))
}

fn archive(folder: &Path, name: &str) -> Outcome {
    let parent = folder.parent().unwrap_or(folder);
    let file = format!("{name}.tar.gz");
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--file", &file, name]);
    shell::run(tar.current_dir(parent))?;
    let packed = parent.join(&file);
    let sum = output_of("sha256sum", &[&packed.to_string_lossy()])
        .and_then(|line| line.split_whitespace().next().map(str::to_owned))
        .ok_or("`sha256sum` did not work: install coreutils.")?;
    write(
        &parent.join(format!("{file}.sha256")),
        &format!("{sum}  {file}\n"),
    )?;
    println!("package  {}", packed.display());
    println!("sha256   {sum}");
    Ok(())
}

/// A file, or a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Outcome {
    if from.is_dir() {
        let entries = fs::read_dir(from).map_err(|error| failed("read", from, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed("read", from, &error))?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        make_folder(parent)?;
    }
    fs::copy(from, to)
        .map(drop)
        .map_err(|error| failed("copy", from, &error))
}

fn make_folder(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| failed("make", folder, &error))
}

fn write(file: &Path, text: &str) -> Outcome {
    fs::write(file, text).map_err(|error| failed("write", file, &error))
}

fn failed(doing: &str, path: &Path, error: &std::io::Error) -> String {
    format!("Could not {doing} {}: {error}.", path.display())
}

fn file_name(path: &Path) -> PathBuf {
    path.file_name().map(PathBuf::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_named_by_its_own_version() {
        let manifest =
            "[package]\nname = \"a\"\nversion = \"1.2.3\"\n[dependencies]\nversion = \"9\"\n";
        assert_eq!(version_of(manifest), Some("1.2.3"));
        assert_eq!(version_of("[package]\n"), None);
        assert!(package_name().is_ok_and(|name| name.starts_with("summdiff-")));
    }

    #[test]
    fn the_bill_does_not_name_the_folder_of_the_build() {
        let bill = r#"{"bom-ref":"path+file:///home/a/b#0.1.0","purl":"pkg:cargo/x?download_url=file:///home/a/b/src"}"#;
        let kept = without_folder(bill, Path::new("/home/a/b"));
        assert_eq!(
            kept,
            r#"{"bom-ref":"path+file:#0.1.0","purl":"pkg:cargo/x?download_url=file:./src"}"#
        );
    }

    #[test]
    fn all_that_is_packed_is_there() {
        for item in BESIDE {
            assert!(root().join(item).exists(), "{item}");
        }
    }
}
