//! What a process that exports cannot do: tried in a process that gives up the same.

use std::path::PathBuf;
use std::process::Command;

use summdiff_explorer::confined::limits::{Held, Reach, confine_to};

/// Where the process below is told to try what is forbidden.
const FOLDER: &str = "SUMMDIFF_TRY_FOLDER";

#[test]
fn a_process_that_exports_writes_one_file_only() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["video", "made", "other"] {
        std::fs::write(dir.path().join(name), name).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "held_back::tries_what_is_forbidden",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let done: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("done: "))
        .collect();
    let held = said
        .lines()
        .find_map(|line| line.strip_prefix("held: "))
        .unwrap();
    let held: Held = serde_json::from_str(held).unwrap();
    if !(held.writing && held.reading && held.processes && held.network) {
        summdiff_explorer::testing::skip("this kernel holds less back");
        return;
    }
    assert_eq!(
        done,
        [
            "read the video",
            "write the file",
            "empty the file",
            "read the file"
        ]
    );
    let mut left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().flatten().collect();
    left.sort_by_key(|entry| entry.file_name());
    let left: Vec<_> = left
        .iter()
        .map(|entry| std::fs::read(entry.path()).unwrap())
        .collect();
    assert_eq!(left, [&b""[..], b"other", b"video"]);
}

#[test]
#[ignore = "runs confined, started by another test"]
fn tries_what_is_forbidden() {
    use std::fs::{self, File};
    let folder = PathBuf::from(std::env::var_os(FOLDER).expect("started by another test"));
    let at = |name: &str| folder.join(name);
    let held = confine_to(&Reach {
        file: &at("video"),
        made: Some(&at("made")),
        most_pixels: 1 << 20,
    });
    eprintln!("\nheld: {}", serde_json::to_string(&held).unwrap());
    let tries: [(&str, &dyn Fn() -> bool); 15] = [
        ("read the video", &|| fs::read(at("video")).is_ok()),
        ("write the file", &|| fs::write(at("made"), "new").is_ok()),
        ("empty the file", &|| File::create(at("made")).is_ok()),
        ("read the file", &|| fs::read(at("made")).is_ok()),
        ("write the video", &|| fs::write(at("video"), "new").is_ok()),
        ("add to the video", &|| {
            File::options().append(true).open(at("video")).is_ok()
        }),
        ("write another", &|| fs::write(at("other"), "new").is_ok()),
        ("read another", &|| fs::read(at("other")).is_ok()),
        ("make a file", &|| fs::write(at("new"), "new").is_ok()),
        ("make a folder", &|| fs::create_dir(at("new")).is_ok()),
        ("remove a file", &|| fs::remove_file(at("other")).is_ok()),
        ("rename the file", &|| {
            fs::rename(at("made"), at("new")).is_ok()
        }),
        ("link the file", &|| {
            fs::hard_link(at("made"), at("new")).is_ok()
        }),
        ("start a program", &|| {
            Command::new("/bin/true").status().is_ok()
        }),
        ("reach a network", &|| {
            std::net::UdpSocket::bind("127.0.0.1:0").is_ok()
        }),
    ];
    for (what, is_done) in tries {
        if is_done() {
            eprintln!("done: {what}");
        }
    }
}
