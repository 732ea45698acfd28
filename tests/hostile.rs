//! Files made to ask for much, to lead elsewhere or never to end: each command that reads one
//! refuses it in a sentence.
//!
//! Each runs as a process of its own with limits on memory and processor time, so that a reader
//! that believes a file fails here instead of filling the machine. The files are made here; those
//! beside the checkout, where they are, run too.

#![cfg(target_os = "linux")]

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use summdiff_explorer::testing::{onnx, shared_part};

/// Memory that a command may take (data, not mapped files), in KiB: 512 MB, and what threads
/// reserve for their stacks.
const MOST_KIB: u64 = (512 << 10) + 64 * 1024;
/// Processor time that a command may take, in seconds. A test build computes several times as
/// slowly as the program.
const MOST_CPU_SECS: u64 = 60;

/// Runs the program within limits; the shell sets them.
fn summdiff(home: &Path, args: &[&str]) -> Output {
    let script = format!("ulimit -d {MOST_KIB}; ulimit -t {MOST_CPU_SECS}; exec \"$0\" \"$@\"");
    Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_summdiff")])
        .args(args)
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("SUMMDIFF_DATA_DIR", home.join("data"))
        // As few threads as stacks were counted for.
        .env("RAYON_NUM_THREADS", "2")
        .current_dir(home)
        .output()
        .expect("the program starts")
}

/// The sentence that a command refuses a file with.
fn refusal(home: &Path, args: &[&str]) -> String {
    let output = summdiff(home, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.signal(), None, "{args:?}: {said}");
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    let last = said
        .trim_end()
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned();
    assert!(
        last.starts_with("summdiff: ") && last.len() < 1000,
        "{args:?}: {said}"
    );
    last
}

fn text(path: &Path) -> &str {
    path.to_str()
        .expect("the temporary folder has a plain name")
}

/// Refused by every command that reads annotations, with these words.
fn refused_annotations(home: &Path, file: &Path, words: &str) {
    let file = text(file);
    let said = refusal(home, &["agreement", file]);
    assert!(said.contains(words), "{said}");
    let video = demo();
    let said = refusal(
        home,
        &[
            "analyze",
            text(&video),
            "--annotations",
            file,
            "--json",
            "-",
        ],
    );
    assert!(said.contains(words), "{said}");
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.mp4")
}

#[test]
fn tables_and_texts_that_ask_for_much_are_refused_by_their_limit() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let write = |name: &str, content: &str| {
        let path = home.join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    // Two lines, a day of milliseconds between them.
    let day = write("day.csv", "time_secs,Ann\n0,1\n86399,2\n");
    refused_annotations(home, &day, "scores");
    let names: Vec<String> = (0..1500).map(|n| format!("n{n}")).collect();
    let crowd = write("crowd.csv", &format!("frame,{}\n0,1\n", names.join(",")));
    refused_annotations(home, &crowd, "1000");
    let mut picks = "annotator,start_frame,end_frame\n".to_owned();
    (0..1500).for_each(|n| picks.push_str(&format!("n{n},0,5\n")));
    refused_annotations(home, &write("picks.csv", &picks), "1000");
    let raters: String = (0..1500).map(|_| "v\tc\t1,2,3\n").collect();
    refused_annotations(home, &write("raters.tsv", &raters), "1000");
    let rated = r#"{"name": "a", "scores": [1]}"#;
    let set = |frames: u64, people: usize| {
        let people = vec![rated; people].join(",");
        format!(
            r#"{{"video_id": "v{people:.0}", "frame_count": {frames}, "annotators": [{people}]}}"#
        )
    };
    refused_annotations(
        home,
        &write("one.json", &set(10_368_000, 25)),
        "of one video",
    );
    let many = vec![set(10_000_000, 3); 40].join(",");
    refused_annotations(
        home,
        &write("many.json", &format!("[{many}]")),
        "of one file",
    );
    let objects = vec![r#"{"a":0}"#; 2_000_000].join(",");
    refused_annotations(
        home,
        &write("objects.json", &format!("[{objects}]")),
        "384 MB",
    );
    let tiers: String = (0..8)
        .map(|tier| {
            format!(
                r#"<TIER TIER_ID="t{tier}"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1="a" TIME_SLOT_REF2="b"><ANNOTATION_VALUE>3</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>"#
            )
        })
        .collect();
    let elan = format!(
        r#"<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="86399000"/></TIME_ORDER>{tiers}</ANNOTATION_DOCUMENT>"#
    );
    refused_annotations(home, &write("rated.eaf", &elan), "of one video");
}

#[test]
fn pipes_and_devices_are_refused_wherever_a_file_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let pipe = |name: &str| {
        let path = home.join(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        path
    };
    for name in [
        "a.csv",
        "a.json",
        "a.h5",
        "a.mat",
        "a.summdiff",
        "a.mp4",
        "a.npy",
    ] {
        let path = pipe(name);
        let path = text(&path);
        let commands: &[&[&str]] = match name {
            "a.mp4" => &[&["analyze", path], &["features", path, "-o", "f.npy"]],
            "a.summdiff" => &[
                &["render", path, "-o", "o.png"],
                &["report", path, "-o", "o.html"],
                &["export", path, "-o", "o.edl"],
            ],
            "a.npy" => &[
                &["segment", path],
                &["sample", "--features", path, "-o", "s.npy"],
            ],
            "a.h5" => &[&["evaluate", path], &["agreement", path]],
            "a.json" => &[
                &["metrics", path],
                &["knapsack", path],
                &["agreement", path],
                &["report", path, "-o", "o.html"],
            ],
            _ => &[&["agreement", path]],
        };
        for command in commands {
            let said = refusal(home, command);
            assert!(said.contains("pipe"), "{command:?}: {said}");
        }
    }
    let said = refusal(home, &["agreement", "/dev/zero"]);
    assert!(said.contains("a device"), "{said}");
    // A pipe beside a data set does not keep it from being read.
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/dataset_h5");
    let seed = std::fs::read_dir(seed).unwrap().flatten().next().unwrap();
    std::fs::copy(seed.path(), home.join("set.h5")).unwrap();
    pipe("names.csv");
    let read = summdiff(home, &["agreement", "set.h5"]);
    assert_eq!(read.status.signal(), None);
}

/// A library that ends the process where the HDF5 library would read values; `None` where there is
/// no C compiler.
fn crashing_hdf5(dir: &Path) -> Option<PathBuf> {
    let (source, library) = (dir.join("crash.c"), dir.join("crash.so"));
    let code = "#include <stdlib.h>\nint H5Dread() { abort(); }\n";
    std::fs::write(&source, code).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]);
    let built = compiler.arg(&library).arg(&source).status();
    if built.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    summdiff_explorer::testing::skip("no C compiler");
    None
}

#[test]
fn what_crashes_the_hdf5_library_is_a_sentence_also_in_large_files() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let Some(crash) = crashing_hdf5(home) else {
        return;
    };
    for (name, bytes) in [("small", None), ("large", Some(80 << 20))] {
        let folder = home.join(name);
        std::fs::create_dir(&folder).unwrap();
        let path = summdiff_explorer::testing::dataset::file(&folder, 2, 4).unwrap();
        if let Some(bytes) = bytes {
            // What lies behind the values is nobody's.
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            file.set_len(bytes).unwrap();
        }
        let preload = format!("LD_PRELOAD={}", text(&crash));
        let said = Command::new("env")
            .args([&preload, env!("CARGO_BIN_EXE_summdiff"), "agreement"])
            .arg(&path)
            .env("XDG_CACHE_HOME", home.join("cache"))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(1), "{name}: {words}");
        assert!(words.contains("crashed (signal 6)"), "{name}: {words}");
        let read = summdiff(home, &["agreement", text(&path)]);
        let words = String::from_utf8_lossy(&read.stderr);
        assert_eq!(read.status.code(), Some(0), "{name}: {words}");
    }
}

#[test]
fn settings_of_projects_and_counts_of_analyses_are_held_against_their_limits() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let demo = demo();
    let project = |settings: &str, rest: &str| {
        let path = home.join("p.summdiff");
        let video = serde_json::json!({"path": demo});
        let json =
            format!(r#"{{"version": 2, "video": {video}, "settings": {{{settings}}}{rest}}}"#);
        std::fs::write(&path, json).unwrap();
        path
    };
    let people = vec![r#"{"scores": [1]}"#; 10_000].join(",");
    let crowd = format!(r#", "annotations": {{"frame_count": 9000, "annotators": [{people}]}}"#);
    for (settings, rest, words) in [
        (
            r#""samples": 1000000000000000000"#,
            "",
            "samples must be from 1 to 100000",
        ),
        (
            r#""samples": 1000000000"#,
            "",
            "samples must be from 1 to 100000",
        ),
        (r#""steps": 4000000000"#, "", "steps must be from 1 to 1000"),
        (r#""guidance": 1e300"#, "", "guidance must be"),
        (r#""samples": 3"#, &crowd, "more than the 1000"),
    ] {
        let path = project(settings, rest);
        for command in ["render", "report", "export"] {
            let out = match command {
                "render" => "o.png",
                "report" => "o.html",
                _ => "o.edl",
            };
            let said = refusal(home, &[command, text(&path), "-o", out]);
            assert!(said.contains(words), "{said}");
        }
    }
    let seed = include_bytes!("fuzz/seeds/analysis/demo.json");
    let mut analysis: serde_json::Value = serde_json::from_slice(seed).unwrap();
    let kind = analysis["alternatives"][0].clone();
    analysis["alternatives"] = vec![kind; 40_000].into();
    let path = home.join("a.json");
    std::fs::write(&path, analysis.to_string()).unwrap();
    let said = refusal(home, &["report", text(&path), "-o", "o.html"]);
    assert!(said.contains("40000 alternatives, more than 100"), "{said}");
}

#[test]
fn playlists_are_refused_under_any_name() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let demo = demo();
    for (name, content) in [
        (
            "a.mp4",
            format!("#EXTM3U\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", text(&demo)),
        ),
        (
            "b.mp4",
            format!("ffconcat version 1.0\nfile {}\n", text(&demo)),
        ),
    ] {
        let path = home.join(name);
        std::fs::write(&path, content).unwrap();
        let said = refusal(home, &["analyze", text(&path), "--json", "-"]);
        assert!(
            said.contains("a playlist, which names other files"),
            "{said}"
        );
    }
}

#[test]
fn networks_that_never_end_or_fill_the_memory_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let shape = onnx::BundleShape::default();
    let spoiled: [(&str, Vec<u8>, &str); 2] = [
        (
            "endless",
            onnx::endless_encoder(shape.dim, shape.hidden),
            "did not end",
        ),
        (
            "enormous",
            onnx::enormous_encoder(shape.dim, shape.hidden),
            "memory",
        ),
    ];
    for (name, encoder, words) in spoiled {
        let bundle = home.join(name);
        shape.write(&bundle).unwrap();
        std::fs::write(bundle.join("encoder.onnx"), encoder).unwrap();
        onnx::write_manifest(&bundle, &shape.manifest()).unwrap();
        let said = refusal(home, &["models", "verify", text(&bundle)]);
        assert!(said.contains(words), "{name}: {said}");
    }
}

#[test]
fn a_bundle_that_stood_its_trial_is_not_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = dir.path().join("sound");
    onnx::BundleShape::default().write(&bundle).unwrap();
    let verify = || summdiff(dir.path(), &["models", "verify", text(&bundle)]);
    let marks = || {
        std::fs::read_dir(dir.path().join("cache/summdiff/tried")).map_or(0, |marks| marks.count())
    };
    assert_eq!(marks(), 0);
    for _ in 0..2 {
        let output = verify();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(marks(), 1);
    }
}

#[test]
fn manifests_and_arrays_that_ask_for_much_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let shape = onnx::BundleShape::default();
    type Change = fn(&mut serde_json::Value);
    let changes: [(Change, &str); 6] = [
        (
            |m| {
                m["extractor"]["resize"] =
                    serde_json::json!({"mode": "shorter_side", "size": u32::MAX})
            },
            "2048",
        ),
        (
            |m| m["extractor"]["input_size"] = serde_json::json!([4096, 4096]),
            "1024",
        ),
        (|m| m["extractor"]["sampling_fps"] = 1e300.into(), "1000"),
        (|m| m["defaults"]["guidance"] = 1e300.into(), "1000"),
        (|m| m["max_frames"] = (1u64 << 63).into(), "1000000"),
        (|m| m["encoder"]["hidden"] = 1_000_000_000.into(), "16384"),
    ];
    let bundle = home.join("bundle");
    for (change, words) in changes {
        shape.write(&bundle).unwrap();
        let mut manifest = shape.manifest();
        change(&mut manifest);
        onnx::write_manifest(&bundle, &manifest).unwrap();
        let said = refusal(home, &["models", "verify", text(&bundle)]);
        assert!(said.contains(words), "{said}");
    }
    // 4 TB in 192 bytes.
    let mut array = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }".to_vec();
    array.resize(127, b' ');
    array.push(b'\n');
    array.resize(192, 0);
    std::fs::write(bundle.join("null_video.npy"), &array).unwrap();
    onnx::write_manifest(&bundle, &shape.manifest()).unwrap();
    let said = refusal(home, &["models", "verify", text(&bundle)]);
    assert!(said.contains("more values than its bytes"), "{said}");
    let file = home.join("f.npy");
    std::fs::write(&file, &array).unwrap();
    let said = refusal(home, &["segment", text(&file)]);
    assert!(said.contains("absurd size"), "{said}");
}

#[test]
fn names_are_printed_and_not_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let output = summdiff(dir.path(), &["agreement", "no\u{1b}]0;x\u{7}such.csv"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("such.csv"), "{said}");
    assert!(
        !said.trim_end().contains(|c: char| c.is_control()),
        "{said:?}"
    );
}

/// The files beside the checkout, each in the place it was made for.
#[test]
fn known_files_are_refused() {
    let Some(files) = shared_part("cases/hostile") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let lite = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/lite");
    for entry in std::fs::read_dir(&files).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let mut bytes = std::fs::read(entry.path()).unwrap();
        let name = match name.strip_suffix(".gz") {
            Some(plain) => {
                let mut unpacked = Vec::new();
                flate2::read::GzDecoder::new(&bytes[..])
                    .read_to_end(&mut unpacked)
                    .unwrap();
                bytes = unpacked;
                plain.to_owned()
            }
            None => name,
        };
        let path = home.join(&name);
        std::fs::write(&path, &bytes).unwrap();
        let path = text(&path);
        let ending = name.rsplit('.').next().unwrap_or_default();
        let commands: Vec<Vec<&str>> = if name.starts_with("bundle_") || ending == "onnx" {
            let bundle = home.join("bundle");
            let manifest = put_into_bundle(&lite, &bundle, &name, &bytes);
            std::fs::write(bundle.join("bundle.json"), manifest).unwrap();
            vec![vec!["models", "verify", "bundle"]]
        } else {
            match ending {
                "h5" => vec![
                    vec!["agreement", path],
                    vec!["evaluate", path],
                    vec!["report", path, "-o", "o.html"],
                ],
                "mp4" => vec![vec!["analyze", path, "--json", "-"]],
                "summdiff" => vec![
                    vec!["render", path, "-o", "o.png"],
                    vec!["report", path, "-o", "o.html"],
                    vec!["export", path, "-o", "o.edl"],
                ],
                "json" if name.starts_with("analysis_") => {
                    vec![vec!["report", path, "-o", "o.html"]]
                }
                "json" | "csv" | "mat" | "eaf" => vec![vec!["agreement", path]],
                _ => continue,
            }
        };
        for command in commands {
            eprintln!("{name}: {}", refusal(home, &command));
        }
    }
}

/// Copies a bundle with one file of it exchanged, and returns the manifest that states the new
/// file's hash.
fn put_into_bundle(from: &Path, to: &Path, name: &str, bytes: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    if name.ends_with(".json") {
        return bytes.to_vec();
    }
    let file = if name.ends_with(".npy") {
        "null_video.npy"
    } else {
        "extractor.onnx"
    };
    std::fs::write(to.join(file), bytes).unwrap();
    let manifest = std::fs::read(from.join("bundle.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    manifest["files"][file] = format!("{:x}", Sha256::digest(bytes)).into();
    // The test's extractors are of another opset.
    manifest["extractor"]["opset"] = serde_json::Value::Null;
    serde_json::to_vec(&manifest).unwrap()
}
