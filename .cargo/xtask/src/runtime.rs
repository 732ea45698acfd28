//! The ONNX Runtime library: taken out of its Python wheel, pinned by hash, into
//! `vendor/onnxruntime`.
//!
//! What this does not do: it compiles nothing and touches nothing outside `vendor/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Outcome, root, say};

/// One wheel of the Python package; the Python version in it does not matter, only its shared
/// libraries are used.
struct Wheel {
    package: &'static str,
    version: &'static str,
    /// Platform tag as pip spells it.
    platform: &'static str,
    sha256: &'static str,
}

const LINUX_X86_64: Wheel = Wheel {
    package: "onnxruntime",
    version: "1.32.0",
    platform: "manylinux_2_28_x86_64",
    sha256: "99e1074c4b2197accd5073052a465361be17b89c093b8ffb6e6bd8f986c52df8",
};
const LINUX_AARCH64: Wheel = Wheel {
    package: "onnxruntime",
    version: "1.32.0",
    platform: "manylinux_2_28_aarch64",
    sha256: "e36c187006e7a7c8b8d6d57f1a209dd63f52430dca6c282b177718ad6b841054",
};
const MACOS_ARM64: Wheel = Wheel {
    package: "onnxruntime",
    version: "1.32.0",
    platform: "macosx_14_0_arm64",
    sha256: "d52510bbbcc880c13b826f7d75cdf33ac5cf0bb864d960000fc29ce73f0cb83e",
};
/// The newest release with a CUDA build; it wants CUDA 13 and cuDNN 9.
const LINUX_X86_64_GPU: Wheel = Wheel {
    package: "onnxruntime-gpu",
    version: "1.31.1",
    platform: "manylinux_2_28_x86_64",
    sha256: "05d548956197b9d01f59b625de740e0d6be3593f874e241a12dc0362650ecdf7",
};

/// First NVIDIA driver that runs CUDA 13.
const OLDEST_CUDA_13_DRIVER: u32 = 580;
/// What the CUDA build loads beside itself.
const CUDA_LIBRARIES: [&str; 5] = [
    "libcudart.so.13",
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcurand.so.10",
    "libcudnn.so.9",
];

const UNPACK: &str = include_str!("unpack.py");

impl Wheel {
    /// The line that tells what is installed; another line means that it must be installed anew.
    fn stamp(&self) -> String {
        format!(
            "{} {} {} sha256:{}",
            self.package, self.version, self.platform, self.sha256
        )
    }
}

/// Where the library lies, or will lie.
pub fn library() -> PathBuf {
    if let Some(own) = own_library() {
        return own;
    }
    let name = if cfg!(target_os = "macos") {
        "libonnxruntime.dylib"
    } else {
        "libonnxruntime.so"
    };
    root().join("vendor/onnxruntime/lib").join(name)
}

/// Whether the wanted library is in place already.
pub fn is_there() -> bool {
    own_library().is_some() || choose().is_some_and(|wheel| is_installed(&wheel))
}

/// Downloads and unpacks the library unless it is there.
///
/// # Errors
/// When the platform has no wheel, pip fails, or the hash differs.
pub fn provide() -> Outcome {
    if is_there() {
        return Ok(());
    }
    let Some(wheel) = choose() else {
        return Err(format!(
            "There is no ready ONNX Runtime for {} on {}: build or download one and name its file in ORT_DYLIB_PATH.",
            std::env::consts::OS,
            std::env::consts::ARCH
        ));
    };
    let vendor = root().join("vendor");
    let work = vendor.join("onnxruntime.part");
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work)
        .map_err(|error| format!("{} cannot be made: {error}.", work.display()))?;
    say(&format!(
        "downloading {} {} (its checksum is pinned)",
        wheel.package, wheel.version
    ));
    let file = download(&wheel, &work)?;
    say("unpacking the library into vendor/onnxruntime");
    let unpacked = work.join("unpacked");
    shell::run(
        Command::new("python3")
            .args(["-c", UNPACK])
            .arg(&file)
            .arg(&unpacked),
    )?;
    write(&unpacked.join("installed.txt"), &wheel.stamp())?;
    let home = vendor.join("onnxruntime");
    let _ = std::fs::remove_dir_all(&home);
    std::fs::rename(&unpacked, &home)
        .map_err(|error| format!("{} cannot be put in place: {error}.", home.display()))?;
    let _ = std::fs::remove_dir_all(&work);
    if wheel.package == LINUX_X86_64_GPU.package {
        tell_cuda_needs();
    }
    Ok(())
}

fn download(wheel: &Wheel, folder: &Path) -> Outcome<PathBuf> {
    let requirements = folder.join("requirements.txt");
    write(
        &requirements,
        &format!(
            "{}=={} --hash=sha256:{}\n",
            wheel.package, wheel.version, wheel.sha256
        ),
    )?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    ])
    .args([
        "--only-binary=:all:",
        "--implementation",
        "cp",
        "--python-version",
        "3.12",
        "--abi",
        "cp312",
    ])
    .args(["--platform", wheel.platform])
    .arg("--requirement")
    .arg(&requirements)
    .arg("--dest")
    .arg(folder);
    shell::run(&mut pip).map_err(|_| {
        format!(
            "Downloading {} {} failed: look at the network and at pip's settings, or name a library you have in ORT_DYLIB_PATH.",
            wheel.package, wheel.version
        )
    })?;
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("{} cannot be read: {error}.", folder.display()))?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| format!("pip left no wheel in {}: try again.", folder.display()))
}

/// The library the person named, if that file is there.
fn own_library() -> Option<PathBuf> {
    std::env::var_os("ORT_DYLIB_PATH")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
}

fn is_installed(wheel: &Wheel) -> bool {
    let home = root().join("vendor/onnxruntime");
    let stamp = std::fs::read_to_string(home.join("installed.txt")).unwrap_or_default();
    stamp.trim() == wheel.stamp() && library().is_file()
}

fn choose() -> Option<Wheel> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") if wants_gpu() => Some(LINUX_X86_64_GPU),
        ("linux", "x86_64") => Some(LINUX_X86_64),
        ("linux", "aarch64") => Some(LINUX_AARCH64),
        ("macos", "aarch64") => Some(MACOS_ARM64),
        _ => None,
    }
}

fn wants_gpu() -> bool {
    match std::env::var("SUMMDIFF_RUNTIME").as_deref() {
        Ok("gpu") => true,
        Ok("cpu") => false,
        _ => nvidia_driver().is_some_and(|major| major >= OLDEST_CUDA_13_DRIVER),
    }
}

/// Major version of the loaded NVIDIA driver.
fn nvidia_driver() -> Option<u32> {
    let text = std::fs::read_to_string("/proc/driver/nvidia/version").ok()?;
    driver_major(&text)
}

/// `NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  …` → 580.
fn driver_major(text: &str) -> Option<u32> {
    text.lines().next()?.split_whitespace().find_map(|word| {
        let (major, rest) = word.split_once('.')?;
        rest.starts_with(|c: char| c.is_ascii_digit())
            .then(|| major.parse().ok())?
    })
}

fn tell_cuda_needs() {
    let list = ["/sbin/ldconfig", "ldconfig"]
        .iter()
        .find_map(|program| shell::output_of(program, &["-p"]))
        .unwrap_or_default();
    let missing: Vec<&str> = CUDA_LIBRARIES
        .into_iter()
        .filter(|name| !list.contains(name))
        .collect();
    if missing.is_empty() {
        say("this is the CUDA build, and its CUDA 13 and cuDNN 9 libraries were found");
    } else {
        say(&format!(
            "this is the CUDA build; it computes on the GPU once the CUDA 13 and cuDNN 9 libraries are installed (missing: {}). Until \
             then the program computes on the CPU and says so.",
            missing.join(", ")
        ));
    }
}

fn write(file: &Path, text: &str) -> Outcome {
    std::fs::write(file, text)
        .map_err(|error| format!("{} cannot be written: {error}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_version_is_read_from_either_kernel_module() {
        let closed = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version:  gcc 12.2.0";
        let open = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (dvs)  Sun Jul 27 2025";
        assert_eq!(driver_major(closed), Some(535));
        assert_eq!(driver_major(open), Some(580));
        assert_eq!(driver_major("nothing of the kind"), None);
    }

    #[test]
    fn every_pinned_hash_is_whole() {
        for wheel in [LINUX_X86_64, LINUX_AARCH64, MACOS_ARM64, LINUX_X86_64_GPU] {
            assert_eq!(wheel.sha256.len(), 64);
            assert!(wheel.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}
