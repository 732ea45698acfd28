//! Keeps ONNX Runtime from reporting to its maker: newer builds write a device id and an event
//! store into the user's cache and look a host of the maker's up. The binding's own switch comes
//! too late for that; an environment variable that is set before the library loads does not. Sends
//! nothing and loads nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Switches the reporting off when it is 1 before the library loads. The program sets it as its
/// first act, Cargo for what it runs (`.cargo/config.toml`), and the Python package when it is
/// imported.
pub const OFF_SWITCH: &str = "ORT_DISABLE_TELEMETRY";

/// Files of the store: the device's id, and a database of events with its journals.
const STORE_FILES: [&str; 6] = [
    "deviceid",
    "deviceid.lock",
    "onnxruntime.db",
    "onnxruntime.db-journal",
    "onnxruntime.db-shm",
    "onnxruntime.db-wal",
];

/// Whether the switch is set.
pub fn is_off() -> bool {
    std::env::var_os(OFF_SWITCH).is_some_and(|value| value == "1")
}

/// Removes the store that earlier starts of this program left. A store that does not name this
/// program is another's and stays.
pub(super) fn remove_leftovers() {
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty());
    if let Some(store) = store_folder(cache, directories::BaseDirs::new().as_ref())
        && names_this_program(&store)
    {
        remove(&store);
    }
}

/// Where the library keeps its store.
fn store_folder(cache: Option<OsString>, dirs: Option<&directories::BaseDirs>) -> Option<PathBuf> {
    let cache = cache.map(PathBuf::from);
    let cache = cache.or_else(|| Some(dirs?.home_dir().join(".cache")))?;
    Some(cache.join("Microsoft/DeveloperTools/.onnxruntime"))
}

/// Whether the events are of a process of this name: they state it as plain text.
fn names_this_program(store: &Path) -> bool {
    const NAME: &[u8] = b"summdiff";
    // The library keeps its store small; a larger file is none of its making.
    const MOST_BYTES: u64 = 64 << 20;
    ["onnxruntime.db", "onnxruntime.db-wal"].iter().any(|file| {
        let file = store.join(file);
        let small = file
            .symlink_metadata()
            .is_ok_and(|meta| meta.is_file() && meta.len() <= MOST_BYTES);
        small
            && std::fs::read(&file)
                .is_ok_and(|bytes| bytes.windows(NAME.len()).any(|window| window == NAME))
    })
}

/// Removes the store's files, then its folders as far as they are empty.
fn remove(store: &Path) {
    for file in STORE_FILES {
        let _ = std::fs::remove_file(store.join(file));
    }
    for folder in store.ancestors().take(3) {
        if std::fs::remove_dir(folder).is_err() {
            break;
        }
    }
    log::info!(
        "removed the event store that ONNX Runtime had left in {}",
        store.display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store_with(cache: &Path, events: &[u8]) -> PathBuf {
        let store = store_folder(Some(cache.into()), None).unwrap();
        std::fs::create_dir_all(&store).unwrap();
        std::fs::write(store.join("deviceid"), "6b4f11a6").unwrap();
        std::fs::write(store.join("onnxruntime.db"), events).unwrap();
        store
    }

    #[test]
    fn only_a_store_of_this_program_is_recognised_and_removed_with_its_empty_folders() {
        let cache = tempfile::tempdir().unwrap();
        let own = store_with(cache.path(), b"\x02ProcessInfo\x08summdiff\x03");
        assert!(names_this_program(&own));
        remove(&own);
        assert!(!cache.path().join("Microsoft").exists());

        let foreign = store_with(cache.path(), b"\x02ProcessInfo\x06python\x03");
        assert!(!names_this_program(&foreign));
        // Files of others beside it keep the folder.
        std::fs::write(cache.path().join("Microsoft/other"), "").unwrap();
        remove(&foreign);
        assert!(!foreign.exists() && cache.path().join("Microsoft/other").exists());
    }

    #[test]
    fn tests_run_with_the_switch_set() {
        assert!(is_off(), "run the tests through Cargo, which sets it");
    }
}
