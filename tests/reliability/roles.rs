//! Writers that are killed, and what has to be true after it.

use std::path::Path;

use super::projects::numbered;
use summdiff_explorer::annotations::write as annotations;
use summdiff_explorer::app::persist::Store as Settings;
use summdiff_explorer::cache::{CachedFeatures, FeatureKey, Store};
use summdiff_explorer::domain::{AnnotationSet, Annotator, Features};
use summdiff_explorer::session::drafts::keeper::{Keeper, KnownFiles, Snapshot};
use summdiff_explorer::session::drafts::{Draft, Drafts, Facts};
use summdiff_explorer::state::Preferences;
use summdiff_explorer::state::project_io::{load, save};

pub const ROLE: &str = "SUMMDIFF_TEST_ROLE";
pub const FOLDER: &str = "SUMMDIFF_TEST_FOLDER";
pub const ONCE: &str = "SUMMDIFF_TEST_ONCE";
pub const NEXT: &str = "SUMMDIFF_TEST_NEXT";

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Project,
    Draft,
    Settings,
    Cache,
    Annotations,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::Project,
        Self::Draft,
        Self::Settings,
        Self::Cache,
        Self::Annotations,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Draft => "draft",
            Self::Settings => "settings",
            Self::Cache => "cache",
            Self::Annotations => "annotations",
        }
    }

    /// Settings are a convenience: what cannot be written is logged.
    pub fn reports(self) -> bool {
        self != Self::Settings
    }

    /// Writes the content of a number.
    fn write(self, dir: &Path, number: u64) -> anyhow::Result<()> {
        match self {
            Self::Project => save(&numbered(number), &dir.join("film.summdiff")),
            Self::Draft => {
                let drafts = Drafts::in_folder(&dir.join("drafts"));
                let held = drafts.hold("0123456789abcdef", None)?;
                let keeper = Keeper::start(KnownFiles::default(), || {})?;
                keeper.keep(Snapshot {
                    draft: Draft {
                        project: numbered(number),
                        facts: Facts::default(),
                    },
                    draft_path: held.path.clone(),
                    lease: Some(held.lease.clone()),
                    linked: None,
                });
                // Said at once where it fails; it would be tried again otherwise.
                anyhow::ensure!(
                    keeper.flush(std::time::Duration::from_secs(30)),
                    "not written"
                );
                Ok(())
            }
            Self::Settings => {
                let prefs = Preferences {
                    cache_limit_bytes: number,
                    bundle: "b".repeat(20_000),
                    ..Preferences::default()
                };
                Settings::in_folders(dir, dir).save_preferences(&prefs);
                Ok(())
            }
            Self::Cache => {
                Store::at(dir, 1 << 30).store_features(&key(), &features(number))?;
                Ok(())
            }
            Self::Annotations => Ok(annotations::write(
                &dir.join("people.json"),
                &[set(number)],
            )?),
        }
    }

    /// The number that is there, whole; `None` where nothing is.
    fn found(self, dir: &Path) -> Option<u64> {
        match self {
            Self::Project => {
                let found = load(&dir.join("film.summdiff")).expect("a whole project");
                // The whole of it is too long to print.
                assert!(
                    found == numbered(found.settings.seed),
                    "neither old nor new"
                );
                Some(found.settings.seed)
            }
            Self::Draft => {
                let path = dir.join("drafts/0123456789abcdef.summdiff");
                let found = Draft::read(&path).expect("a whole draft").project;
                assert!(
                    found == numbered(found.settings.seed),
                    "neither old nor new"
                );
                Some(found.settings.seed)
            }
            Self::Settings => {
                let prefs = Settings::in_folders(dir, dir).load_preferences();
                assert_eq!(prefs.bundle.len(), 20_000, "neither old nor new");
                Some(prefs.cache_limit_bytes)
            }
            Self::Cache => {
                // An entry that is not there is made again; one that is there is whole.
                let found = Store::at(dir, 1 << 30).load_features(&key())?;
                let number = found.features.picks[0];
                assert!(
                    found.features == features(number).features,
                    "neither old nor new"
                );
                Some(number)
            }
            Self::Annotations => {
                let bytes = std::fs::read(dir.join("people.json")).unwrap();
                let sets: Vec<AnnotationSet> =
                    serde_json::from_slice(&bytes).expect("whole annotations");
                let number = sets[0].frame_count;
                assert!(sets == [set(number)], "neither old nor new");
                Some(number)
            }
        }
    }

    pub fn check(self, dir: &Path) {
        self.found(dir);
    }

    /// Whether the second content is there.
    pub fn holds_newest(self, dir: &Path) -> bool {
        self.found(dir) == Some(2)
    }
}

fn key() -> FeatureKey {
    FeatureKey {
        content_sha256: "a".into(),
        bundle_sha256: "b".into(),
        sampling_fps: 2.0,
        device: "cpu".into(),
    }
}

fn features(number: u64) -> CachedFeatures {
    CachedFeatures {
        features: Features {
            values: ndarray::Array2::from_elem((400, 256), number as f32),
            picks: (0..400).map(|pick| number + pick).collect(),
            pick_times_secs: (0..400).map(|pick| pick as f64 / 2.0).collect(),
            network_rows: Vec::new(),
        },
        thumbs: Vec::new(),
        warnings: Vec::new(),
        shots: summdiff_explorer::domain::shots::Shots::default(),
    }
}

fn set(number: u64) -> AnnotationSet {
    AnnotationSet {
        video_id: "film".into(),
        frame_count: number,
        annotators: vec![Annotator {
            name: "Ann".into(),
            scores: vec![3.0; 40_000],
            ..Annotator::default()
        }],
        ..AnnotationSet::default()
    }
}

/// Writes; only when another test starts it as a process of its own.
#[test]
fn play() {
    let (Some(role), Some(dir)) = (std::env::var_os(ROLE), std::env::var_os(FOLDER)) else {
        return;
    };
    let role = Role::ALL
        .into_iter()
        .find(|known| role == known.name())
        .unwrap();
    let dir = Path::new(&dir);
    if std::env::var_os(ONCE).is_some() {
        let number = 1 + u64::from(std::env::var_os(NEXT).is_some());
        // Ends without waiting for a second attempt.
        std::process::exit(i32::from(role.write(dir, number).is_err()));
    }
    for number in 3.. {
        role.write(dir, number).unwrap();
    }
}
