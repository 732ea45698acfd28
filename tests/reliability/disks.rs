//! Disks that are full, read-only or gone, under the drafts and under the project, before the start
//! and between two edits.
//!
//! A disk is a small file system of memory where this process may mount one. Elsewhere, and under
//! CI, it is a folder of which the preloaded library refuses the file calls.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crossbeam_channel::Receiver;
use summdiff_explorer::session::drafts::keeper::{Keeper, KnownFiles, Snapshot};
use summdiff_explorer::session::drafts::{Draft, Drafts, Facts};
use summdiff_explorer::state::project_io;
use summdiff_explorer::{files, jobs};

use super::projects::numbered;
use super::{failing_calls, temporaries};

const DRAFTS: &str = "SUMMDIFF_TEST_DRAFTS";
const PROJECT: &str = "SUMMDIFF_TEST_PROJECT_FILE";
const KEY: &str = "0123456789abcdef";
/// A busy machine is slow; a keeper that does not try again is never done.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Full,
    ReadOnly,
    Gone,
}

impl Fault {
    pub const ALL: [Self; 3] = [Self::Full, Self::ReadOnly, Self::Gone];

    /// What a person is told.
    pub fn words(self) -> &'static str {
        match self {
            Self::Full => "the disk is full",
            Self::ReadOnly => "the disk is read-only",
            Self::Gone => "is gone",
        }
    }
}

/// A disk that can be spoiled and repaired. Unmounted when dropped.
pub struct Disk {
    /// Where the program writes.
    pub place: PathBuf,
    /// The file system itself, which `place` shows; `None` where calls are refused instead.
    mounted: Option<PathBuf>,
    library: PathBuf,
    /// Refuses calls while it is there.
    switch: PathBuf,
}

fn done(program: &str, words: &[&str], paths: &[&Path]) -> bool {
    let status = Command::new(program)
        .args(words)
        .args(paths)
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

impl Disk {
    /// A disk below `dir`; `None` where neither way is open.
    pub fn new(dir: &Path, name: &str) -> Option<Self> {
        let [place, hidden] = [name.to_owned(), format!(".{name}")].map(|name| dir.join(name));
        std::fs::create_dir(&place).unwrap();
        std::fs::create_dir(&hidden).unwrap();
        let mut disk = Self {
            place,
            mounted: None,
            library: PathBuf::new(),
            switch: dir.join(format!("{name}.refused")),
        };
        let may_mount = std::env::var_os("CI").is_none();
        let words = ["-t", "tmpfs", "-o", "size=8m", "none"];
        if may_mount && done("mount", &words, &[&hidden]) {
            disk.mounted = Some(hidden);
            disk.show();
        } else {
            disk.library = failing_calls(dir)?;
        }
        Some(disk)
    }

    fn show(&self) {
        if let Some(mounted) = &self.mounted {
            assert!(done("mount", &["--bind"], &[mounted, &self.place]));
        }
    }

    fn hide(&self) {
        if self.mounted.is_some() {
            assert!(done("umount", &["-l"], &[&self.place]));
        }
    }

    /// Has a process feel the disk.
    pub fn under(&self, command: &mut Command) {
        if self.mounted.is_none() {
            command
                .env("LD_PRELOAD", &self.library)
                .env("FAIL_IN", &self.place)
                .env("FAIL_WHILE", &self.switch);
        }
    }

    fn filler(&self) -> PathBuf {
        self.place.join("filler")
    }

    pub fn spoil(&self, fault: Fault) {
        match (&self.mounted, fault) {
            (Some(_), Fault::Full) => {
                let mut filler = std::fs::File::create(self.filler()).unwrap();
                for block in [4096, 1] {
                    while filler.write_all(&vec![0; block]).is_ok() {}
                }
            }
            (Some(_), Fault::ReadOnly) => {
                self.hide();
                self.show();
                assert!(done("mount", &["-o", "remount,bind,ro"], &[&self.place]));
            }
            (Some(_), Fault::Gone) => self.hide(),
            (None, Fault::Full) => std::fs::write(&self.switch, "28").unwrap(),
            (None, Fault::ReadOnly) => std::fs::write(&self.switch, "30").unwrap(),
            (None, Fault::Gone) => {
                std::fs::rename(&self.place, self.place.with_extension("out")).unwrap();
            }
        }
    }

    pub fn repair(&self, fault: Fault) {
        match (&self.mounted, fault) {
            (Some(_), Fault::Full) => std::fs::remove_file(self.filler()).unwrap(),
            (Some(_), Fault::ReadOnly) => {
                self.hide();
                self.show();
            }
            (Some(_), Fault::Gone) => self.show(),
            (None, Fault::Gone) => {
                std::fs::rename(self.place.with_extension("out"), &self.place).unwrap();
            }
            (None, _) => std::fs::remove_file(&self.switch).unwrap(),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(mounted) = &self.mounted {
            done("umount", &["-l"], &[&self.place]);
            done("umount", &["-l"], &[mounted]);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Under {
    Drafts,
    Project,
    Both,
}

/// A process that keeps what it is told to and says what its keeper says.
struct Writer {
    child: Child,
    said: Receiver<String>,
}

impl Writer {
    fn start(disk: &Disk, drafts: &Path, project: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "disks::play_keeper", "--nocapture"])
            .env(DRAFTS, drafts)
            .env(PROJECT, project)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        disk.under(&mut command);
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, said) = crossbeam_channel::bounded(64);
        jobs::spawn("listen", move || {
            for line in lines.map_while(Result::ok) {
                // The harness puts its own words before the first line.
                if let Some((_, news)) = line.split_once("news: ") {
                    let _ = sender.send(news.to_owned());
                }
            }
        })
        .unwrap();
        Self { child, said }
    }

    fn keep(&mut self, number: u64) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{number}").unwrap();
    }

    fn news(&self) -> String {
        self.said.recv_timeout(PATIENCE).expect("news")
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

/// Keeps the numbers that come; only when another test starts it as a process of its own.
#[test]
fn play_keeper() {
    let (Some(drafts), Some(project)) = (std::env::var_os(DRAFTS), std::env::var_os(PROJECT))
    else {
        return;
    };
    let (changed, news) = crossbeam_channel::bounded(64);
    let keeper = Keeper::start(KnownFiles::default(), move || {
        let _ = changed.send(());
    })
    .unwrap();
    let keeper = std::sync::Arc::new(keeper);
    let teller = std::sync::Arc::downgrade(&keeper);
    jobs::spawn("tell", move || {
        while news.recv().is_ok() {
            if let Some(trouble) = teller.upgrade().and_then(|keeper| keeper.news()) {
                println!("news: {trouble:?}");
            }
        }
    })
    .unwrap();
    let held = Drafts::in_folder(Path::new(&drafts))
        .hold(KEY, None)
        .unwrap();
    for line in std::io::stdin().lines() {
        let project_now = numbered(line.unwrap().trim().parse().unwrap());
        keeper.keep(Snapshot {
            draft: Draft {
                project: project_now.clone(),
                facts: Facts::default(),
            },
            draft_path: held.path.clone(),
            lease: Some(held.lease.clone()),
            linked: Some((PathBuf::from(&project), project_now)),
        });
    }
}

fn seed_of_draft(drafts: &Path) -> Option<u64> {
    let path = drafts.join(format!("{KEY}.summdiff"));
    path.exists().then(|| {
        Draft::read(&path)
            .expect("a whole draft")
            .project
            .settings
            .seed
    })
}

/// Whether the draft knows the project as it is: the last of the files that one edit writes.
fn is_noted(drafts: &Path, project: &Path) -> bool {
    let draft = Draft::read(&drafts.join(format!("{KEY}.summdiff")));
    let saved = files::digest(project).unwrap().map(files::hex);
    draft.is_ok_and(|draft| Some(draft.facts.saved_sha256) == saved)
}

fn seed_of_project(path: &Path) -> Option<u64> {
    path.exists().then(|| {
        project_io::load(path)
            .expect("a whole project")
            .settings
            .seed
    })
}

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let until = std::time::Instant::now() + PATIENCE;
    while !there() {
        assert!(std::time::Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// One fault under one of the two, before the start or between two edits.
fn try_one(fault: Fault, under: Under, at_start: bool) -> bool {
    let case = format!("{fault:?} under {under:?}, at the start: {at_start}");
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(dir.path(), "disk") else {
        return false;
    };
    let sound = dir.path().join("sound");
    let place = |on: Under| match under == on || under == Under::Both {
        true => disk.place.clone(),
        false => sound.clone(),
    };
    let drafts = place(Under::Drafts).join("drafts");
    let project = place(Under::Project).join("work/p.summdiff");
    std::fs::create_dir_all(&sound).unwrap();
    std::fs::create_dir_all(&drafts).unwrap();
    std::fs::create_dir_all(project.parent().unwrap()).unwrap();
    if at_start {
        disk.spoil(fault);
    }
    let mut writer = Writer::start(&disk, &drafts, &project);
    if !at_start {
        writer.keep(1);
        wait_for(&case, || {
            seed_of_project(&project) == Some(1) && is_noted(&drafts, &project)
        });
        disk.spoil(fault);
    }
    writer.keep(2);
    let news = writer.news();
    assert!(news.contains(fault.words()), "{case}: {news}");
    let kind = match under {
        Under::Project => "Project",
        Under::Drafts | Under::Both => "Draft",
    };
    assert!(news.starts_with(&format!("Some({kind}")), "{case}: {news}");
    let is_saved = news.contains("saved: Some");
    assert_eq!(is_saved, under == Under::Drafts, "{case}: {news}");
    // What lies on the other disk has the edit meanwhile; what lies on this one is whole.
    match under {
        Under::Drafts => wait_for(&case, || seed_of_project(&project) == Some(2)),
        Under::Project => wait_for(&case, || seed_of_draft(&drafts) == Some(2)),
        Under::Both => {}
    }
    // What was refused is tried again by itself, whether there is a later edit or not.
    let last = if at_start { 3 } else { 2 };
    if last == 3 {
        writer.keep(last);
    }
    disk.repair(fault);
    assert_eq!(writer.news(), "None", "{case}");
    assert_eq!(seed_of_project(&project), Some(last), "{case}");
    assert_eq!(seed_of_draft(&drafts), Some(last), "{case}");
    writer.end();
    assert_eq!(temporaries(&sound), [""; 0], "{case}");
    assert_eq!(temporaries(&disk.place), [""; 0], "{case}");
    true
}

#[test]
fn work_on_a_disk_that_refuses_it_is_said_and_is_there_once_it_does_not() {
    let mut cases = Vec::new();
    for fault in Fault::ALL {
        for under in [Under::Drafts, Under::Project, Under::Both] {
            for at_start in [false, true] {
                // A folder for drafts that was never there is made.
                if !(at_start && fault == Fault::Gone && under != Under::Project) {
                    cases.push((fault, under, at_start));
                }
            }
        }
    }
    let ways: Vec<_> = (cases.into_iter())
        .map(|(fault, under, at_start)| {
            jobs::spawn("a case", move || try_one(fault, under, at_start)).unwrap()
        })
        .collect();
    let tried = ways.into_iter().map(|way| way.join().unwrap());
    println!(
        "{} faults said and got over",
        tried.filter(|tried| *tried).count()
    );
}
