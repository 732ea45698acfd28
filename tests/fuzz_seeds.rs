//! The seeds of the fuzz targets, and a few hundred damaged copies of each, go through the readers
//! in the ordinary tests too.

use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use summdiff_explorer::testing::readers::Reader;

/// Damaged copies of each seed; `SUMMDIFF_DAMAGED_COPIES` names another number, for a longer
/// search.
fn copies() -> usize {
    let named = std::env::var("SUMMDIFF_DAMAGED_COPIES").ok();
    named.and_then(|number| number.parse().ok()).unwrap_or(150)
}

/// Name and content of a reader's seeds.
fn seeds(reader: Reader) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/seeds")
        .join(reader.name());
    let mut seeds: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|err| panic!("{}: {err}", folder.display()))
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), std::fs::read(&path).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

#[test]
fn every_reader_takes_its_seeds() {
    for reader in Reader::ALL {
        let seeds = seeds(reader);
        assert!(!seeds.is_empty(), "{reader:?} has no seed");
        for (name, bytes) in seeds {
            eprintln!("{name}");
            reader.feed(&bytes);
        }
    }
}

#[test]
fn every_reader_survives_damage() {
    for reader in Reader::ALL {
        for (name, bytes) in seeds(reader) {
            eprintln!("{name}");
            let mut rng = ChaCha8Rng::seed_from_u64(bytes.len() as u64);
            for _ in 0..copies() {
                reader.feed(&damaged(&bytes, &mut rng));
            }
        }
    }
}

/// A copy cut off, with bytes changed, or with a stretch repeated or taken out.
fn damaged(bytes: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    for _ in 0..rng.random_range(1..4) {
        if copy.is_empty() {
            break;
        }
        let at = rng.random_range(0..copy.len());
        let end = rng.random_range(at..copy.len().min(at + 32)) + 1;
        match rng.random_range(0..6) {
            0 => copy.truncate(at),
            1 => copy[at] ^= 1 << rng.random_range(0..8),
            2 => copy[at] = rng.random(),
            3 => copy[at..end].fill(if rng.random() { 0xff } else { 0 }),
            4 => {
                let stretch = copy[at..end].to_vec();
                copy.splice(at..at, stretch);
            }
            _ => {
                copy.drain(at..end);
            }
        }
    }
    copy
}
