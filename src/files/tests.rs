use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_file_has_its_old_or_its_new_content() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.json");
    write(&path, b"old").unwrap();
    let failed = write_with(&path, |out| {
        out.write_all(b"half")?;
        Err(io::Error::other("the disk broke"))
    });
    assert!(failed.is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    write(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(dir.path()), ["a.json"]);
}

#[test]
fn rights_are_those_of_a_plain_file_or_of_the_file_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (plain, path) = (dir.path().join("plain"), dir.path().join("a.mp4"));
    fs::write(&plain, b"").unwrap();
    write(&path, b"1").unwrap();
    assert_eq!(mode(&path), mode(&plain));
    for kept in [0o600, 0o640, 0o755] {
        fs::set_permissions(&path, fs::Permissions::from_mode(kept)).unwrap();
        write(&path, b"2").unwrap();
        assert_eq!(mode(&path), kept);
        write_by_name(&path, |temporary| fs::write(temporary, b"3")).unwrap();
        assert_eq!(mode(&path), kept);
    }
}

#[test]
fn links_stay_and_what_they_lead_to_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (near, far) = (dir.path().join("near"), dir.path().join("far"));
    fs::create_dir(&near).unwrap();
    fs::create_dir(&far).unwrap();
    let link = near.join("p.summdiff");
    symlink("../far/p.summdiff", &link).unwrap();
    let twice = near.join("twice");
    symlink("p.summdiff", &twice).unwrap();
    // First where nothing is yet, then over what is there.
    for content in [&b"one"[..], b"two"] {
        write(&twice, content).unwrap();
        assert!(link.is_symlink() && twice.is_symlink());
        assert_eq!(fs::read(far.join("p.summdiff")).unwrap(), content);
    }
    assert_eq!(names(&far), ["p.summdiff"]);
    symlink("ring", near.join("ring")).unwrap();
    assert!(write(&near.join("ring"), b"x").is_err());
}

#[test]
fn what_must_not_be_written_is_refused_and_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.csv");
    fs::write(&path, b"mine").unwrap();
    let message = Staged::beside(&path, Existing::Refuse).unwrap_err();
    assert_eq!(message.kind(), ErrorKind::AlreadyExists);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    for message in [
        write(&path, b"theirs").unwrap_err(),
        check_writable(&path).unwrap_err(),
    ] {
        assert!(message.to_string().contains("read-only"), "{message}");
    }
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    assert!(write(dir.path(), b"x").is_err());
    let message = write(&dir.path().join("no/a.csv"), b"x").unwrap_err();
    assert!(
        message.to_string().contains("there is no folder"),
        "{message}"
    );
    assert!(!dir.path().join("no").exists());
    assert_eq!(names(dir.path()), ["a.csv"]);
}

#[test]
fn a_name_taken_meanwhile_is_not_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.edl");
    let staged = Staged::with_content(&path, Existing::Refuse, b"mine").unwrap();
    fs::write(&path, b"theirs").unwrap();
    assert_eq!(
        staged.commit().unwrap_err().kind(),
        ErrorKind::AlreadyExists
    );
    assert_eq!(fs::read(&path).unwrap(), b"theirs");
    assert_eq!(names(dir.path()), ["a.edl"]);
}

#[test]
fn devices_take_what_they_are_given_and_stay() {
    write(Path::new("/dev/null"), b"x").unwrap();
    assert!(!Path::new("/dev/null").is_file());
    let full = Path::new("/dev/full");
    if full.exists() {
        assert!(write(full, b"x").is_err());
    }
}

#[test]
fn only_abandoned_temporaries_are_swept() {
    let dir = tempfile::tempdir().unwrap();
    let in_dir = |name: &str| dir.path().join(name);
    // Of a run that was killed, as a file and as a folder; then of one that lives.
    fs::write(in_dir(".summdiff-aB3dE6.part.mp4"), b"half").unwrap();
    fs::create_dir(in_dir(".summdiff-000000.part")).unwrap();
    fs::write(in_dir(".summdiff-000000.part/lock"), b"").unwrap();
    fs::write(in_dir(".summdiff-000000.part/file.h5"), b"half").unwrap();
    // Of one that was killed before it made its lock.
    fs::create_dir(in_dir(".summdiff-000001.part")).unwrap();
    let file = Staged::beside(&in_dir("a.mp4"), Existing::Replace).unwrap();
    let folder = Staged::apart(&in_dir("a.h5"), Existing::Replace).unwrap();
    // Of others.
    let theirs = [
        ".summdiff-note.part",
        ".summdiff-abcdef",
        "summdiff-abcdef.part",
        ".summdiff-abcdef.tmp",
    ];
    for name in theirs {
        fs::write(in_dir(name), b"kept").unwrap();
    }
    sweep(dir.path());
    let found = names(dir.path());
    assert_eq!(found.len(), theirs.len() + 2, "{found:?}");
    for name in theirs {
        assert!(in_dir(name).exists(), "{name}");
    }
    file.commit().unwrap();
    fs::write(folder.path(), b"h5").unwrap();
    folder.commit().unwrap();
    assert_eq!(fs::read(in_dir("a.h5")).unwrap(), b"h5");
    assert_eq!(names(dir.path()).len(), theirs.len() + 2);
    // The older version's temporaries are known by their age alone.
    let day = std::time::Duration::from_secs(25 * 3600);
    let old = File::options().write(true).open(in_dir(theirs[3])).unwrap();
    old.set_modified(std::time::SystemTime::now() - day)
        .unwrap();
    sweep(dir.path());
    assert!(!in_dir(theirs[3]).exists());
}

#[test]
fn a_lock_is_had_once_and_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("locks/a.lock");
    let first = Lock::try_take(&path).unwrap().unwrap();
    assert!(Lock::try_take(&path).unwrap().is_none());
    assert_eq!(owner(&path).unwrap().process, std::process::id());
    drop(first);
    assert!(!path.exists());
    assert!(Lock::try_take(&path).unwrap().is_some());
}

#[test]
fn folders_are_made_on_demand_only() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("a/b/c");
    make_folder(&deep).unwrap();
    make_folder(&deep).unwrap();
    assert!(deep.is_dir());
    fs::write(dir.path().join("file"), b"").unwrap();
    assert!(make_folder(&dir.path().join("file/d")).is_err());
}

#[test]
fn a_digest_tells_contents_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    assert_eq!(digest(&path).unwrap(), None);
    fs::write(&path, b"1").unwrap();
    let one = digest(&path).unwrap();
    fs::write(&path, b"2").unwrap();
    assert_ne!(digest(&path).unwrap(), one);
}
