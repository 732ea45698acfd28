//! Which videos test a method: one rule that the training package in `models/` follows, too, so
//! that a split has one meaning.
//!
//! The videos of stream `s` of a seed are ordered by the SHA-256 of `seed/s/key`; `tvt` takes split
//! `i` from stream `i`, `5fcv` cuts stream 0 into five runs. Reads split files' text, no data set.

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Number of splits of either protocol.
pub const SPLITS: usize = 5;

/// Videos that are averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Every video once.
    #[default]
    All,
    /// Five random splits, 7 : 1 : 2.
    Tvt,
    /// Five folds.
    FiveFold,
}

/// Keys of the videos of each part; disjoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    pub train: Vec<String>,
    pub validation: Vec<String>,
    pub test: Vec<String>,
}

/// The five splits of a protocol; none for [`Protocol::All`].
pub fn splits(protocol: Protocol, keys: &[String], seed: u64) -> Vec<Split> {
    match protocol {
        Protocol::All => Vec::new(),
        Protocol::Tvt => (0..SPLITS).map(|at| random_split(keys, seed, at)).collect(),
        Protocol::FiveFold => (0..SPLITS).map(|at| fold(keys, seed, at)).collect(),
    }
}

fn random_split(keys: &[String], seed: u64, at: usize) -> Split {
    let shuffled = shuffled(keys, seed, at);
    let share = |share: f64| ((share * keys.len() as f64 + 0.5).floor() as usize).max(1);
    let test = share(0.2).min(keys.len());
    let validation = share(0.1).min(keys.len() - test);
    Split {
        test: shuffled[..test].to_vec(),
        validation: shuffled[test..test + validation].to_vec(),
        train: shuffled[test + validation..].to_vec(),
    }
}

/// As in the paper, but that one in eight of the training videos validates instead of the fold that
/// tests.
fn fold(keys: &[String], seed: u64, at: usize) -> Split {
    let order = shuffled(keys, seed, 0);
    let (each, longer) = (keys.len() / SPLITS, keys.len() % SPLITS);
    let start = |fold: usize| fold * each + fold.min(longer);
    let (from, to) = (start(at), start(at + 1));
    let rest: Vec<String> = order[..from].iter().chain(&order[to..]).cloned().collect();
    let held_out = rest.len().div_ceil(8);
    let rest = shuffled(&rest, seed, 1);
    Split {
        test: order[from..to].to_vec(),
        validation: rest[..held_out].to_vec(),
        train: rest[held_out..].to_vec(),
    }
}

fn shuffled(keys: &[String], seed: u64, stream: usize) -> Vec<String> {
    let mut order = keys.to_vec();
    order.sort_by_cached_key(|key| Sha256::digest(format!("{seed}/{stream}/{key}")));
    order
}

#[derive(Deserialize)]
struct StatedSplit {
    test_keys: Vec<String>,
}

/// Test keys of a split file: a list of splits, or one split as Mr. HiSum's file and a training
/// run's `split.json` have it.
///
/// # Errors
/// When the text is neither.
pub fn test_keys(json: &str) -> serde_json::Result<Vec<Vec<String>>> {
    let splits: Vec<StatedSplit> = if json.trim_start().starts_with('{') {
        vec![serde_json::from_str(json)?]
    } else {
        serde_json::from_str(json)?
    };
    // The field's files put the dataset's path before the key.
    let plain = |key: String| key.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(splits
        .into_iter()
        .map(|split| split.test_keys.into_iter().map(plain).collect())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize) -> Vec<String> {
        (1..=count).map(|n| format!("video_{n}")).collect()
    }

    #[test]
    fn a_split_file_is_one_split_or_a_list() {
        let one =
            r#" {"train_keys": ["video_1"], "test_keys": ["../tvsum.h5/video_2", "video_3"]}"#;
        assert_eq!(test_keys(one).unwrap(), [["video_2", "video_3"]]);
        let list = format!("[{one}, {one}]");
        assert_eq!(test_keys(&list).unwrap().len(), 2);
        assert!(test_keys(r#"{"train_keys": []}"#).is_err());
        assert!(test_keys("[1]").is_err());
    }

    #[test]
    fn parts_are_disjoint_and_whole_for_any_number_of_videos() {
        for protocol in [Protocol::Tvt, Protocol::FiveFold] {
            for count in [5, 7, 25, 50, 51] {
                for split in splits(protocol, &keys(count), 3) {
                    let mut all =
                        [split.train.clone(), split.validation, split.test.clone()].concat();
                    all.sort();
                    all.dedup();
                    assert_eq!(all.len(), count);
                    assert!(!split.test.is_empty() && !split.train.is_empty());
                }
            }
        }
        let mut tested: Vec<String> = splits(Protocol::FiveFold, &keys(13), 0)
            .into_iter()
            .flat_map(|split| split.test)
            .collect();
        tested.sort();
        tested.dedup();
        assert_eq!(tested.len(), 13);
    }

    /// The Python package asserts the same keys.
    #[test]
    fn the_rule_is_the_one_of_the_training_package() {
        let tvt = &splits(Protocol::Tvt, &keys(10), 0)[1];
        let folds = &splits(Protocol::FiveFold, &keys(10), 7)[2];
        assert_eq!(
            (tvt.test.join(" "), folds.test.join(" ")),
            ("video_10 video_9".into(), "video_4 video_2".into())
        );
    }
}
