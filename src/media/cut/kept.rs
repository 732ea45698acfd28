//! What a clip keeps of its source and what it loses, compared once and in one place for every
//! mode. What pictures lose by their encoder is known and reported there (see `encode`).

use std::path::Path;

use ff::format::stream::Disposition;
use ffmpeg_next as ff;

use super::choice::{self, TrackChoice, TrackName, Wanted};
use super::target::Container;
use super::track::Track;
use super::{CutError, ExportMode, ExportOptions, Made, sys};
use crate::media::opening::open_input;
use crate::media::stream::default_video;
use crate::media::{MediaError, counted};

/// Tags that speak of the source's file and not of the clip.
const OF_THE_FILE: [&str; 9] = [
    "encoder",
    "major_brand",
    "minor_version",
    "compatible_brands",
    "timecode",
    "duration",
    "vendor_id",
    "handler_name",
    "alpha_mode",
];

/// What a source holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub tags: Vec<(String, String)>,
    pub video: Track,
    pub sounds: Vec<Track>,
    /// Subtitles, fonts and other data.
    others: Vec<Track>,
    chapters: usize,
    alpha: Alpha,
    /// Pixel format of the pictures, as far as the container or the first pictures state it.
    pub pixel: Option<ff::format::Pixel>,
    pub codec: Option<ff::codec::Id>,
    /// Pixels of a picture, as coded.
    pub pixels: u64,
}

/// How a source carries transparency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Alpha {
    #[default]
    None,
    /// In the pictures themselves.
    Within,
    /// Beside the pictures, as WebM does.
    Beside,
}

impl Facts {
    /// Opens the source for its facts; reads no packets.
    pub fn read(path: &Path) -> Result<Self, MediaError> {
        let mut input = open_input(path, &crate::jobs::CancelToken::new())?;
        let video = default_video(&input, path)?;
        let chosen = sys::sound_stream(&mut input, video);
        let mut facts = Self {
            tags: tags_of(&input.metadata()),
            chapters: input.nb_chapters() as usize,
            ..Self::default()
        };
        for stream in input.streams() {
            let kind = stream.parameters().medium();
            let metadata = stream.metadata();
            let track = Track {
                stream: stream.index(),
                kind: Some(kind),
                tags: tags_of(&metadata),
                is_chosen: Some(stream.index()) == chosen,
                disposition: stream.disposition(),
                is_drawn: sys::is_drawn_text(stream.parameters().id()),
            };
            match kind {
                _ if stream.index() == video => {
                    facts.alpha = if metadata.get("alpha_mode") == Some("1") {
                        Alpha::Beside
                    } else if sys::parameters_have_alpha(&stream.parameters()) {
                        Alpha::Within
                    } else {
                        Alpha::None
                    };
                    facts.pixel = sys::stated_pixel(&stream.parameters());
                    facts.codec = Some(stream.parameters().id());
                    facts.pixels = sys::stated_pixels(&stream.parameters());
                    facts.video = track;
                }
                ff::media::Type::Audio => facts.sounds.push(track),
                ff::media::Type::Subtitle | ff::media::Type::Attachment => facts.others.push(track),
                ff::media::Type::Video
                    if !stream.disposition().contains(Disposition::ATTACHED_PIC) =>
                {
                    facts.others.push(track);
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    /// The tracks that a clip is to keep.
    ///
    /// # Errors
    /// [`CutError::NoTrack`] where the source has no such track.
    pub fn wanted(&self, options: &ExportOptions) -> Result<Wanted, CutError> {
        let sounds: Vec<&Track> = self.sounds.iter().collect();
        let subtitles: Vec<&Track> = self.subtitles().collect();
        Wanted::of(&sounds, &subtitles, options)
    }

    /// A stream besides the pictures and the sound.
    pub fn track(&self, stream: usize) -> Option<&Track> {
        self.others.iter().find(|track| track.stream == stream)
    }

    /// Subtitles of any kind, in the source's order.
    pub fn subtitles(&self) -> impl Iterator<Item = &Track> {
        let others = self.others.iter();
        others.filter(|track| track.kind == Some(ff::media::Type::Subtitle))
    }

    /// Subtitles made of text, which clips can keep, with their numbers among all.
    pub fn written_subtitles(&self) -> Vec<TrackName> {
        let names = choice::names(self.subtitles());
        (names.into_iter().zip(self.subtitles()))
            .filter(|(_, track)| !track.is_drawn)
            .map(|(name, _)| name)
            .collect()
    }

    pub fn has_files(&self) -> bool {
        self.has_kind(ff::media::Type::Attachment)
    }

    fn has_kind(&self, kind: ff::media::Type) -> bool {
        self.others.iter().any(|track| track.kind == Some(kind))
    }

    /// Whether the copied pictures of a clip carry transparency beside them.
    pub fn copies_alpha(&self, container: Container) -> bool {
        self.alpha == Alpha::Beside && matches!(container, Container::WebM | Container::Mkv)
    }

    /// What a clip does not have of this, in sentences.
    pub fn losses(
        &self,
        wanted: &Wanted,
        container: Container,
        options: &ExportOptions,
        made: &Made,
    ) -> Vec<String> {
        let mut notes = Vec::new();
        let copied = made.mode == ExportMode::Copy;
        let keeps_alpha = match self.alpha {
            Alpha::None => true,
            Alpha::Within => copied,
            Alpha::Beside => copied && self.copies_alpha(container),
        };
        if !keeps_alpha {
            // FFmpeg decodes every GIF with an alpha channel, whether a pixel uses it or not.
            notes.push(match self.codec {
                Some(ff::codec::Id::GIF) => {
                    "the clip is opaque: transparent parts, if the GIF has any, are lost".into()
                }
                _ => "the clip is opaque: the source's transparency is lost".into(),
            });
        }
        let mut left_out: Vec<String> = Vec::new();
        // What a person chose to leave out is no loss.
        if made.kept.sound && options.sounds == TrackChoice::Usual {
            let other = (self.sounds.iter()).filter(|track| !wanted.sounds.contains(&track.stream));
            left_out.extend(other.map(|track| track.named("a sound track")));
        }
        let of_kind = |kind| {
            self.others
                .iter()
                .filter(move |track| track.kind == Some(kind))
                .filter(|track| !made.kept.streams.contains(&track.stream))
        };
        let texts = of_kind(ff::media::Type::Subtitle)
            .filter(|track| wanted.subtitles.contains(&track.stream));
        left_out.extend(texts.map(|track| {
            track.named(match track.is_drawn {
                true => "subtitles made of pictures",
                false => "subtitles",
            })
        }));
        left_out
            .extend(of_kind(ff::media::Type::Video).map(|track| track.named("a second picture")));
        match of_kind(ff::media::Type::Attachment).count() {
            0 => {}
            files => left_out.push(counted(files, "attached file")),
        }
        if self.chapters > 0 && !options.chapters {
            left_out.push(counted(self.chapters, "chapter"));
        }
        if !left_out.is_empty() {
            notes.push(format!("left out: {}", left_out.join(", ")));
        }
        notes
    }
}

fn tags_of(metadata: &ff::DictionaryRef<'_>) -> Vec<(String, String)> {
    metadata
        .iter()
        .filter(|(key, _)| {
            let of_the_file = OF_THE_FILE.iter().any(|own| key.eq_ignore_ascii_case(own));
            // Counts of the source's own frames and bytes, as mkvmerge writes them.
            let is_statistic = ["BPS", "DURATION", "NUMBER_OF_", "_STATISTICS"]
                .iter()
                .any(|start| key.starts_with(start));
            !of_the_file && !is_statistic
        })
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
