//! Text as outlines, in the typefaces of the window: Inter, and where it lacks a character the
//! fallbacks, so that a figure looks the same on every machine. No kerning and no right-to-left
//! scripts.

use std::sync::OnceLock;

use egui::{FontDefinitions, FontFamily};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use crate::ui::fonts;

/// One step of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Move([f64; 2]),
    Line([f64; 2]),
    Quad([f64; 2], [f64; 2]),
    Cubic([f64; 2], [f64; 2], [f64; 2]),
    Close,
}

/// Which weight of Inter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

/// A line of text from x = 0 on the baseline y = 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub steps: Vec<Step>,
    pub width: f64,
}

struct OutlineTaker {
    steps: Vec<Step>,
    x: f64,
}

impl OutlineTaker {
    // Fonts count y upwards.
    fn at(&self, x: f32, y: f32) -> [f64; 2] {
        [self.x + f64::from(x), -f64::from(y)]
    }
}

impl OutlinePen for OutlineTaker {
    fn move_to(&mut self, x: f32, y: f32) {
        self.steps.push(Step::Move(self.at(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.steps.push(Step::Line(self.at(x, y)));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.steps.push(Step::Quad(self.at(cx, cy), self.at(x, y)));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.steps
            .push(Step::Cubic(self.at(ax, ay), self.at(bx, by), self.at(x, y)));
    }

    fn close(&mut self) {
        self.steps.push(Step::Close);
    }
}

/// The typefaces of the program, or with those of the system, which are read only when a character
/// asks for them.
fn definitions(with_system: bool) -> &'static FontDefinitions {
    static OWN: OnceLock<FontDefinitions> = OnceLock::new();
    static ALL: OnceLock<FontDefinitions> = OnceLock::new();
    let place = if with_system { &ALL } else { &OWN };
    place.get_or_init(|| fonts::definitions(with_system))
}

fn faces(definitions: &FontDefinitions, weight: Weight) -> Vec<FontRef<'_>> {
    let family = match weight {
        Weight::Regular => FontFamily::Proportional,
        Weight::SemiBold => FontFamily::Name(fonts::SEMIBOLD.into()),
    };
    let names = definitions.families.get(&family);
    names
        .into_iter()
        .flatten()
        .filter_map(|name| definitions.font_data.get(name))
        .filter_map(|data| FontRef::from_index((*data.font).as_ref(), data.index).ok())
        .collect()
}

/// The outlines of a line of text. Control characters are left out; what no typeface has becomes
/// the first one's box.
pub fn outline(words: &str, size: f64, weight: Weight) -> Line {
    let own = faces(definitions(false), weight);
    let mut all = None;
    let mut pen = OutlineTaker {
        steps: Vec::new(),
        x: 0.0,
    };
    let size = Size::new(size as f32);
    for letter in words.chars().filter(|letter| !letter.is_control()) {
        let known = find(&own, letter).or_else(|| {
            find(
                all.get_or_insert_with(|| faces(definitions(true), weight)),
                letter,
            )
        });
        let Some((face, glyph)) = known.or_else(|| Some((own.first()?.clone(), GlyphId::NOTDEF)))
        else {
            continue;
        };
        if let Some(outline) = face.outline_glyphs().get(glyph) {
            let settings = DrawSettings::unhinted(size, LocationRef::default());
            // A glyph that cannot be drawn leaves its space.
            let _ = outline.draw(settings, &mut pen);
        }
        let metrics = face.glyph_metrics(size, LocationRef::default());
        pen.x += f64::from(metrics.advance_width(glyph).unwrap_or_default());
    }
    Line {
        steps: pen.steps,
        width: pen.x,
    }
}

fn find<'a>(faces: &[FontRef<'a>], letter: char) -> Option<(FontRef<'a>, GlyphId)> {
    faces.iter().find_map(|face| {
        let glyph = face.charmap().map(letter)?;
        (glyph != GlyphId::NOTDEF).then(|| (face.clone(), glyph))
    })
}

/// Width of a line of text.
pub fn width(words: &str, size: f64, weight: Weight) -> f64 {
    outline(words, size, weight).width
}

/// The words, cut with an ellipsis where they are wider than `limit`.
pub fn fitted(words: &str, size: f64, weight: Weight, limit: f64) -> String {
    if width(words, size, weight) <= limit {
        return words.to_owned();
    }
    let letters: Vec<char> = words.chars().collect();
    for kept in (1..letters.len()).rev() {
        let cut: String = letters[..kept].iter().chain(['…'].iter()).collect();
        if width(&cut, size, weight) <= limit {
            return cut;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_outlines_and_a_width_that_grows_with_it() {
        let line = outline("PC 1 · 38 %", 12.0, Weight::Regular);
        assert!(line.steps.iter().any(|step| matches!(step, Step::Close)));
        assert!((40.0..90.0).contains(&line.width), "{}", line.width);
        let large = width("PC 1 · 38 %", 24.0, Weight::Regular);
        assert!((large - 2.0 * line.width).abs() < 0.2);
        // Figures are tabular: 1 is as wide as 0.
        assert_eq!(
            width("111", 12.0, Weight::Regular),
            width("000", 12.0, Weight::Regular)
        );
        assert_eq!(outline("", 12.0, Weight::SemiBold), Line::default());
        assert!(outline("τ ≥ 0.25 → α", 12.0, Weight::SemiBold).width > 20.0);
    }

    #[test]
    fn long_words_are_cut() {
        let cut = fitted(
            "a very long name of an annotator",
            12.0,
            Weight::Regular,
            60.0,
        );
        assert!(cut.ends_with('…') && width(&cut, 12.0, Weight::Regular) <= 60.0);
        assert_eq!(fitted("short", 12.0, Weight::Regular, 60.0), "short");
    }
}
