//! The licences of the crates that are part of the program: each crate with the terms it states,
//! and the texts that came with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::shell::{Outcome, cargo};

/// How the names of files with terms begin, in capitals.
const TERMS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

/// The list of crates, then every text once, with the crates that it came with.
pub fn third_party() -> Outcome<String> {
    let mut command = cargo();
    command.args(["tree", "--package", "summdiff-explorer"]);
    command.args(["--edges", "normal", "--prefix", "none", "--locked"]);
    command.args(["--format", "{p}\t{l}"]);
    let output = command
        .output()
        .map_err(|error| format!("`cargo tree` could not be started: {error}."))?;
    if !output.status.success() {
        return Err("`cargo tree` failed: run `cargo metadata` to see why.".to_owned());
    }
    let crates = crates_of(&String::from_utf8_lossy(&output.stdout));
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, _) in &crates {
        for text in texts_of(name) {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    let mut all = "The program is built from these crates, each under the licence beside it. The texts that came with them follow.\n\
         ONNX Runtime's licence and notices are in lib/. FFmpeg and HDF5 are the system's; SECURITY.md explains FFmpeg's terms.\n\n"
        .to_owned();
    for (name, terms) in &crates {
        all.push_str(&format!("{name}  {terms}\n"));
    }
    for (text, names) in &texts {
        let rule = "=".repeat(80);
        all.push_str(&format!(
            "\n{rule}\n{}\n{rule}\n\n{text}\n",
            names.join(", ")
        ));
    }
    Ok(all)
}

/// Names with versions, and terms, out of the lines of `cargo tree`: sorted, each once, without the
/// program itself.
fn crates_of(tree: &str) -> Vec<(String, String)> {
    let mut crates: Vec<_> = (tree.lines())
        .filter_map(|line| line.trim_end_matches(" (*)").split_once('\t'))
        .filter_map(|(package, terms)| {
            let (name, rest) = package.split_once(" v")?;
            let version = rest.split_whitespace().next()?;
            Some((format!("{name} {version}"), terms.to_owned()))
        })
        .filter(|(name, _)| !name.starts_with("summdiff-explorer "))
        .collect();
    crates.sort_unstable();
    crates.dedup();
    crates
}

/// The texts of terms in the folder of a crate, `name version`, as Cargo unpacked it.
fn texts_of(name: &str) -> Vec<String> {
    let Some(folder) = sources()
        .into_iter()
        .map(|source| source.join(name.replace(' ', "-")))
        .find(|folder| folder.is_dir())
    else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && states_terms(path))
        .collect();
    files.sort_unstable();
    files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .map(|text| text.replace("\r\n", "\n").trim().to_owned())
        .collect()
}

fn states_terms(file: &Path) -> bool {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_uppercase();
    TERMS.iter().any(|start| name.starts_with(start))
}

/// The folders into which Cargo unpacks what it downloads, one for each registry.
fn sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_is_listed_once() {
        let tree = "summdiff-explorer v0.1.0 (/x)\tMIT\nb v1\tMIT\na v2 (proc-macro)\tApache-2.0\nb v1\tMIT (*)\n";
        let expected = [("a 2", "Apache-2.0"), ("b 1", "MIT")];
        assert_eq!(
            crates_of(tree),
            expected.map(|(n, t)| (n.to_owned(), t.to_owned()))
        );
    }

    #[test]
    fn nearly_all_crates_bring_their_terms() {
        let text = third_party().expect("cargo answers");
        assert!(text.contains("Permission is hereby granted, free of charge"));
        assert!(text.contains("Apache License"));
        assert!(!text.contains("summdiff-explorer 0"));
    }
}
