//! The dependencies: each direct one is used, and licences and sources are as `deny.toml` wants
//! them.
//!
//! Answers within seconds and needs no further program. Versions and known flaws are cargo-deny's,
//! which runs where it is installed.

use std::path::Path;

use crate::shell::{self, Outcome, cargo, find_program, say};

/// Runs all checks.
pub fn check() -> Outcome {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|error| format!("{} could not be read: {error}.", path.display()))
    };
    let root = shell::root();
    let named = direct(&read(&root.join("Cargo.toml"))?);
    let mut code = String::new();
    for folder in ["src", "tests", "benches", "assets/demo"] {
        gather(&root.join(folder), &mut code);
    }
    let unused: Vec<&str> = named
        .iter()
        .map(String::as_str)
        .filter(|name| !is_named(&code, &name.replace('-', "_")))
        .collect();
    if !unused.is_empty() {
        return Err(format!(
            "No file names {}: remove it from Cargo.toml.",
            unused.join(", ")
        ));
    }
    let allowed = allowed_licences(&read(&root.join("deny.toml"))?);
    let tree = cargo()
        .args(["tree", "--workspace", "--locked", "--target", "all"])
        .args(["--edges", "normal,build,dev", "--prefix", "none"])
        .args(["--format", "{p}\t{l}"])
        .output()
        .map_err(|error| format!("`cargo tree` could not be started: {error}."))?;
    if !tree.status.success() {
        return Err("`cargo tree` failed: is Cargo.lock up to date?".to_owned());
    }
    refused(&String::from_utf8_lossy(&tree.stdout), &allowed)?;
    if find_program("cargo-deny").is_none() {
        say("cargo-deny is not installed: known flaws and versions are not checked");
        return Ok(());
    }
    shell::run(cargo().args(["deny", "check", "bans", "licenses", "sources"]))
        .map_err(|_| "A dependency is not allowed by deny.toml: see above.".to_owned())?;
    // The database of flaws is fetched, which a machine without a network cannot do.
    if !shell::succeeds("cargo", ["deny", "fetch", "db"]) {
        say("the database of known flaws cannot be reached: it is not checked");
        return Ok(());
    }
    shell::run(cargo().args(["deny", "check", "advisories"]))
        .map_err(|_| "A dependency has a known flaw: see above.".to_owned())
}

/// Names of the dependencies that a manifest states, of every kind.
fn direct(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut within = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(table) = line.strip_prefix('[') {
            within = table.trim_end_matches(']').ends_with("dependencies");
        } else if within
            && !line.starts_with('#')
            && let Some((name, _)) = line.split_once('=')
        {
            names.push(name.trim().to_owned());
        }
    }
    names
}

/// All Rust files of a folder, one after the other; none where it is not there.
fn gather(folder: &Path, code: &mut String) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, code);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            code.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

/// Whether the code names a crate, as a whole word.
fn is_named(code: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + name.len()..].starts_with(part))
}

/// The licences that `deny.toml` allows.
fn allowed_licences(deny: &str) -> Vec<String> {
    let list = deny
        .split_once("\nallow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or("", |(list, _)| list);
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Fails on a package from elsewhere than the registry and the checkout, or under no allowed
/// licence. `tree`: a package, a tab and its licence in each line.
fn refused(tree: &str, allowed: &[String]) -> Outcome {
    let mut faults: Vec<String> = Vec::new();
    for (package, licence) in tree.lines().filter_map(|line| line.split_once('\t')) {
        if package.contains("(http") || package.contains("(git") || package.contains("(ssh") {
            faults.push(format!("{package} does not come from the registry"));
        } else if !is_allowed(licence.trim_end_matches(" (*)"), allowed) {
            faults.push(format!("{package} is under “{licence}”"));
        }
    }
    faults.sort();
    faults.dedup();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(format!("deny.toml does not allow: {}.", faults.join("; "))),
    }
}

/// Whether a licence expression can be met by allowed licences: of an OR one side, of an AND both.
/// AND binds closer.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let met = |separator| parts(expression, separator).map(|part| is_allowed(part, allowed));
    let inner = expression.trim();
    if parts(inner, " OR ").count() > 1 {
        return met(" OR ").any(|met| met);
    }
    if parts(inner, "/").count() > 1 {
        return met("/").any(|met| met);
    }
    if parts(inner, " AND ").count() > 1 {
        return met(" AND ").all(|met| met);
    }
    match inner
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(within) => is_allowed(within, allowed),
        None => allowed.iter().any(|one| one == inner),
    }
}

/// The expression split where a separator stands outside of brackets.
fn parts<'a>(expression: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let from = start?;
        let outside = |at: usize| {
            let before = &expression[from..at];
            before.matches('(').count() == before.matches(')').count()
        };
        let end = expression[from..]
            .match_indices(separator)
            .map(|(at, _)| from + at)
            .find(|&at| outside(at));
        start = end.map(|at| at + separator.len());
        Some(&expression[from..end.unwrap_or(expression.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_every_kind_are_found_and_looked_for_as_words() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\n# a note\nndarray-npy = \"1\"\n\n[target.'cfg(unix)'.dependencies]\nnix = { version = \"1\" }\n[dev-dependencies]\nproptest = \"1\"\n[profile.dev]\ndebug = 1\n";
        assert_eq!(direct(manifest), ["ndarray-npy", "nix", "proptest"]);
        assert!(is_named("use nix::sys;", "nix"));
        assert!(!is_named("let unix = phoenix_fire;", "nix"));
    }

    #[test]
    fn licences_and_sources_are_held_against_the_lists() {
        let allowed = allowed_licences(
            "[licenses]\nallow = [\n    \"MIT\",\n    \"Apache-2.0\",\n]\n[bans]\n",
        );
        assert_eq!(allowed, ["MIT", "Apache-2.0"]);
        for (expression, met) in [
            ("MIT OR GPL-3.0", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Apache-2.0", true),
            ("(MIT OR GPL-3.0) AND GPL-3.0", false),
            ("GPL-3.0 OR (MIT AND Apache-2.0)", true),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), met, "{expression}");
        }
        assert!(refused("a v1.0.0\tMIT\nb v1 (/here)\tMIT (*)\n", &allowed).is_ok());
        assert!(refused("a v1.0.0\tGPL-3.0\n", &allowed).is_err());
        assert!(refused("a v1.0.0 (https://example.org/a#1)\tMIT\n", &allowed).is_err());
    }
}
