//! Which videos `summdiff evaluate` averages: every one, a file's test parts, or random test parts.

use anyhow::Context;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use serde::Deserialize;

use super::EvaluateArgs;
use crate::cli::Output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Protocol {
    All,
    Tvt,
    #[value(name = "5fcv")]
    FiveFold,
}

#[derive(Deserialize)]
struct Split {
    test_keys: Vec<String>,
}

/// Test keys of a split file: a list of splits, or one split as Mr. HiSum's file and a training run's `split.json` have it.
fn test_keys(json: &str) -> serde_json::Result<Vec<Vec<String>>> {
    let splits: Vec<Split> = if json.trim_start().starts_with('{') {
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

/// Keys of the test videos of each split.
pub(super) fn test_parts(
    args: &EvaluateArgs,
    keys: &[String],
    output: &Output,
) -> anyhow::Result<Vec<Vec<String>>> {
    if let Some(path) = &args.splits {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let splits = test_keys(&text).with_context(|| {
            format!(
                "{} is not a split with test_keys, nor a list of them",
                path.display()
            )
        })?;
        let mut missing: Vec<&String> = splits.iter().flatten().collect();
        missing.retain(|key| !keys.contains(key));
        missing.sort();
        missing.dedup();
        if let Some(first) = missing.first() {
            output.say(&format!(
                "{} of the videos that {} names for tests are not in the dataset, such as {first}",
                missing.len(),
                path.display()
            ));
        }
        return Ok(splits);
    }
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(args.seed);
    let mut shuffled = keys.to_vec();
    Ok(match args.protocol {
        Protocol::All => Vec::new(),
        Protocol::Tvt => (0..5)
            .map(|_| {
                shuffled.shuffle(&mut rng);
                let test = (keys.len() as f64 * 0.2).round().max(1.0) as usize;
                shuffled[..test.min(keys.len())].to_vec()
            })
            .collect(),
        Protocol::FiveFold => {
            shuffled.shuffle(&mut rng);
            (0..5)
                .map(|fold| shuffled.iter().skip(fold).step_by(5).cloned().collect())
                .collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
