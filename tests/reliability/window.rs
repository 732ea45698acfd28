//! The real window on a display of its own: edits, and then its end in one of the ways in which
//! windows end.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use summdiff_explorer::session::drafts::Draft;
use summdiff_explorer::session::drafts::lease::holder;

/// Windows that are ended where nobody says.
const WINDOWS: usize = 0;
/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, Debug)]
enum End {
    Quit,
    Terminate,
    Interrupt,
    Logout,
    /// A second of idling, then a kill.
    IdleKill,
}

const ENDS: [End; 5] = [
    End::Quit,
    End::Terminate,
    End::Interrupt,
    End::Logout,
    End::IdleKill,
];

/// Windows that share drafts: two markers each, a second apart, in a video of 96 s.
const WINDOWS_OF_A_HOME: usize = 40;

pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    pub fn start() -> Option<Self> {
        let number = 200 + std::process::id() % 700;
        let name = format!(":{number}");
        // Without `-noreset` the server starts anew whenever its last client ends, and refuses the
        // next window meanwhile.
        let server = Command::new("Xvfb")
            .args([&name, "-screen", "0", "1280x720x24", "-noreset"])
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        std::thread::sleep(Duration::from_secs(2));
        Some(Self { server, name })
    }

    /// Whether keys can be sent to it.
    pub fn takes_keys(&self) -> bool {
        self.xdotool(&["version"]).is_some()
    }

    pub fn xdotool(&self, words: &[&str]) -> Option<String> {
        let output = Command::new("xdotool")
            .env("DISPLAY", &self.name)
            .args(words)
            .output()
            .ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A window with a video in it.
pub struct Shown {
    pub child: Child,
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shown {
    /// Opens a video, and waits until its draft is held and keys arrive.
    pub fn open(
        display: &Display,
        dir: &Path,
        home: &Path,
        video: &Path,
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_summdiff"));
        command
            .arg(video)
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_CACHE_HOME", dir.join("cache"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        prepare(&mut command);
        let shown = Self {
            child: command.spawn().unwrap(),
        };
        let pid = shown.child.id();
        let mut id = String::new();
        assert!(
            wait_until(START, || {
                id = display
                    .xdotool(&["search", "--onlyvisible", "--pid", &pid.to_string()])
                    .unwrap_or_default();
                !id.is_empty()
            }),
            "no window came up"
        );
        let id = id.lines().next().unwrap().to_owned();
        // The session is there when its draft is held; earlier windows leave the files of their
        // locks.
        let locks = home.join("state/summdiff/drafts");
        assert!(
            wait_until(START, || std::fs::read_dir(&locks).is_ok_and(|entries| {
                entries.filter_map(Result::ok).any(|entry| {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let is_lock = name.ends_with(".lock") && !name.starts_with("path-");
                    is_lock && holder(&entry.path()).is_some_and(|owner| owner.process == pid)
                })
            })),
            "the video was not opened"
        );
        let _ = display.xdotool(&["windowfocus", "--sync", &id]);
        shown
    }
}

fn drafts(home: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(home.join("state/summdiff/drafts")) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "summdiff"))
        .collect()
}

pub fn markers(home: &Path) -> usize {
    drafts(home)
        .iter()
        .filter_map(|path| Draft::read(path).ok())
        .map(|draft| draft.project.markers_secs.len())
        .max()
        .unwrap_or(0)
}

pub fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        if done() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

#[test]
fn an_edit_outlives_every_end_of_the_window() {
    let windows = super::number_of("SUMMDIFF_WINDOWS", WINDOWS);
    if windows == 0 {
        summdiff_explorer::testing::skip("SUMMDIFF_WINDOWS gives no windows to end");
        return;
    }
    let Some(display) = Display::start().filter(Display::takes_keys) else {
        summdiff_explorer::testing::skip("no Xvfb or xdotool");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let video = dir.path().join("demo.mp4");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/demo.mp4");
    std::fs::copy(demo, &video).unwrap();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
    let mut lost = 0;
    for window in 0..windows {
        let home = dir
            .path()
            .join(format!("home-{}", window / WINDOWS_OF_A_HOME));
        let before = markers(&home);
        let mut shown = Shown::open(&display, dir.path(), &home, &video, |_| {});
        let child = &mut shown.child;
        let pid = child.id().to_string();
        // To another place each time, so that a marker is set and not taken away.
        for _ in 0..=2 * (window % WINDOWS_OF_A_HOME) {
            let _ = display.xdotool(&["key", "Right"]);
        }
        let edited = Instant::now();
        let _ = display.xdotool(&["key", "m"]);
        // From the end of the frame on that took the key; a busy machine draws few.
        let seen = wait_until(Duration::from_secs(20), || markers(&home) != before);
        let after = edited.elapsed();
        std::thread::sleep(Duration::from_millis(rng.random_range(0..300)));
        let _ = display.xdotool(&["key", "Right"]);
        let _ = display.xdotool(&["key", "m"]);
        std::thread::sleep(Duration::from_millis(250));
        let end = ENDS[window % ENDS.len()];
        let ended = Instant::now();
        match end {
            End::Quit => drop(display.xdotool(&["key", "ctrl+q"])),
            End::Terminate | End::Interrupt | End::Logout => {
                let signal = match end {
                    End::Terminate => "-TERM",
                    End::Interrupt => "-INT",
                    _ => "-HUP",
                };
                assert!(
                    Command::new("kill")
                        .args([signal, &pid])
                        .status()
                        .unwrap()
                        .success()
                );
            }
            End::IdleKill => {
                std::thread::sleep(Duration::from_secs(1));
                child.kill().unwrap();
            }
        }
        let done = wait_until(Duration::from_secs(20), || {
            child.try_wait().unwrap().is_some()
        });
        if !done {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let found = markers(&home);
        let kept = seen && done && found >= before + 2;
        lost += usize::from(!kept);
        println!(
            "window {window}: {end:?}, first marker on the disk after {:.2} s, ended after {:.2} s, markers {before} then {found}",
            after.as_secs_f64(),
            ended.elapsed().as_secs_f64()
        );
    }
    println!("edits lost: {lost} of {windows}");
    assert_eq!(lost, 0);
}
