//! `summdiff sample` and `summdiff models` as a script uses them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ndarray::{Array2, Array3};
use ndarray_npy::{NpzReader, read_npy, write_npy};

fn summdiff() -> Command {
    Command::new(env!("CARGO_BIN_EXE_summdiff"))
}

fn sampling_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/sampling")
        .join(name)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Writes the recorded features and noise as files and returns the recorded scores.
fn recorded(dir: &Path) -> Array2<f32> {
    let file = std::fs::File::open(sampling_data("tiny-expected.npz")).unwrap();
    let mut npz = NpzReader::new(file).unwrap();
    let names = npz.names().unwrap();
    let stored = |name: &str| {
        let with_ending = format!("{name}.npy");
        names
            .iter()
            .find(|n| *n == name || **n == with_ending)
            .unwrap()
            .clone()
    };
    let features: Array2<f32> = npz.by_name(&stored("features")).unwrap();
    let initial: Array2<f32> = npz.by_name(&stored("initial_noise")).unwrap();
    let steps: Array3<f32> = npz.by_name(&stored("step_noise")).unwrap();
    write_npy(dir.join("features.npy"), &features).unwrap();
    write_npy(dir.join("initial.npy"), &initial).unwrap();
    write_npy(dir.join("steps.npy"), &steps).unwrap();
    npz.by_name(&stored("scores")).unwrap()
}

#[test]
fn recorded_noise_gives_recorded_scores_by_both_methods() {
    let dir = tempfile::tempdir().unwrap();
    let expected = recorded(dir.path());
    for method in ["direct", "table"] {
        let output = summdiff()
            .args(["sample", "--method", method, "--bundle"])
            .arg(sampling_data("tiny-bundle"))
            .arg("--features")
            .arg(dir.path().join("features.npy"))
            .arg("--initial-noise")
            .arg(dir.path().join("initial.npy"))
            .arg("--step-noise")
            .arg(dir.path().join("steps.npy"))
            .arg("--indices")
            .arg(dir.path().join(format!("{method}.npy")))
            .arg("-o")
            .arg(dir.path().join("scores.npy"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let found: Array2<f32> = read_npy(dir.path().join("scores.npy")).unwrap();
        assert_eq!(found.dim(), expected.dim());
        let off = found
            .iter()
            .zip(&expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(off <= 5e-6, "{method}: {off}");
    }
    let indices = |method: &str| -> Array3<i32> {
        read_npy(dir.path().join(format!("{method}.npy"))).unwrap()
    };
    assert_eq!(indices("direct"), indices("table"));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let dir = tempfile::tempdir().unwrap();
    recorded(dir.path());
    let draw = |name: &str, seed: &str| {
        let output = summdiff()
            .args(["sample", "--samples", "40", "--seed", seed, "--bundle"])
            .arg(sampling_data("tiny-bundle"))
            .arg("--features")
            .arg(dir.path().join("features.npy"))
            .arg("-o")
            .arg(dir.path().join(name))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        std::fs::read(dir.path().join(name)).unwrap()
    };
    let first = draw("a.npy", "7");
    assert_eq!(first, draw("b.npy", "7"));
    assert_ne!(first, draw("c.npy", "8"));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 6, "{left:?}");
}

#[test]
fn faults_are_one_sentence_and_exit_code_one() {
    let dir = tempfile::tempdir().unwrap();
    recorded(dir.path());
    std::fs::write(dir.path().join("text.npy"), "hello").unwrap();
    let sample = |bundle: &Path, features: &str, more: &[&str]| {
        let output = summdiff()
            .args(["sample", "--device", "cpu", "--bundle"])
            .arg(bundle)
            .arg("--features")
            .arg(dir.path().join(features))
            .arg("-o")
            .arg(dir.path().join("out.npy"))
            .args(more)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(!dir.path().join("out.npy").exists());
        let said = said(&output);
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        said
    };
    let bundle = sampling_data("tiny-bundle");
    assert!(sample(&bundle, "absent.npy", &[]).contains("absent.npy"));
    assert!(sample(&bundle, "text.npy", &[]).contains("text.npy is not a NumPy array"));
    assert!(sample(&bundle, "initial.npy", &[]).contains("values a frame"));
    assert!(sample(Path::new("no-such-bundle"), "features.npy", &[]).contains("models list"));
    let features = std::fs::read(dir.path().join("features.npy")).unwrap();
    let cut_short = dir.path().join("short.npy");
    std::fs::write(&cut_short, &features[..features.len() - 8]).unwrap();
    assert!(sample(&bundle, "short.npy", &[]).contains("ends before"));
    let mut holed = features;
    let last = holed.len() - 4;
    holed[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(dir.path().join("nan.npy"), &holed).unwrap();
    assert!(sample(&bundle, "nan.npy", &[]).contains("nan.npy holds values that are not finite"));
    let other = dir.path().join("other.npy");
    write_npy(&other, &Array2::<f32>::zeros((1, 2))).unwrap();
    let (other, steps) = (other, dir.path().join("steps.npy"));
    let noise = [
        "--initial-noise",
        other.to_str().unwrap(),
        "--step-noise",
        steps.to_str().unwrap(),
    ];
    let said = sample(&bundle, "features.npy", &noise);
    assert!(
        said.contains("other.npy") && said.contains("steps.npy"),
        "{said}"
    );
}

#[test]
fn a_missing_runtime_is_a_sentence_with_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    recorded(dir.path());
    let output = summdiff()
        .args(["sample", "--bundle"])
        .arg(sampling_data("tiny-bundle"))
        .arg("--features")
        .arg(dir.path().join("features.npy"))
        .arg("-o")
        .arg(dir.path().join("out.npy"))
        .env("ORT_DYLIB_PATH", "/nowhere/libonnxruntime.so")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("cargo xtask setup"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_window_on_a_bundle_that_is_not_there_is_a_sentence() {
    let output = summdiff()
        .args(["open", "--bundle", "no-such/bundle"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    assert!(
        said.contains("no-such/bundle") && said.contains("models list"),
        "{said}"
    );
}

#[test]
fn bundles_are_listed_verified_and_located() {
    let data = tempfile::tempdir().unwrap();
    let bundles = data.path().join("bundles");
    let copy = |name: &str| {
        let target = bundles.join(name);
        std::fs::create_dir_all(&target).unwrap();
        for entry in std::fs::read_dir(sampling_data("tiny-bundle"))
            .unwrap()
            .map(Result::unwrap)
        {
            std::fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
        }
        target
    };
    let (sound, damaged) = (copy("sound"), copy("damaged"));
    std::fs::write(damaged.join("encoder.onnx"), "something else").unwrap();
    let run = |args: &[&str]| {
        summdiff()
            .arg("models")
            .args(args)
            .env("SUMMDIFF_DATA_DIR", data.path())
            .output()
            .unwrap()
    };
    let out = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let list = run(&["list", "--json", "-"]);
    let listed: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let names: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|line| line["name"].as_str())
        .collect();
    assert!(
        names.contains(&"sound") && names.contains(&"damaged"),
        "{names:?}"
    );
    assert!(out(&run(&["list"])).contains("models install googlenet"));

    let verified = run(&["verify", "sound"]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert!(out(&verified).starts_with("sound: sound ("));
    let verified = run(&["verify", "sound", "damaged"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(said(&verified).contains("SHA-256") && said(&verified).contains("1 of 2 bundles"));

    let path = run(&["path", "sound"]);
    assert_eq!(out(&path).trim_end(), sound.display().to_string());
    let install = run(&["install", "alexnet"]);
    assert!(said(&install).contains("googlenet"));
}

#[test]
fn bench_tells_every_measure_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let video = dir.path().join("clip.mp4");
    summdiff_explorer::testing::ffmpeg([
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=160x96:r=25:d=4",
        "-c:v",
        "libx264",
        "-g",
        "25",
        video.to_str().unwrap(),
    ]);
    let output = summdiff()
        .args(["bench", "--few", "--runs", "1", "--samples", "20"])
        .args(["--steps", "2", "--progress", "none", "--json", "-"])
        .arg(&video)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in [
        "decode_and_features",
        "load_networks",
        "first_samples",
        "all_samples",
        "table_samples",
        "seek_near",
        "seek_exact",
        "seek_decoding",
        "seek_overhead",
        "frame_p50",
        "frame_p99",
        "frame_p50_many_samples",
        "frame_p99_many_samples",
        "slider_move",
        "first_frame",
        "knapsack",
        "clustering",
        "distribution",
        "tau_b",
        "kts",
    ] {
        let measure = &report["measures"][key];
        assert!(measure.is_object(), "{key} is missing");
        // A number, or the reason why there is none.
        let told = measure["wall_secs"].is_number() || measure["not_measured"].is_string();
        assert!(told, "{key}: {measure}");
    }
    for stage in ["probe", "decode", "extract", "segment", "sample", "select"] {
        assert!(report["stages_secs"][stage].as_f64().unwrap() > 0.0);
    }
    assert_eq!(report["video"]["frame_count"], 100);
    // Short videos are sampled more densely.
    assert_eq!(report["video"]["picks"], 40);
    #[cfg(target_os = "linux")]
    assert!(report["peak_memory_bytes"]["after_analysis"].as_u64() > Some(1 << 20));
}
