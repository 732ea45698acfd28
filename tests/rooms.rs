//! The rooms of the house stand on floors, and a room names only rooms of lower floors: data flows
//! one way. Reads the source as text; needs neither a display nor a network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the top. Rooms of one floor do not name each other.
const FLOORS: [&[&str]; 14] = [
    &["main"],
    &["cli"],
    &["app"],
    &["views"],
    &["figures"],
    &["state"],
    &["session"],
    &["pipeline", "gpu"],
    &["annotations"],
    &["media", "inference", "analysis"],
    &["cache", "diffusion", "interchange", "summary", "ui"],
    &["jobs"],
    &["confined", "reading"],
    &["domain", "files"],
];

/// Not part of the product: `testing` serves the tests of all rooms, `lib` names all rooms.
const OUTSIDE: [&str; 2] = ["testing", "lib"];

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The room of a file: the first part of its path below `src`.
fn room_of(file: &Path, root: &Path) -> String {
    let first = file.strip_prefix(root).unwrap().iter().next().unwrap();
    let first = Path::new(first);
    first.file_stem().unwrap().to_string_lossy().into_owned()
}

fn is_test(file: &Path) -> bool {
    let inside = file.iter().any(|part| part == "tests");
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    inside || stem == "tests" || stem.ends_with("_tests")
}

/// What is compiled into the product, without comments.
fn product_code(text: &str) -> String {
    let product = match text.find("#[cfg(test)]\nmod ") {
        Some(at) => &text[..at],
        None => text,
    };
    let mut code = String::new();
    for line in product.lines() {
        code.push_str(line.split("//").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

/// Rooms that a file names: the words behind `crate::` (or the crate's name in the binary).
fn rooms_named(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for prefix in ["crate::", "summdiff_explorer::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(list) => list
                    .split('}')
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .collect(),
                None => vec![rest],
            };
            for name in names {
                let word: String = name
                    .trim_start()
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                rooms.insert(word);
            }
        }
    }
    rooms
}

#[test]
fn a_room_names_only_rooms_of_lower_floors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let floor: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor)))
        .collect();
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in files.iter().filter(|file| !is_test(file)) {
        let room = room_of(file, &root);
        if OUTSIDE.contains(&room.as_str()) {
            continue;
        }
        let Some(&own) = floor.get(room.as_str()) else {
            wrong.push(format!("{} stands on no floor", file.display()));
            continue;
        };
        let code = product_code(&std::fs::read_to_string(file).unwrap());
        for named in rooms_named(&code) {
            let Some(&other) = floor.get(named.as_str()) else {
                if OUTSIDE.contains(&named.as_str()) {
                    wrong.push(format!("{} names {named}", file.display()));
                }
                continue;
            };
            arrows += 1;
            if named != room && other <= own {
                wrong.push(format!("{} names {named}", file.display()));
            }
        }
    }
    assert!(arrows > 300, "the source was not read: {arrows}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files of a folder that one of them names, as `super::name` or by their whole path.
fn siblings_named(code: &str, folder: &str, stems: &BTreeSet<String>) -> BTreeSet<String> {
    let paths = ["super::".to_owned(), format!("crate::{folder}::")];
    let found = paths.iter().flat_map(|path| {
        code.match_indices(path.as_str()).map(|(at, _)| {
            let rest = code[at + path.len()..].chars();
            let word = rest.take_while(|c| c.is_alphanumeric() || *c == '_');
            word.collect::<String>()
        })
    });
    found.filter(|word| stems.contains(word)).collect()
}

#[test]
fn files_of_a_folder_name_each_other_in_no_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let mut folders: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        if stem == "mod" {
            continue;
        }
        let inner = file.parent().unwrap().strip_prefix(&root).unwrap();
        let folder = inner.to_string_lossy().replace('/', "::");
        let code = product_code(&std::fs::read_to_string(file).unwrap());
        folders.entry(folder).or_default().insert(stem, code);
    }
    let mut arrows = 0;
    for (folder, files) in &folders {
        let stems: BTreeSet<String> = files.keys().cloned().collect();
        let mut left: BTreeMap<&String, BTreeSet<String>> = (files.iter())
            .map(|(stem, code)| {
                let mut named = siblings_named(code, folder, &stems);
                named.remove(stem);
                arrows += named.len();
                (stem, named)
            })
            .collect();
        // A file that names none of those left goes, until none does: what stays is a circle.
        loop {
            let gone: Vec<&String> = (left.iter())
                .filter(|(_, named)| !named.iter().any(|other| left.contains_key(other)))
                .map(|(stem, _)| *stem)
                .collect();
            if gone.is_empty() {
                break;
            }
            for stem in gone {
                left.remove(stem);
            }
        }
        assert!(left.is_empty(), "{folder}: {left:#?}");
    }
    assert!(arrows > 200, "the source was not read: {arrows}");
}

/// Files of the shell that make a state where there is no window: what they set is where it begins.
const WITHOUT_WINDOW: [&str; 2] = ["offscreen.rs", "dataset_headless.rs"];

/// Assignments to a part of the window's state, and calls that change one in place.
fn changes_of_state(code: &str) -> Vec<String> {
    let dense: String = code.split_whitespace().collect();
    let mut found = Vec::new();
    for (at, before) in dense.match_indices("state.") {
        if dense[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &dense[at + before.len()..];
        let path: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.')
            .collect();
        let after = &rest[path.len()..];
        let assigns = ["=", "+=", "-=", "|=", "&="]
            .iter()
            .any(|sign| after.starts_with(sign))
            && !after.starts_with("==")
            && !after.starts_with("=>");
        let last = path.rsplit('.').next().unwrap_or_default();
        let changers = ["clear", "push", "clone_from", "insert", "extend", "retain"];
        let calls = after.starts_with('(') && path.contains('.') && changers.contains(&last);
        if assigns || calls {
            found.push(format!("state.{path}"));
        }
    }
    found
}

#[test]
fn only_commands_events_and_reports_change_the_windows_state() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for room in ["app", "views"] {
        source_files(&root.join(room), &mut files);
    }
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if WITHOUT_WINDOW.contains(&name.as_ref()) {
            continue;
        }
        let text = std::fs::read_to_string(file).unwrap();
        // A worker may call its own shared state by the name, too.
        if text.contains("AppState") {
            let found = changes_of_state(&product_code(&text));
            wrong.extend((found.iter()).map(|change| format!("{}: {change}", file.display())));
        }
    }
    assert!(files.len() > 60, "the source was not read: {}", files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Commands that open or paint the window; `bench` measures it.
const OF_THE_WINDOW: [&str; 4] = ["open.rs", "annotate.rs", "render.rs", "render_dataset.rs"];

#[test]
fn commands_without_a_window_make_a_session_and_no_state_of_a_window() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    source_files(&root, &mut files);
    let mut naming: Vec<String> = (files.iter())
        .filter(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            !file.starts_with(root.join("bench"))
                && !is_test(file)
                && product_code(&text).contains("AppState")
        })
        .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    naming.sort_unstable();
    let mut allowed = OF_THE_WINDOW.map(str::to_owned).to_vec();
    allowed.sort_unstable();
    assert_eq!(naming, allowed);
}

/// Words that name one type each, though several rooms could want them.
const OF_ONE_MEANING: [&str; 8] = [
    "Event",
    "Request",
    "Timeline",
    "ExportMode",
    "Plan",
    "Question",
    "Session",
    "Draw",
];

#[test]
fn a_word_names_one_type() {
    let mut files = Vec::new();
    source_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    for word in OF_ONE_MEANING {
        let mut defined = Vec::new();
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            let lines = text.lines().filter(|line| {
                let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
                let kind = words.find(|word| matches!(*word, "struct" | "enum"));
                line.trim_start().starts_with("pub") && kind.is_some() && words.next() == Some(word)
            });
            defined.extend(lines.map(|line| format!("{}: {line}", file.display())));
        }
        assert_eq!(defined.len(), 1, "{defined:#?}");
    }
}

/// Columns of a line of code, as rustfmt sets it.
const COLUMNS: usize = 100;

#[test]
fn comments_are_no_wider_than_code() {
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        source_files(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut files,
        );
    }
    let mut wide = Vec::new();
    let mut comments = 0;
    for file in &files {
        for (at, line) in std::fs::read_to_string(file).unwrap().lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            comments += usize::from(is_comment);
            // A drawing has the width that it needs.
            if is_comment && line.chars().count() > COLUMNS && !line.contains('─') {
                wide.push(format!("{}:{}", file.display(), at + 1));
            }
        }
    }
    assert!(comments > 5000, "the source was not read: {comments}");
    assert!(wide.is_empty(), "{wide:#?}");
}

#[test]
fn changes_of_state_are_found_over_lines_and_in_calls() {
    let code = "self.state\n    .status = x; state.run(c); if state.page == p {} estate.a = 1;
        state.requests.push(r); state.take(Report::StatusRead); match s { state.a => 1 }";
    assert_eq!(
        changes_of_state(code),
        ["state.status", "state.requests.push"]
    );
}

#[test]
fn names_are_found_however_they_are_imported() {
    let code = product_code(
        "use crate::{media, views::player};\n// crate::cli\nfn f() { crate::state::x() }\n#[cfg(test)]\nmod tests { use crate::app; }",
    );
    let expected = ["media", "state", "views"].map(str::to_owned);
    assert_eq!(rooms_named(&code), BTreeSet::from(expected));
}
