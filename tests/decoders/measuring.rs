//! What it costs to decode in a process of its own.

use std::path::{Path, PathBuf};
use std::time::Instant;

use summdiff_explorer::confined;
use summdiff_explorer::jobs::CancelToken;
use summdiff_explorer::media::player::FrameReader;
use summdiff_explorer::media::{SampledDecoder, SampledOptions};

use crate::inspected;

/// What a process of its own costs: seconds for sampling a clip as an analysis does, and frames a
/// second for a player, in turns. `SUMMDIFF_CLIP` names the clip.
#[test]
#[ignore = "measures"]
fn cost_of_a_process_of_its_own() {
    const ROUNDS: usize = 5;
    let clip =
        std::env::var_os("SUMMDIFF_CLIP").expect("SUMMDIFF_CLIP names the clip to measure with");
    let clip = PathBuf::from(clip);
    let cancel = CancelToken::new();
    let index = inspected(&clip);
    let picks = index.picks_at(2.0);
    let options = SampledOptions {
        max_side: Some(640),
        find_cuts: true,
        ..SampledOptions::default()
    };
    let sampler = || SampledDecoder::open(&clip, &index, &picks, options, cancel.clone()).unwrap();
    let sampled = |decoder: SampledDecoder| {
        let begun = Instant::now();
        assert_eq!(decoder.count(), picks.len());
        begun.elapsed().as_secs_f64()
    };
    let read = |reader: &mut FrameReader| {
        reader.seek(0, &|| false, &mut |_| {}).unwrap();
        let begun = Instant::now();
        let mut count = 0;
        while reader.next_frame().unwrap().is_some() && count < 300 {
            count += 1;
        }
        f64::from(count) / begun.elapsed().as_secs_f64()
    };
    // Opened before another program is named: these decode here.
    let mut samplers_here: Vec<_> = (0..ROUNDS).map(|_| sampler()).collect();
    let mut reader_here = FrameReader::open(&clip, &index, 0).unwrap();
    confined::use_other_program(Path::new(env!("CARGO_BIN_EXE_summdiff")));
    let mut reader = FrameReader::open(&clip, &index, 0).unwrap();
    for _ in 0..ROUNDS {
        let here = sampled(samplers_here.pop().unwrap());
        let begun = Instant::now();
        sampled(sampler());
        let elsewhere = begun.elapsed().as_secs_f64();
        let frames = (read(&mut reader_here), read(&mut reader));
        eprintln!(
            "sampling {here:.3} s here, {elsewhere:.3} s elsewhere ({:.3}); player {:.0} frames/s here, {:.0} elsewhere ({:.3})",
            elsewhere / here,
            frames.0,
            frames.1,
            frames.1 / frames.0
        );
    }
}
