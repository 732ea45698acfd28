//! Choosing and opening an encoder of sound for a container.

use ffmpeg_next as ff;

use super::CutError;
use super::sys::{self, SoundFormat};
use super::target::Container;

/// An opened encoder of sound and what it takes.
pub(super) struct OpenedSound {
    pub encoder: ff::encoder::Audio,
    pub format: SoundFormat,
    /// Samples of a frame.
    pub frame_size: usize,
    /// Whether the last frame must be as long as the others.
    pub pads_last: bool,
    /// What a person should know: mixed channels, another rate.
    pub notes: Vec<String>,
}

/// Opens the container's usual encoder; where it does not take the speakers of the source, the
/// sound is mixed to the usual layout of as many, then to stereo.
pub(super) fn open_encoder(
    source: &SoundFormat,
    container: Container,
    global_header: bool,
) -> Result<OpenedSound, CutError> {
    let names: &[&str] = match container {
        Container::WebM => &["libopus", "libvorbis"],
        _ => &["aac", "libfdk_aac", "libmp3lame"],
    };
    let channels = source.layout.channels() as i32;
    let mut tried = Vec::new();
    for name in names {
        let Some(codec) = ff::encoder::find_by_name(name) else {
            tried.push(format!("{name} is not in this FFmpeg"));
            continue;
        };
        let known = match codec.id() {
            ff::codec::Id::AAC => source.layout.as_aac_knows(),
            _ => None,
        };
        let layouts = [
            known.unwrap_or_else(|| source.layout.clone()),
            source.layout.clone(),
            sys::Layout::of_count(channels),
            sys::Layout::of_count(2),
            sys::Layout::of_count(1),
        ];
        for (attempt, layout) in layouts.into_iter().enumerate() {
            match open_with_layout(codec, source, &layout, global_header) {
                Ok(mut opened) => {
                    if layout.channels() < channels as usize {
                        opened.notes.push(format!(
                            "{channels} sound channels were mixed to {}, as {name} takes no more",
                            layout.channels()
                        ));
                    }
                    return Ok(opened);
                }
                Err(err) if attempt == 4 => tried.push(format!("{name} refused ({err})")),
                Err(_) => {}
            }
        }
    }
    Err(CutError::Convert(format!(
        "no sound encoder for {} works: {}",
        container.extension(),
        tried.join(", ")
    )))
}

fn open_with_layout(
    codec: ff::Codec,
    source: &SoundFormat,
    layout: &sys::Layout,
    global_header: bool,
) -> Result<OpenedSound, ff::Error> {
    use ff::codec::capabilities::Capabilities;
    let audio = codec.audio()?;
    let sample = audio
        .formats()
        .and_then(|mut formats| formats.find(|&format| sys::can_fill(format)))
        .unwrap_or(ff::format::Sample::F32(ff::format::sample::Type::Planar));
    let rate = audio
        .rates()
        .map(Iterator::collect::<Vec<i32>>)
        .and_then(|rates| nearest_rate(source.rate, &rates))
        .unwrap_or(source.rate);
    let mut encoder = ff::codec::Context::new_with_codec(codec)
        .encoder()
        .audio()?;
    encoder.set_rate(rate as i32);
    encoder.set_format(sample);
    layout.apply_to(&mut encoder);
    encoder.set_time_base(ff::Rational(1, rate as i32));
    let per_channel = if codec.id() == ff::codec::Id::OPUS {
        64_000
    } else {
        96_000
    };
    encoder.set_bit_rate((per_channel * layout.channels()).min(512_000));
    if global_header {
        encoder.set_flags(ff::codec::Flags::GLOBAL_HEADER);
    }
    let encoder = encoder.open()?;
    let capabilities = codec.capabilities();
    let any_size = capabilities.contains(Capabilities::VARIABLE_FRAME_SIZE);
    let frame_size = match encoder.frame_size() {
        0 => 1024,
        size => size as usize,
    };
    let mut notes = Vec::new();
    if rate != source.rate {
        notes.push(format!(
            "the sound was resampled from {} to {rate} Hz, as {} asks",
            source.rate,
            codec.name()
        ));
    }
    Ok(OpenedSound {
        format: SoundFormat {
            sample,
            layout: layout.clone(),
            rate,
        },
        frame_size,
        pads_last: !any_size && !capabilities.contains(Capabilities::SMALL_LAST_FRAME),
        encoder,
        notes,
    })
}

/// The source's rate where the encoder takes it, else the next higher, else the highest.
fn nearest_rate(wanted: u32, offered: &[i32]) -> Option<u32> {
    let offered: Vec<u32> = offered
        .iter()
        .filter_map(|&r| u32::try_from(r).ok())
        .collect();
    offered
        .iter()
        .copied()
        .filter(|&rate| rate >= wanted)
        .min()
        .or_else(|| offered.iter().copied().max())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_gets_the_rate_it_takes() {
        assert_eq!(nearest_rate(44_100, &[48_000, 24_000, 8_000]), Some(48_000));
        assert_eq!(nearest_rate(44_100, &[96_000, 44_100]), Some(44_100));
        assert_eq!(nearest_rate(192_000, &[48_000, 96_000]), Some(96_000));
    }
}
