//! What the machine must have, how to tell whether it is there, and which package brings it.
//!
//! The questions are about abilities (`pkg-config` knows the library, the loader finds it), not
//! about packages, so that a library built by hand or brought by another package counts, and asking
//! takes milliseconds.

use std::path::Path;

use crate::packages::Manager;
use crate::shell::{find_program, output_of, succeeds};

/// How to tell that a need is met.
pub enum Probe {
    /// Any of these programs is on `PATH`.
    Program(&'static [&'static str]),
    /// `pkg-config` knows any of these modules.
    PkgConfig(&'static [&'static str]),
    /// The dynamic loader finds this library (Linux; elsewhere the system or the package manager
    /// sees to it).
    Library(&'static str),
    /// libclang and its own headers, for generating the FFmpeg bindings.
    Libclang,
    /// Any Vulkan driver, be it the software one.
    VulkanDriver,
    /// Certificates, without which nothing can be downloaded.
    Certificates,
    /// `pip` of the system's Python, or its `venv` with pip.
    PythonModule(&'static str),
}

/// One thing the machine must have.
pub struct Need {
    /// What it is, for the person.
    pub what: &'static str,
    pub probe: Probe,
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    pacman: &'static [&'static str],
    brew: &'static [&'static str],
}

impl Need {
    /// Packages that bring it; empty where the system always has it or the manager knows no such
    /// package.
    pub fn packages(&self, manager: Manager) -> &'static [&'static str] {
        match manager {
            Manager::Apt => self.apt,
            Manager::Dnf => self.dnf,
            Manager::Pacman => self.pacman,
            Manager::Brew => self.brew,
        }
    }
}

macro_rules! need {
    ($what:literal, $probe:expr, apt $apt:expr, dnf $dnf:expr, pacman $pacman:expr, brew $brew:expr) => {
        Need {
            what: $what,
            probe: $probe,
            apt: &$apt,
            dnf: &$dnf,
            pacman: &$pacman,
            brew: &$brew,
        }
    };
}

/// What building takes.
pub const BUILD: &[Need] = &[
    need!("certificates", Probe::Certificates,
        apt ["ca-certificates"], dnf ["ca-certificates"], pacman ["ca-certificates"], brew []),
    need!("a C compiler", Probe::Program(&["cc", "gcc", "clang"]),
        apt ["gcc", "libc6-dev"], dnf ["gcc", "glibc-devel"], pacman ["gcc"], brew []),
    need!(
        "pkg-config",
        Probe::Program(&["pkg-config", "pkgconf"]),
        apt["pkg-config"],
        dnf["pkgconf-pkg-config"],
        pacman["pkgconf"],
        brew["pkgconf"]
    ),
    need!(
        "libclang",
        Probe::Libclang,
        apt["libclang-dev"],
        dnf["clang-devel"],
        pacman["clang"],
        brew["llvm"]
    ),
    need!(
        "FFmpeg (avcodec)",
        Probe::PkgConfig(&["libavcodec"]),
        apt["libavcodec-dev"],
        dnf["pkgconfig(libavcodec)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "FFmpeg (avformat)",
        Probe::PkgConfig(&["libavformat"]),
        apt["libavformat-dev"],
        dnf["pkgconfig(libavformat)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "FFmpeg (avutil)",
        Probe::PkgConfig(&["libavutil"]),
        apt["libavutil-dev"],
        dnf["pkgconfig(libavutil)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "FFmpeg (avfilter)",
        Probe::PkgConfig(&["libavfilter"]),
        apt["libavfilter-dev"],
        dnf["pkgconfig(libavfilter)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "FFmpeg (avdevice)",
        Probe::PkgConfig(&["libavdevice"]),
        apt["libavdevice-dev"],
        dnf["pkgconfig(libavdevice)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "FFmpeg (swscale)",
        Probe::PkgConfig(&["libswscale"]),
        apt["libswscale-dev"],
        dnf["pkgconfig(libswscale)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "FFmpeg (swresample)",
        Probe::PkgConfig(&["libswresample"]),
        apt["libswresample-dev"],
        dnf["pkgconfig(libswresample)"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!(
        "HDF5",
        Probe::PkgConfig(&["hdf5", "hdf5-serial"]),
        apt["libhdf5-dev"],
        dnf["hdf5-devel"],
        pacman["hdf5"],
        brew["hdf5"]
    ),
    need!("ALSA", Probe::PkgConfig(&["alsa"]),
        apt ["libasound2-dev"], dnf ["alsa-lib-devel"], pacman ["alsa-lib"], brew []),
];

/// What the window takes at run time.
pub const WINDOW: &[Need] = &[
    need!("the Vulkan loader", Probe::Library("libvulkan.so.1"),
        apt ["libvulkan1"], dnf ["vulkan-loader"], pacman ["vulkan-icd-loader"], brew []),
    need!("a Vulkan driver", Probe::VulkanDriver,
        apt ["mesa-vulkan-drivers"], dnf ["mesa-vulkan-drivers"], pacman ["vulkan-swrast"], brew []),
    need!("EGL", Probe::Library("libEGL.so.1"), apt ["libegl1"], dnf ["libglvnd-egl"], pacman ["libglvnd"], brew []),
    need!("X11", Probe::Library("libX11.so.6"), apt ["libx11-6"], dnf ["libX11"], pacman ["libx11"], brew []),
    need!("X11 on XCB", Probe::Library("libX11-xcb.so.1"),
        apt ["libx11-xcb1"], dnf ["libX11-xcb"], pacman ["libx11"], brew []),
    need!("X cursors", Probe::Library("libXcursor.so.1"),
        apt ["libxcursor1"], dnf ["libXcursor"], pacman ["libxcursor"], brew []),
    need!("X input", Probe::Library("libXi.so.6"), apt ["libxi6"], dnf ["libXi"], pacman ["libxi"], brew []),
    need!("X screens", Probe::Library("libXrandr.so.2"),
        apt ["libxrandr2"], dnf ["libXrandr"], pacman ["libxrandr"], brew []),
    need!("keyboard layouts", Probe::Library("libxkbcommon.so.0"),
        apt ["libxkbcommon0"], dnf ["libxkbcommon"], pacman ["libxkbcommon"], brew []),
    need!("keyboard layouts on X", Probe::Library("libxkbcommon-x11.so.0"),
        apt ["libxkbcommon-x11-0"], dnf ["libxkbcommon-x11"], pacman ["libxkbcommon-x11"], brew []),
    need!("Wayland", Probe::Library("libwayland-client.so.0"),
        apt ["libwayland-client0"], dnf ["libwayland-client"], pacman ["wayland"], brew []),
];

/// What downloading the ONNX Runtime library takes.
pub const DOWNLOAD: &[Need] = &[
    need!(
        "Python",
        Probe::Program(&["python3"]),
        apt["python3"],
        dnf["python3"],
        pacman["python"],
        brew["python3"]
    ),
    need!(
        "pip",
        Probe::PythonModule("pip"),
        apt["python3-pip"],
        dnf["python3-pip"],
        pacman["python-pip"],
        brew["python3"]
    ),
];

/// What only the tests take.
pub const TESTS: &[Need] = &[
    need!(
        "the ffmpeg program",
        Probe::Program(&["ffmpeg"]),
        apt["ffmpeg"],
        dnf["/usr/bin/ffmpeg"],
        pacman["ffmpeg"],
        brew["ffmpeg"]
    ),
    need!("Xvfb", Probe::Program(&["Xvfb"]),
        apt ["xvfb"], dnf ["xorg-x11-server-Xvfb"], pacman ["xorg-server-xvfb"], brew []),
    need!(
        "Python environments",
        Probe::PythonModule("ensurepip"),
        apt["python3-venv"],
        dnf["python3"],
        pacman["python"],
        brew["python3"]
    ),
];

/// Asks the machine; the loader's list is read once.
pub struct Prober {
    loader_list: String,
}

impl Prober {
    pub fn new() -> Prober {
        let list = ["/sbin/ldconfig", "/usr/sbin/ldconfig", "ldconfig"]
            .iter()
            .find_map(|program| output_of(program, &["-p"]));
        Prober {
            loader_list: list.unwrap_or_default(),
        }
    }

    pub fn is_met(&self, need: &Need) -> bool {
        match need.probe {
            Probe::Program(names) => names.iter().any(|name| find_program(name).is_some()),
            Probe::PkgConfig(modules) => modules
                .iter()
                .any(|module| succeeds("pkg-config", ["--exists", module])),
            Probe::Library(name) => !cfg!(target_os = "linux") || self.loader_list.contains(name),
            Probe::Libclang => self.has_libclang(),
            Probe::VulkanDriver => !cfg!(target_os = "linux") || has_vulkan_driver(),
            Probe::Certificates => has_certificates(),
            Probe::PythonModule(module) => succeeds("python3", ["-c", &format!("import {module}")]),
        }
    }

    /// bindgen loads libclang, and libclang needs its own `stddef.h`.
    fn has_libclang(&self) -> bool {
        if std::env::var_os("LIBCLANG_PATH").is_some() {
            return true;
        }
        if cfg!(target_os = "macos") {
            return [
                "/opt/homebrew/opt/llvm/lib",
                "/usr/local/opt/llvm/lib",
                "/Library/Developer/CommandLineTools/usr/lib",
            ]
            .iter()
            .any(|folder| Path::new(folder).join("libclang.dylib").exists());
        }
        let llvm_folders = matching_folders(Path::new("/usr/lib"), "llvm");
        let in_loader_list = self.loader_list.lines().map(str::trim_start).any(|line| {
            // `libclang-14.so.1` on Debian, `libclang.so.20` elsewhere; `libclang-cpp.so` is
            // another library.
            line.strip_prefix("libclang").is_some_and(|rest| {
                rest.starts_with(".so")
                    || rest
                        .strip_prefix('-')
                        .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
            })
        });
        let library = in_loader_list
            || llvm_folders
                .iter()
                .any(|folder| folder.join("lib/libclang.so").exists());
        let mut header_homes = vec!["/usr/lib/clang".into(), "/usr/lib64/clang".into()];
        header_homes.extend(llvm_folders.iter().map(|folder| folder.join("lib/clang")));
        let headers = header_homes.iter().any(|home| {
            matching_folders(home, "")
                .iter()
                .any(|version| version.join("include/stddef.h").exists())
        });
        library && headers
    }
}

fn has_vulkan_driver() -> bool {
    if std::env::var_os("VK_DRIVER_FILES")
        .or_else(|| std::env::var_os("VK_ICD_FILENAMES"))
        .is_some()
    {
        return true;
    }
    [
        "/usr/share/vulkan/icd.d",
        "/etc/vulkan/icd.d",
        "/usr/local/share/vulkan/icd.d",
    ]
    .iter()
    .any(|folder| {
        std::fs::read_dir(folder).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "json")
            })
        })
    })
}

fn has_certificates() -> bool {
    !cfg!(target_os = "linux")
        || std::env::var_os("SSL_CERT_FILE").is_some()
        || [
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/cert.pem",
        ]
        .iter()
        .any(|file| Path::new(file).exists())
}

/// Entries of `folder` whose name starts with `prefix`.
fn matching_folders(folder: &Path, prefix: &str) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}
