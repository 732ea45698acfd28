//! Faster or slower sound at its own pitch, through FFmpeg's `atempo` filter.

use ffmpeg_next as ff;

use super::sound_reader::CHANNELS;

/// A stretch of the time axis by a fixed factor.
pub(super) struct Tempo {
    graph: ff::filter::Graph,
    rate_hz: u32,
    sent: i64,
}

impl Tempo {
    /// Sound `speed` times as fast (0.25 to 8); `None` where this FFmpeg lacks the filters.
    pub fn new(speed: f64, rate_hz: u32) -> Option<Self> {
        let mut graph = ff::filter::Graph::new();
        let args = format!(
            "time_base=1/{rate_hz}:sample_rate={rate_hz}:sample_fmt=flt:channel_layout=stereo"
        );
        graph.add(&ff::filter::find("abuffer")?, "in", &args).ok()?;
        graph
            .add(&ff::filter::find("abuffersink")?, "out", "")
            .ok()?;
        let chain = atempo_chain(speed)
            .iter()
            .map(|factor| format!("atempo={factor}"))
            .collect::<Vec<_>>()
            .join(",");
        let spec = format!("{chain},aformat=sample_fmts=flt:channel_layouts=stereo");
        graph
            .output("in", 0)
            .and_then(|parser| parser.input("out", 0))
            .and_then(|parser| parser.parse(&spec))
            .ok()?;
        graph.validate().ok()?;
        Some(Self {
            graph,
            rate_hz,
            sent: 0,
        })
    }

    /// Gives interleaved samples and appends what comes out.
    pub fn run(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Option<()> {
        let count = samples.len() / CHANNELS;
        let mut frame = ff::frame::Audio::new(
            ff::format::Sample::F32(ff::format::sample::Type::Packed),
            count,
            ff::ChannelLayout::STEREO,
        );
        frame.set_rate(self.rate_hz);
        frame.set_pts(Some(self.sent));
        self.sent += count as i64;
        for (bytes, sample) in frame.data_mut(0).chunks_exact_mut(4).zip(samples) {
            bytes.copy_from_slice(&sample.to_ne_bytes());
        }
        self.graph.get("in")?.source().add(&frame).ok()?;
        let mut result = ff::frame::Audio::empty();
        while self.graph.get("out")?.sink().frame(&mut result).is_ok() {
            let bytes = result.data(0).get(..result.samples() * CHANNELS * 4)?;
            out.extend(
                bytes
                    .chunks_exact(4)
                    .map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
            );
            result = ff::frame::Audio::empty();
        }
        Some(())
    }
}

/// Factors for a chain of filters whose product is `speed`; each within 0.5 to 2, where the filter
/// drops no sound.
fn atempo_chain(speed: f64) -> Vec<f64> {
    let mut rest = speed.clamp(0.1, 16.0);
    let mut chain = Vec::new();
    while rest > 2.0 {
        chain.push(2.0);
        rest /= 2.0;
    }
    while rest < 0.5 {
        chain.push(0.5);
        rest /= 0.5;
    }
    chain.push(rest);
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_stay_within_the_filters_range() {
        for speed in [0.25, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 8.0] {
            let chain = atempo_chain(speed);
            assert!((chain.iter().product::<f64>() - speed).abs() < 1e-9);
            assert!(chain.iter().all(|f| (0.5..=2.0).contains(f)));
        }
    }

    #[test]
    fn twice_as_fast_is_half_as_long() {
        crate::media::init();
        for speed in [2.0, 0.5] {
            let mut tempo = Tempo::new(speed, 8000).unwrap();
            let mut out = Vec::new();
            let tone: Vec<f32> = (0..8000 * CHANNELS)
                .map(|i| ((i / CHANNELS) as f32 * 0.2).sin())
                .collect();
            for part in tone.chunks(1024) {
                tempo.run(part, &mut out).unwrap();
            }
            let ratio = tone.len() as f64 / out.len() as f64;
            assert!((ratio / speed - 1.0).abs() < 0.15, "{speed}: {ratio}");
        }
    }
}
