//! A project that is being saved when the program is killed is afterwards the old one or the new
//! one, never neither.

#[path = "common/projects.rs"]
mod projects;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rand::{Rng, SeedableRng};

use self::projects::numbered;
use summdiff_explorer::state::project_io::{load, save};

const PLACE: &str = "SUMMDIFF_TEST_PROJECT";
const KILLS: usize = 20;

/// Saves without end; only when the test below starts it as a program of its own.
#[test]
fn saver() {
    let Some(path) = std::env::var_os(PLACE) else {
        return;
    };
    for number in 1.. {
        save(&numbered(number), Path::new(&path)).unwrap();
    }
}

#[test]
fn killed_while_saving() {
    if std::env::var_os(PLACE).is_some() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("film.summdiff");
    save(&numbered(0), &path).unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut seen = std::collections::BTreeSet::new();
    let modified = |path: &Path| path.metadata().unwrap().modified().unwrap();
    for _ in 0..KILLS {
        let before = modified(&path);
        let mut saver = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "saver"])
            .env(PLACE, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It has begun when the file is another; then the kill falls into one of the next savings.
        while modified(&path) == before && saver.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(rng.random_range(0..100)));
        saver.kill().unwrap();
        saver.wait().unwrap();
        let found = load(&path).expect("a whole project is there");
        // The whole of it is too long to print.
        assert!(
            found == numbered(found.settings.seed),
            "neither old nor new"
        );
        seen.insert(found.settings.seed);
    }
    assert!(seen.len() > 1, "the saver never got to save");
}
