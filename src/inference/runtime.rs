//! Finding and loading ONNX Runtime, and the devices it offers. Absence is an error value, never a
//! panic or a loader message.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ort::ep::ExecutionProvider as _;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::error::RuntimeError;
use super::{places, telemetry};

/// Where inference really runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    Cpu,
    Cuda,
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        })
    }
}

/// The loaded library. One for the whole process.
#[derive(Debug)]
pub struct Runtime {
    path: PathBuf,
    version: String,
    pub(super) environment: ort::environment::Environment,
}

impl Runtime {
    /// The loaded runtime; loads it at the first call. A failure is not remembered, so that a later
    /// call sees what was repaired.
    ///
    /// # Errors
    /// When the library is absent, broken or too old.
    pub fn get() -> Result<Arc<Self>, RuntimeError> {
        static LOADED: Mutex<Option<Arc<Runtime>>> = Mutex::new(None);
        let mut loaded = LOADED.lock();
        if let Some(runtime) = &*loaded {
            return Ok(runtime.clone());
        }
        let runtime = Arc::new(find_and_load()?);
        log::info!(
            "ONNX Runtime {} from {}",
            runtime.version,
            runtime.path.display()
        );
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    /// The file it was loaded from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Such as "1.22.0".
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Why CUDA cannot be used with this library; `None` where the library has it (the machine may
    /// still lack a working GPU, which shows when a network is loaded).
    pub fn cuda_missing(&self) -> Option<String> {
        match ort::ep::CUDA::is_available() {
            Ok(true) => None,
            Ok(false) => Some("this ONNX Runtime is built without CUDA".to_owned()),
            Err(err) => Some(one_line(err.message())),
        }
    }

    /// Devices that networks can be tried on, best first.
    pub fn devices(&self) -> Vec<Device> {
        match self.cuda_missing() {
            None => vec![Device::Cuda, Device::Cpu],
            Some(_) => vec![Device::Cpu],
        }
    }
}

/// Number of threads that inference uses: all cores.
pub fn thread_count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// The first line of a message, without trailing stops.
pub(super) fn one_line(message: &str) -> String {
    message
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no reason was given")
        .trim_end_matches('.')
        .to_owned()
}

fn find_and_load() -> Result<Runtime, RuntimeError> {
    telemetry::remove_leftovers();
    if !telemetry::is_off() {
        log::warn!(
            "{} is not set, so ONNX Runtime may report to its maker; set it to 1",
            telemetry::OFF_SWITCH
        );
    }
    if let Some(named) = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(named);
        if !path.is_file() {
            return Err(RuntimeError::NamedMissing { path });
        }
        return load(&path);
    }
    let mut first_error = None;
    for path in places::runtime_candidates() {
        match load(&path) {
            Ok(runtime) => return Ok(runtime),
            Err(err) => first_error = first_error.or(Some(err)),
        }
    }
    Err(first_error.unwrap_or(RuntimeError::NotFound {
        library: places::RUNTIME_LIBRARY,
    }))
}

fn load(path: &Path) -> Result<Runtime, RuntimeError> {
    let unloadable = |reason: String| RuntimeError::Unloadable {
        path: path.to_owned(),
        reason,
    };
    // The binding asserts in places where a foreign library answers oddly; that must not take the
    // program down.
    let attempt = std::panic::catch_unwind(|| -> Result<_, RuntimeError> {
        let builder = ort::init_from(path).map_err(|err| match err {
            ort::LoadDynamicError::BadVersion { version_str, path } => RuntimeError::TooOld {
                path,
                found: version_str,
                needed: format!("1.{}", ort::MINOR_VERSION),
            },
            ort::LoadDynamicError::MissingApi { .. } => {
                unloadable("it is another kind of library".to_owned())
            }
            other => unloadable(loader_reason(&other.to_string(), path)),
        })?;
        // One pool for all networks, which sleeps when idle: it shares the cores with decoding and
        // with rayon.
        let pool = ort::environment::GlobalThreadPoolOptions::default()
            .with_intra_threads(thread_count())
            .and_then(|pool| pool.with_inter_threads(1))
            .and_then(|pool| pool.with_spin_control(false))
            .map_err(|err| unloadable(one_line(err.message())))?;
        builder
            .with_name("summdiff")
            .with_telemetry(false)
            .with_global_thread_pool(pool)
            .with_logger(Arc::new(log_message))
            .build()
            .map_err(|err| unloadable(one_line(err.message())))
    });
    let environment = attempt.unwrap_or_else(|_| {
        Err(unloadable(
            "it does not answer as ONNX Runtime does".to_owned(),
        ))
    })?;
    // Below warnings there is only chatter, and formatting it costs time.
    environment.set_log_level(ort::logging::LogLevel::Warning);
    Ok(Runtime {
        path: path.to_owned(),
        version: version_of(ort::info(), path),
        environment,
    })
}

/// The system loader's reason without the path, which the sentence names already.
fn loader_reason(message: &str, path: &Path) -> String {
    let shown = path.display().to_string();
    let reason = message.rsplit(&format!("{shown}: ")).next();
    one_line(reason.unwrap_or(message))
}

/// The version, from the real file's name where it carries one (`libonnxruntime.so.1.22.0`), else
/// from the build information.
fn version_of(build_info: &str, path: &Path) -> String {
    let dotted = |text: &str| {
        let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
        let parts: Vec<&str> = digits.split('.').collect();
        let numeric = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        (parts.len() >= 2 && parts.iter().all(numeric)).then(|| digits.to_owned())
    };
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.and_then(|name| name.split_once(".so.").and_then(|(_, rest)| dotted(rest)))
        .or_else(|| {
            build_info
                .split([' ', ',', '='])
                .filter(|word| word.contains("rel-") || word.starts_with('v'))
                .find_map(dotted)
        })
        .unwrap_or_else(|| "of unknown version".to_owned())
}

fn log_message(level: ort::logging::LogLevel, _: &str, _: &str, at: &str, message: &str) {
    use ort::logging::LogLevel;
    let level = match level {
        // The runtime's warnings are about its own optimisations; they say nothing to a person.
        LogLevel::Verbose | LogLevel::Info => log::Level::Trace,
        LogLevel::Warning => log::Level::Debug,
        LogLevel::Error | LogLevel::Fatal => log::Level::Info,
    };
    log::log!(target: "onnxruntime", level, "{message} ({at})");
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = "SUMMDIFF_TEST_RUNTIME_CHILD";

    /// The library is loaded once a process, so each fault is tried in a process of its own: this
    /// very test, by a variable.
    fn loading_with(library: &Path) -> String {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "inference::runtime::tests::child_says_what_loading_gives",
            ])
            .env(CHILD, "1")
            .env("ORT_DYLIB_PATH", library)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find_map(|line| line.split_once("LOADED: "));
        line.unwrap_or_else(|| panic!("no answer in {text}"))
            .1
            .to_owned()
    }

    #[test]
    fn child_says_what_loading_gives() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        match Runtime::get() {
            Ok(runtime) => println_in_test(&format!("ok {}", runtime.version())),
            Err(err) => println_in_test(&err.to_string()),
        }
    }

    #[expect(clippy::print_stdout, reason = "the parent test reads it")]
    fn println_in_test(words: &str) {
        println!("LOADED: {words}");
    }

    #[test]
    fn a_missing_library_is_a_sentence() {
        let said = loading_with(Path::new("/nowhere/libonnxruntime.so"));
        assert!(said.contains("/nowhere/libonnxruntime.so"), "{said}");
        assert!(said.contains("cargo xtask setup"), "{said}");
    }

    #[test]
    fn a_text_file_or_a_foreign_library_is_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let text = dir.path().join("libonnxruntime.so");
        std::fs::write(&text, "not a library").unwrap();
        let said = loading_with(&text);
        assert!(said.contains("cannot be loaded as ONNX Runtime"), "{said}");
        assert!(said.contains("cargo xtask setup"), "{said}");
        let libc = ["/lib/x86_64-linux-gnu/libm.so.6", "/usr/lib/libm.so.6"];
        if let Some(foreign) = libc.iter().map(Path::new).find(|path| path.is_file()) {
            let said = loading_with(foreign);
            assert!(said.contains("another kind of library"), "{said}");
        }
    }

    #[test]
    fn an_old_runtime_is_named_with_its_version() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("old.c");
        let library = dir.path().join("libonnxruntime.so");
        std::fs::write(
            &source,
            "struct base { const void *(*api)(unsigned); const char *(*version)(void); };\n\
             static const void *api(unsigned v) { (void)v; return 0; }\n\
             static const char *version(void) { return \"1.10.2\"; }\n\
             static const struct base it = { api, version };\n\
             const struct base *OrtGetApiBase(void) { return &it; }\n",
        )
        .unwrap();
        let compiled = std::process::Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .status();
        if !compiled.is_ok_and(|status| status.success()) {
            crate::testing::skip("no C compiler");
            return;
        }
        let said = loading_with(&library);
        assert!(said.contains("is ONNX Runtime 1.10.2"), "{said}");
        assert!(said.contains("at least 1.17"), "{said}");
    }

    #[test]
    fn versions_are_read_from_file_names_and_build_information() {
        let info =
            "ORT Build Info: git-branch=rel-1.19.2, git-commit-id=26250ae, build type=Release";
        assert_eq!(version_of(info, Path::new("x.so")), "1.19.2");
        assert_eq!(
            version_of("", Path::new("libonnxruntime.so.1.32.0")),
            "1.32.0"
        );
        assert_eq!(version_of("nothing", Path::new("x")), "of unknown version");
    }
}
