//! A reel: one clip in which several alternatives play in turn, each behind a title card. Says what
//! is on the cards; painting them is handed in, and encoding is `media::cut`'s.

use std::path::PathBuf;

use super::exporting::Export;
use crate::domain::{Alternative, Letter, Named, Names, RgbImage};
use crate::jobs::{CancelToken, Progress};
use crate::media::cut::{self, CutError, ExportOptions, ExportReport, ReelPart, export_reel};
use crate::ui::text;

/// What a card says of an alternative.
#[derive(Clone, Debug, PartialEq)]
pub struct TitleCard {
    pub letter: Letter,
    /// What a person calls it; empty where nobody has named it.
    pub name: String,
    /// How it differs from the others; may be empty.
    pub line: String,
    /// "in 38 % of the samples".
    pub share: String,
    /// How long its part lasts, without the card.
    pub secs: f64,
}

impl TitleCard {
    pub fn new(alternative: &Alternative, names: &Names, secs: f64) -> Self {
        let letter = alternative.letter();
        Self {
            letter,
            name: names.of(Named::Alternative(letter)).name,
            line: alternative.distinguishes.clone(),
            share: format!("in {} of the samples", text::percent(alternative.share)),
            secs,
        }
    }

    /// Name of its chapter.
    pub fn chapter(&self) -> String {
        match self.name.as_str() {
            "" => format!("Alternative {}", self.letter),
            name => format!("{} · {name}", self.letter),
        }
    }
}

/// Paints a card as wide and as high as asked for; `None` where that cannot be.
pub type PaintCard = fn(&TitleCard, [u32; 2]) -> Option<RgbImage>;

/// An alternative's part of a reel.
#[derive(Clone, Debug)]
pub struct Part {
    pub card: TitleCard,
    /// Its summary as it would be written by itself.
    pub export: Export,
}

/// A clip to write.
#[derive(Clone, Debug)]
pub struct Reel {
    /// In the order in which they play, of one video.
    pub parts: Vec<Part>,
    pub out: PathBuf,
    /// How it is written; every picture is encoded, and chapters name the alternatives.
    pub film: ExportOptions,
}

impl Reel {
    /// The video and the letters.
    pub fn title(&self) -> String {
        let letters = self.parts.iter().map(|part| part.card.letter.to_string());
        let letters: Vec<String> = letters.collect();
        let video = self.parts.first().map(|part| &part.export.video.path);
        let stem = video.and_then(|path| path.file_stem()).unwrap_or_default();
        format!(
            "{} · reel of {}",
            stem.to_string_lossy(),
            letters.join(", ")
        )
    }

    /// What the names of its parts do not say of where they come from.
    fn comment(&self) -> String {
        let said = self.parts.iter().filter_map(|part| {
            let origin = &part.export.named.origin;
            (!origin.is_empty()).then(|| format!("{}: {origin}", part.card.letter))
        });
        said.collect::<Vec<String>>().join("; ")
    }

    /// Writes the clip. Blocks until done.
    ///
    /// # Errors
    /// As [`export_reel`]; nothing is left on the disk then.
    pub fn run(
        &self,
        paint: PaintCard,
        progress: &mut dyn FnMut(Progress),
        cancel: &CancelToken,
    ) -> Result<ExportReport, CutError> {
        let first = &self.parts.first().ok_or(CutError::Empty)?.export;
        let parts = self.parts.iter().map(|part| ReelPart {
            title: part.card.chapter(),
            ranges: part.export.ranges.clone(),
        });
        let parts: Vec<ReelPart> = parts.collect();
        let painted = |part: usize, size| paint(&self.parts.get(part)?.card, size);
        let options = ExportOptions {
            title: self.title(),
            comment: self.comment(),
            ..self.film.clone()
        };
        export_reel(
            &first.video.path,
            &first.index,
            cut::Reel {
                parts: &parts,
                paint: &painted,
            },
            &self.out,
            &options,
            progress,
            cancel,
        )
    }
}
