//! Every fault of a bundle gives one sentence that names the file and the fix.

use std::io::Write;

use std::fs::File;

use super::*;
use crate::testing::onnx::{self, BundleShape, DenoiserShape, Graph, write_manifest};

/// A sound bundle in a folder of its own.
fn sound() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("tiny");
    BundleShape::default().write(&dir).unwrap();
    (parent, dir)
}

/// The sentence that opening gives, which must name `file`.
fn fault(dir: &Path, file: &str) -> String {
    let message = Bundle::open(dir).unwrap_err().to_string();
    assert!(message.contains(file), "{message}");
    assert!(!message.contains('\n'), "{message}");
    message
}

fn replace(dir: &Path, file: &str, bytes: &[u8], edit: impl Fn(&mut serde_json::Value)) {
    std::fs::write(dir.join(file), bytes).unwrap();
    let mut manifest = BundleShape::default().manifest();
    edit(&mut manifest);
    write_manifest(dir, &manifest).unwrap();
}

#[test]
fn a_sound_bundle_opens_by_folder_manifest_and_archive() {
    let (parent, dir) = sound();
    let bundle = Bundle::open(&dir).unwrap();
    assert_eq!(bundle.reference().name, "tiny");
    assert_eq!(bundle.sha256().len(), 64);
    assert_eq!(
        Bundle::open(&dir.join(MANIFEST)).unwrap().sha256(),
        bundle.sha256()
    );
    let archive = parent.path().join("tiny.zip");
    let mut zip = zip::ZipWriter::new(File::create(&archive).unwrap());
    for entry in std::fs::read_dir(&dir).unwrap().map(Result::unwrap) {
        let name = format!("tiny/{}", entry.file_name().to_string_lossy());
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&std::fs::read(entry.path()).unwrap())
            .unwrap();
    }
    zip.finish().unwrap();
    let unpacked = unpack(&archive, &parent.path().join("unpacked"), ARCHIVE_LIMITS).unwrap();
    assert_eq!(Bundle::open(&unpacked).unwrap().sha256(), bundle.sha256());
}

#[test]
fn a_result_finds_the_bundle_that_made_it_under_whatever_name_it_lies() {
    let (parent, dir) = sound();
    let (old, new) = (parent.path().join("tiny-1"), parent.path().join("other"));
    std::fs::rename(&dir, &old).unwrap();
    let mut manifest = BundleShape::default().manifest();
    manifest["version"] = "9.0.0".into();
    std::fs::create_dir(&new).unwrap();
    for entry in std::fs::read_dir(&old).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), new.join(entry.file_name())).unwrap();
    }
    write_manifest(&new, &manifest).unwrap();
    let listed = |dir: &Path| Listed {
        name: dir.file_name().unwrap().to_string_lossy().into_owned(),
        dir: dir.to_owned(),
        bundle: Bundle::open_unchecked(dir),
    };
    let all = [listed(&new), listed(&old)];
    let made_by = |dir: &Path| Bundle::open_unchecked(dir).unwrap().reference();
    assert_eq!(name_among(&made_by(&old), &all), "tiny-1");
    assert_eq!(name_among(&made_by(&new), &all), "other");
    let mut rebuilt = made_by(&old);
    rebuilt.sha256 = "0".repeat(64);
    assert_eq!(name_among(&rebuilt, &all), "tiny-1");
    rebuilt.version = "3.0.0".to_owned();
    assert_eq!(name_among(&rebuilt, &all), "tiny");
}

#[test]
fn a_changed_or_missing_file_is_named() {
    let (_parent, dir) = sound();
    let encoder = dir.join("encoder.onnx");
    let mut bytes = std::fs::read(&encoder).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&encoder, bytes).unwrap();
    assert!(fault(&dir, "encoder.onnx").contains("SHA-256"));
    std::fs::remove_file(encoder).unwrap();
    assert!(fault(&dir, "encoder.onnx").contains("missing"));
}

#[test]
fn a_file_that_is_not_listed_is_not_trusted() {
    let (_parent, dir) = sound();
    let path = dir.join(MANIFEST);
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["files"]
        .as_object_mut()
        .unwrap()
        .remove("denoiser.onnx");
    std::fs::write(&path, manifest.to_string()).unwrap();
    assert!(fault(&dir, "denoiser.onnx").contains("not listed"));
}

#[test]
fn a_manifest_that_is_not_one_is_explained() {
    let (_parent, dir) = sound();
    let sentences: [(&[u8], &str); 4] = [
        (b"<html>", "not JSON"),
        (b"{\"format\": 9}", "format is 9"),
        (b"{}", "no \"format\""),
        (b"{\"format\": 1, \"name\": \"x\"}", "missing field"),
    ];
    for (json, expected) in sentences {
        std::fs::write(dir.join(MANIFEST), json).unwrap();
        let message = fault(&dir, "bundle.json");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_file_name_that_leads_out_is_refused() {
    let (_parent, dir) = sound();
    let mut manifest = BundleShape::default().manifest();
    manifest["encoder"]["file"] = "../encoder.onnx".into();
    write_manifest(&dir, &manifest).unwrap();
    assert!(fault(&dir, "bundle.json").contains("not a plain file name"));
}

#[test]
fn a_wrong_opset_is_named_with_the_stated_one() {
    let (_parent, dir) = sound();
    let scorer = Graph::new()
        .input("features", onnx_float(), &[None, Some(12)])
        .node("Tanh", &["features"], &["memory"])
        .output("memory", onnx_float(), &[None, Some(12)]);
    replace(&dir, "encoder.onnx", &scorer.model(13), |_| {});
    let message = fault(&dir, "encoder.onnx");
    assert!(
        message.contains("opset 13") && message.contains("states 17"),
        "{message}"
    );
    replace(&dir, "encoder.onnx", &scorer.model(99), |m| {
        m["opset"] = 99.into()
    });
    let message = fault(&dir, ".onnx");
    assert!(message.contains("opset"), "{message}");
}

fn onnx_float() -> i64 {
    FLOAT
}

#[test]
fn missing_outputs_and_wrong_ranks_sizes_and_types_are_named() {
    let (_parent, dir) = sound();
    let missing = Graph::new()
        .input("features", FLOAT, &[None, Some(12)])
        .node("Tanh", &["features"], &["out"])
        .output("out", FLOAT, &[None, Some(12)])
        .model(17);
    replace(&dir, "encoder.onnx", &missing, |_| {});
    let message = fault(&dir, "encoder.onnx");
    assert!(
        message.contains("no output \"memory\"") && message.contains("it has out"),
        "{message}"
    );

    let rank = Graph::new()
        .input("features", FLOAT, &[None, None, Some(12)])
        .node("Tanh", &["features"], &["memory"])
        .output("memory", FLOAT, &[None, None, Some(12)])
        .model(17);
    replace(&dir, "encoder.onnx", &rank, |_| {});
    let message = fault(&dir, "encoder.onnx");
    assert!(
        message.contains("must be float32 [any, 12], but is float32 [any, any, 12]"),
        "{message}"
    );

    replace(&dir, "encoder.onnx", &onnx::encoder(9, 6), |_| {});
    let message = fault(&dir, "encoder.onnx");
    assert!(
        message.contains("[any, 12]") && message.contains("[any, 9]"),
        "{message}"
    );

    replace(&dir, "encoder.onnx", b"rubbish", |_| {});
    assert!(fault(&dir, "encoder.onnx").contains("not a valid ONNX"));

    BundleShape::default().write(&dir).unwrap();
    let mut manifest = BundleShape::default().manifest();
    manifest["denoiser"]["attention"] = true.into();
    write_manifest(&dir, &manifest).unwrap();
    assert!(fault(&dir, "denoiser.onnx").contains("no output \"attention\""));
}

#[test]
fn a_k_that_does_not_fit_the_table_is_named() {
    let (_parent, dir) = sound();
    let bytes = onnx::denoiser(20, 6, DenoiserShape::default());
    replace(&dir, "denoiser.onnx", &bytes, |m| m["k"] = 200.into());
    let message = fault(&dir, "denoiser.onnx");
    assert!(
        message.contains("21 rows") && message.contains("k = 200") && message.contains("201"),
        "{message}"
    );
}

#[test]
fn an_extractor_that_does_not_fit_the_encoder_is_named() {
    let (_parent, dir) = sound();
    let mut manifest = BundleShape::default().manifest();
    manifest["extractor"]["dim"] = 99.into();
    write_manifest(&dir, &manifest).unwrap();
    let message = fault(&dir, "bundle.json");
    assert!(
        message.contains("99 values") && message.contains("takes 12"),
        "{message}"
    );
}

#[test]
fn a_file_beyond_the_limit_is_refused_by_its_size_alone() {
    let (_parent, dir) = sound();
    // A sparse file: 3 GB in name, nothing on disk. Reading it would take seconds and 3 GB of
    // memory.
    let file = File::options()
        .write(true)
        .open(dir.join("denoiser.onnx"))
        .unwrap();
    file.set_len(3 << 30).unwrap();
    let message = fault(&dir, "denoiser.onnx");
    assert!(
        message.contains("3072 MiB") && message.contains("2048 MiB"),
        "{message}"
    );
}

#[test]
fn a_name_that_is_nowhere_says_where_it_was_looked_for() {
    let message = Bundle::find("no-such-bundle").unwrap_err().to_string();
    assert!(
        message.contains("no-such-bundle") && message.contains("models list"),
        "{message}"
    );
    let message = Bundle::find("/nowhere/at/all").unwrap_err().to_string();
    assert!(message.contains("/nowhere/at/all"), "{message}");
}

#[test]
fn hostile_archives_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, entries: &[(&str, &[u8])]| {
        let path = dir.path().join(name);
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (entry, bytes) in entries {
            let options = zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Deflated);
            zip.start_file(*entry, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    };
    let target = dir.path().join("unpacked");
    let message = |archive: &Path| {
        unpack(archive, &target, ARCHIVE_LIMITS)
            .unwrap_err()
            .to_string()
    };

    let escape = message(&write("escape.zip", &[("../../evil.onnx", b"x")]));
    assert!(escape.contains("leads out"), "{escape}");
    assert!(!dir.path().join("evil.onnx").exists());

    let bomb = message(&write(
        "bomb.zip",
        &[("bundle.json", b"{}"), ("zeros", &vec![0; 40 << 20])],
    ));
    assert!(bomb.contains("unpacks to more than"), "{bomb}");

    let many: Vec<String> = (0..70).map(|i| format!("file{i}")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    assert!(message(&write("many.zip", &many)).contains("70 entries"));

    assert!(message(&write("empty.zip", &[("readme", b"x")])).contains("no bundle.json"));

    let text = dir.path().join("text.zip");
    std::fs::write(&text, "hello").unwrap();
    assert!(message(&text).contains("not a .zip"));
    let left: Vec<_> = std::fs::read_dir(&target).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
