//! An offline session makes no network call and leaves nothing of ONNX Runtime's reporting behind,
//! also outside of CI, whose marks in the environment hide that reporting.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use summdiff_explorer::testing::skip;

/// Writes down each socket of the internet, each name that is looked up, and each address that is
/// connected to.
const WATCHER: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
static void note(const char *what, const char *which) {
    FILE *file = fopen(getenv("CALLS_FILE"), "a");
    if (file) { fprintf(file, "%s %s\n", what, which); fclose(file); }
}
int socket(int domain, int type, int protocol) {
    if (domain == AF_INET || domain == AF_INET6) note("socket", domain == AF_INET ? "4" : "6");
    return ((int (*)(int, int, int))dlsym(RTLD_NEXT, "socket"))(domain, type, protocol);
}
int connect(int fd, const struct sockaddr *to, socklen_t length) {
    if (to->sa_family != AF_UNIX) note("connect", "");
    return ((int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect"))(fd, to, length);
}
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    note("getaddrinfo", name ? name : "");
    return ((int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, found);
}
"#;

fn watcher(dir: &Path) -> Option<PathBuf> {
    let (source, library) = (dir.join("watcher.c"), dir.join("watcher.so"));
    std::fs::write(&source, WATCHER).unwrap();
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    made.is_ok_and(|status| status.success()).then_some(library)
}

/// The program as a person starts it: none of the variables that tests, Cargo or build machines
/// set.
fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_summdiff"));
    command.env_clear().env("HOME", home);
    command.env("XDG_CACHE_HOME", home.join("cache"));
    for kept in ["PATH", "ORT_DYLIB_PATH", "LD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

fn verify_bundle(command: &mut Command) -> Output {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sampling/tiny-bundle");
    let output = command.args(["models", "verify"]).arg(bundle).output();
    output.expect("the program starts")
}

fn store(home: &Path) -> PathBuf {
    home.join("cache/Microsoft/DeveloperTools/.onnxruntime")
}

/// A store as the library leaves it, with an event of `process`.
fn leave_store(home: &Path, process: &str) {
    std::fs::create_dir_all(store(home)).unwrap();
    std::fs::write(store(home).join("deviceid"), "0").unwrap();
    let events = format!("SQLite format 3\0ProcessInfo {process}");
    std::fs::write(store(home).join("onnxruntime.db"), events).unwrap();
}

#[test]
fn an_offline_session_calls_nobody_and_leaves_no_store() {
    let home = tempfile::tempdir().unwrap();
    let calls = home.path().join("calls");
    let mut command = program(home.path());
    match watcher(home.path()) {
        Some(library) => {
            command.env("LD_PRELOAD", library).env("CALLS_FILE", &calls);
        }
        None => skip("in part: no C compiler, so that network calls go unwatched"),
    }
    let output = verify_bundle(&mut command);
    assert!(output.status.success(), "{output:?}");
    let made = std::fs::read_to_string(&calls).unwrap_or_default();
    assert_eq!(made, "", "network calls");
    assert!(!home.path().join("cache/Microsoft").exists());
}

#[test]
fn the_watcher_sees_a_network_call() {
    let home = tempfile::tempdir().unwrap();
    let calls = home.path().join("calls");
    let Some(library) = watcher(home.path()) else {
        skip("no C compiler");
        return;
    };
    // The one command that may call, to a port of this machine where nobody answers.
    let output = program(home.path())
        .env("LD_PRELOAD", library)
        .env("CALLS_FILE", &calls)
        .env("SUMMDIFF_DATA_DIR", home.path())
        .env("SUMMDIFF_MODELS_URL", "http://127.0.0.1:9")
        .args(["models", "install", "googlenet"])
        .output()
        .unwrap();
    let made = std::fs::read_to_string(&calls).unwrap_or_default();
    assert!(made.contains("connect"), "{made:?} {output:?}");
}

#[test]
fn what_earlier_starts_left_is_removed_and_what_others_left_is_not() {
    let home = tempfile::tempdir().unwrap();
    leave_store(home.path(), "summdiff");
    assert!(verify_bundle(&mut program(home.path())).status.success());
    assert!(!home.path().join("cache/Microsoft").exists());
    leave_store(home.path(), "python3");
    assert!(verify_bundle(&mut program(home.path())).status.success());
    assert!(store(home.path()).join("onnxruntime.db").exists());
}
