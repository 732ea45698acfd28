use std::time::Duration;

use super::keeper::{Keeper, KnownFiles, SaveError, Snapshot, Trouble};
use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

fn project(marker: f64) -> Project {
    Project {
        version: crate::domain::project::PROJECT_VERSION,
        markers_secs: vec![marker],
        ..Project::default()
    }
}

fn draft(marker: f64) -> Draft {
    Draft {
        project: project(marker),
        facts: Facts {
            open: true,
            ..Facts::default()
        },
    }
}

fn snapshot(path: &Path, marker: f64, linked: Option<&Path>) -> Snapshot {
    Snapshot {
        draft: draft(marker),
        draft_path: path.to_path_buf(),
        lease: None,
        linked: linked.map(|path| (path.to_path_buf(), project(marker))),
    }
}

#[test]
fn a_draft_comes_back_and_is_a_project() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.summdiff");
    fs::write(&path, draft(1.5).to_json()).unwrap();
    assert_eq!(Draft::read(&path).unwrap(), draft(1.5));
    let bytes = fs::read(&path).unwrap();
    assert_eq!(Project::from_json(&bytes, &path).unwrap(), project(1.5));
    assert_eq!(draft(1.5).contents(), "1 marker");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(Draft::read(&path).is_err());
}

#[test]
fn each_window_has_a_draft_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Drafts::in_folder(&dir.path().join("drafts"));
    let key = key_of("", Path::new("/films/a.mp4"));
    let first = drafts.hold(&key, None).unwrap();
    let second = drafts.hold(&key, None).unwrap();
    assert_eq!((first.slot, second.slot), (1, 2));
    assert_ne!(first.path, second.path);
    fs::write(&first.path, draft(1.0).to_json()).unwrap();
    assert!(drafts.list().is_empty(), "a draft in use is not offered");
    assert!(drafts.throw_away(&first.path).is_err());
    let path = first.path.clone();
    drop(first);
    assert_eq!(drafts.list()[0].path, path);
    assert_eq!(drafts.hold(&key, None).unwrap().slot, 1);
    drafts.throw_away(&path).unwrap();
    assert!(drafts.list().is_empty());
    let project = dir.path().join("p.summdiff");
    let lock = drafts.hold_project(&project);
    assert!(lock.is_some() && drafts.hold_project(&project).is_none());
    let owner = lease::holder(&drafts.project_lock(&project)).unwrap();
    assert_eq!(owner.process, std::process::id());
    assert!(owner.since_secs > 0);
}

#[test]
fn journals_of_earlier_versions_become_drafts_and_none_takes_anothers_place() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("journal");
    fs::create_dir(&old).unwrap();
    for (name, marker) in [("session", 1.0), ("recovered-1", 2.0), ("recovered-2", 3.0)] {
        let path = old.join(format!("{name}.summdiff"));
        fs::write(path, project(marker).to_json()).unwrap();
    }
    fs::write(old.join("broken.summdiff"), b"{").unwrap();
    let drafts = Drafts::in_folder(&dir.path().join("drafts"));
    drafts.take_in(&old);
    let mut markers: Vec<f64> = (drafts.list().iter())
        .map(|listed| listed.draft.project.markers_secs[0])
        .collect();
    markers.sort_by(f64::total_cmp);
    assert_eq!(markers, [1.0, 2.0, 3.0]);
    assert_eq!(
        fs::read_dir(&old).unwrap().count(),
        1,
        "what cannot be read stays"
    );
}

#[test]
fn what_is_kept_is_on_the_disk_without_anybody_asking_again() {
    let dir = tempfile::tempdir().unwrap();
    let (path, linked) = (dir.path().join("d.summdiff"), dir.path().join("p.summdiff"));
    let keeper = Keeper::start(KnownFiles::default(), || {}).unwrap();
    keeper.keep(snapshot(&path, 1.0, None));
    let until = std::time::Instant::now() + PATIENCE;
    while !path.exists() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(Draft::read(&path).unwrap().project, project(1.0));
    keeper.keep(snapshot(&path, 2.0, Some(&linked)));
    keeper.keep(snapshot(&path, 3.0, Some(&linked)));
    assert!(keeper.flush(PATIENCE));
    let found = Draft::read(&path).unwrap();
    assert_eq!(found.project, project(3.0));
    assert_eq!(fs::read(&linked).unwrap(), project(3.0).to_json());
    let saved = files::digest(&linked).unwrap().unwrap();
    assert_eq!(found.facts.saved_sha256, files::hex(saved));
    // Another draft does not take the place of one that waits.
    let other = dir.path().join("e.summdiff");
    keeper.keep(snapshot(&path, 4.0, None));
    keeper.keep(snapshot(&other, 5.0, None));
    drop(keeper);
    assert_eq!(Draft::read(&path).unwrap().project, project(4.0));
    assert_eq!(Draft::read(&other).unwrap().project, project(5.0));
}

#[test]
fn what_cannot_be_written_is_said_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, gone) = (dir.path().join("drafts"), dir.path().join("stick"));
    let path = folder.join("d.summdiff");
    let keeper = Keeper::start(KnownFiles::default(), || {}).unwrap();
    keeper.keep(snapshot(&path, 1.0, None));
    assert!(!keeper.flush(PATIENCE));
    let trouble = keeper.news().unwrap().unwrap();
    assert!(matches!(trouble, Trouble::Draft { .. }), "{trouble:?}");
    fs::create_dir(&folder).unwrap();
    assert!(keeper.flush(PATIENCE), "it is tried again");
    assert_eq!(keeper.news(), Some(None));
    // The draft is kept where the project's disk has vanished, and the folder is not made up.
    let linked = gone.join("p.summdiff");
    keeper.keep(snapshot(&path, 2.0, Some(&linked)));
    assert!(!keeper.flush(PATIENCE));
    assert!(matches!(keeper.news(), Some(Some(Trouble::Project { .. }))));
    assert_eq!(Draft::read(&path).unwrap().project, project(2.0));
    assert!(!gone.exists());
    fs::create_dir(&gone).unwrap();
    assert!(keeper.flush(PATIENCE));
    assert!(linked.exists());
}

#[test]
fn a_project_that_another_program_changed_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (path, linked) = (dir.path().join("d.summdiff"), dir.path().join("p.summdiff"));
    let known = KnownFiles::default();
    known.save(&project(1.0), &linked, false).unwrap();
    fs::write(&linked, project(9.0).to_json()).unwrap();
    assert!(matches!(
        known.save(&project(2.0), &linked, false),
        Err(SaveError::Changed { .. })
    ));
    let keeper = Keeper::start(known.clone(), || {}).unwrap();
    keeper.keep(snapshot(&path, 2.0, Some(&linked)));
    keeper.flush(PATIENCE);
    assert!(matches!(keeper.news(), Some(Some(Trouble::Changed { .. }))));
    assert_eq!(fs::read(&linked).unwrap(), project(9.0).to_json());
    assert_eq!(Draft::read(&path).unwrap().project, project(2.0));
    known.save(&project(2.0), &linked, true).unwrap();
    assert_eq!(fs::read(&linked).unwrap(), project(2.0).to_json());
}

#[test]
fn a_lock_of_a_process_that_is_gone_is_in_nobodys_way() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Drafts::in_folder(dir.path());
    let key = key_of("", Path::new("/films/a.mp4"));
    // Left by a kill, by another machine, and by an earlier version.
    for left in ["4194304\n1700000000\n", "1 on another.host", "77", ""] {
        fs::write(drafts.draft_lock(&key), left).unwrap();
        assert_eq!(lease::holder(&drafts.draft_lock(&key)), None);
        let held = drafts.hold(&key, None).unwrap();
        assert_eq!(held.slot, 1, "{left:?}");
        let owner = lease::holder(&drafts.draft_lock(&key)).unwrap();
        assert_eq!(owner.process, std::process::id());
        drop(held);
        assert!(!drafts.draft_lock(&key).exists());
    }
}

#[test]
fn work_is_given_to_who_asks_once_it_is_on_the_disk_and_later_work_is_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Drafts::in_folder(&dir.path().join("drafts"));
    let (key, linked) = ("0123456789abcdef", dir.path().join("p.summdiff"));
    let held = drafts.hold(key, None).unwrap();
    let project_lease = drafts.hold_project(&linked).unwrap();
    let keeper = Keeper::start(KnownFiles::default(), || {}).unwrap();
    keeper.watch(vec![held.lease.clone(), project_lease.clone()]);
    let snapshot = |marker| Snapshot {
        lease: Some(held.lease.clone()),
        ..snapshot(&held.path, marker, Some(&linked))
    };
    keeper.keep(snapshot(1.0));
    let lock = drafts.project_lock(&linked);
    let asking = lease::ask(&lock).unwrap().unwrap();
    assert!(lease::ask(&lock).unwrap().is_none(), "one asks at a time");
    let until = std::time::Instant::now() + PATIENCE;
    while !project_lease.is_lost() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(held.lease.is_lost() && project_lease.is_lost());
    assert_eq!(Draft::read(&held.path).unwrap().project, project(1.0));
    assert_eq!(fs::read(&linked).unwrap(), project(1.0).to_json());
    let taken = drafts.hold(key, Some(&linked)).unwrap();
    drop(asking);
    assert_eq!(taken.slot, 1);
    // What the first window did in between is neither lost nor written over the other's.
    keeper.keep(snapshot(2.0));
    assert!(keeper.flush(PATIENCE));
    assert_eq!(keeper.news(), None);
    assert_eq!(Draft::read(&held.path).unwrap().project, project(1.0));
    assert_eq!(fs::read(&linked).unwrap(), project(1.0).to_json());
    assert_eq!(drafts.list()[0].draft.project, project(2.0));
    assert!(!taken.lease.is_lost());
}

#[test]
fn what_is_not_on_the_disk_is_not_given_away() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Drafts::in_folder(&dir.path().join("drafts"));
    let held = drafts.hold("0123456789abcdef", None).unwrap();
    let gone = dir.path().join("stick");
    let keeper = Keeper::start(KnownFiles::default(), || {}).unwrap();
    keeper.watch(vec![held.lease.clone()]);
    keeper.keep(Snapshot {
        lease: Some(held.lease.clone()),
        ..snapshot(&held.path, 1.0, Some(&gone.join("p.summdiff")))
    });
    assert!(!keeper.flush(PATIENCE));
    let _asking = lease::ask(&drafts.draft_lock("0123456789abcdef")).unwrap();
    std::thread::sleep(Duration::from_millis(1200));
    assert!(!held.lease.is_lost());
    fs::create_dir(&gone).unwrap();
    let until = std::time::Instant::now() + PATIENCE;
    while !held.lease.is_lost() && std::time::Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(held.lease.is_lost());
    assert!(gone.join("p.summdiff").exists());
}

#[test]
fn a_lock_whose_file_is_gone_is_taken_again_or_is_anothers() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Drafts::in_folder(dir.path());
    let held = drafts.hold("0123456789abcdef", None).unwrap();
    let lock = drafts.draft_lock("0123456789abcdef");
    fs::remove_file(&lock).unwrap();
    assert!(held.lease.renew() && lock.exists());
    fs::remove_file(&lock).unwrap();
    let other = drafts.hold("0123456789abcdef", None).unwrap();
    assert_eq!(other.slot, 1);
    assert!(!held.lease.renew());
    drop(held);
    assert!(lock.exists(), "the lock of another is left alone");
}

#[test]
fn the_folder_of_a_lock_is_made_where_it_never_was_and_not_where_it_vanished() {
    let dir = tempfile::tempdir().unwrap();
    let (place, folder) = (dir.path().join("state"), dir.path().join("state/drafts"));
    // What is there in its place refuses the folder.
    fs::write(&place, "").unwrap();
    let held = Drafts::in_folder(&folder)
        .hold("0123456789abcdef", None)
        .unwrap();
    assert!(held.lease.renew() && !folder.exists());
    fs::remove_file(&place).unwrap();
    assert!(held.lease.renew() && folder.is_dir());
    fs::remove_dir_all(&place).unwrap();
    assert!(held.lease.renew() && !place.exists());
}
