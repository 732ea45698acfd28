//! Title cards of reels: letter, name, what distinguishes the alternative, share and length, as
//! large as the clip allows. Does not encode.

use std::collections::HashMap;

use super::letters;
use super::scene::{Align, Ink, Scene};
use super::{Style, png};
use crate::domain::RgbImage;
use crate::session::reel::TitleCard;
use crate::ui::text;

/// Of the card's width, what lines may take.
const LINE_SHARE: f64 = 0.86;
/// Of its height, what all lines together may take.
const BLOCK_SHARE: f64 = 0.88;

/// A line of the card: its words, how large they are in units, how bright, and the air below.
struct Row {
    words: String,
    ink: Ink,
    air: f64,
}

/// The card as a picture of this size; `None` where it is no size of a picture.
pub fn paint(card: &TitleCard, size: [u32; 2]) -> Option<RgbImage> {
    let pixmap = png::paint(&scene(card, size)).ok()?;
    let rgb: Vec<u8> = (pixmap.data_as_u8_slice().chunks_exact(4))
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    RgbImage::new(size[0], size[1], rgb)
}

/// The card as a scene: lines in the middle, shrunk until they fit.
fn scene(card: &TitleCard, size: [u32; 2]) -> Scene {
    let style = Style { size, dark: true };
    let title = card.chapter();
    let mut scene = Scene::new(&style, &title, &format!("{title}, {}", card.share));
    let (width, height) = (style.width(), style.height());
    let mut unit = (width / 11.0).min(height / 9.0);
    let mut rows = rows(card, &style, unit, width * LINE_SHARE);
    // A long name in a narrow picture takes more lines than there is height for.
    for _ in 0..12 {
        if block_height(&rows) <= height * BLOCK_SHARE {
            break;
        }
        unit *= 0.88;
        rows = self::rows(card, &style, unit, width * LINE_SHARE);
    }
    let mut top = (height - block_height(&rows)) / 2.0;
    for row in &rows {
        // Capitals are about 0.73 of a size high.
        let baseline = top + row.ink.size * 0.86;
        let place = [width / 2.0, baseline];
        scene.text(place, Align::Center, &row.words, row.ink);
        top += row.ink.size + row.air;
    }
    scene
}

fn block_height(rows: &[Row]) -> f64 {
    let last_air = rows.last().map_or(0.0, |row| row.air);
    let all: f64 = rows.iter().map(|row| row.ink.size + row.air).sum();
    all - last_air
}

fn rows(card: &TitleCard, style: &Style, unit: f64, room: f64) -> Vec<Row> {
    let palette = style.palette();
    let mut rows = vec![Row {
        words: card.letter.to_string(),
        ink: Ink::bold(2.6 * unit, palette.alternative_text(card.letter)),
        air: 0.25 * unit,
    }];
    let length = format!("{} · {}", card.share, text::clock(card.secs));
    for (words, ink) in [
        (&card.name, Ink::bold(0.95 * unit, palette.text)),
        (&card.line, Ink::new(0.62 * unit, palette.text)),
        (&length, Ink::new(0.62 * unit, palette.secondary)),
    ] {
        let lines = wrapped(words, ink, room);
        let count = lines.len();
        rows.extend(lines.into_iter().enumerate().map(|(at, words)| Row {
            words,
            ink,
            air: if at + 1 == count { 0.4 } else { 0.22 } * unit,
        }));
    }
    rows
}

/// Words in lines no wider than the room; a single word that is wider is cut between letters.
fn wrapped(words: &str, ink: Ink, room: f64) -> Vec<String> {
    // There is no kerning: a line is as wide as its letters together.
    let mut known: HashMap<char, f64> = HashMap::new();
    let mut width = |letter: char| {
        *known.entry(letter).or_insert_with(|| {
            letters::width(letter.encode_utf8(&mut [0; 4]), ink.size, ink.weight)
        })
    };
    let space = width(' ');
    let mut lines: Vec<(String, f64)> = Vec::new();
    // Not at no-break spaces, which keep a number with its unit.
    for word in words
        .split([' ', '\t', '\n'])
        .filter(|word| !word.is_empty())
    {
        let whole: f64 = word.chars().map(&mut width).sum();
        match lines.last_mut() {
            Some((line, used)) if *used + space + whole <= room => {
                line.push(' ');
                line.push_str(word);
                *used += space + whole;
                continue;
            }
            _ => lines.push((String::new(), 0.0)),
        }
        for letter in word.chars() {
            let wide = width(letter);
            match lines.last_mut() {
                Some((line, used)) if *used + wide <= room || line.is_empty() => {
                    line.push(letter);
                    *used += wide;
                }
                _ => lines.push((letter.to_string(), wide)),
            }
        }
    }
    lines.into_iter().map(|(line, _)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Letter;

    fn card(name: &str, line: &str) -> TitleCard {
        TitleCard {
            letter: Letter(1),
            name: name.to_owned(),
            line: line.to_owned(),
            share: "in 38\u{202f}% of the samples".to_owned(),
            secs: 52.0,
        }
    }

    #[test]
    fn every_line_lies_within_cards_of_all_shapes() {
        let long = "Keeps the fireworks and the boats and leaves the speeches out".to_owned();
        let one_word = "Donaudampfschifffahrtsgesellschaft".repeat(3);
        for size in [
            [1920, 1080],
            [320, 240],
            [240, 426],
            [1080, 1920],
            [96, 64],
            [1000, 120],
        ] {
            for (name, line) in [
                ("", ""),
                ("Fireworks", long.as_str()),
                (one_word.as_str(), ""),
            ] {
                let scene = scene(&card(name, line), size);
                let texts: Vec<&str> = (scene.shapes.iter())
                    .filter_map(|shape| shape.label.as_deref())
                    .collect();
                assert_eq!(texts[0], "B");
                let joined = texts.join("");
                assert!(joined.contains("38\u{202f}%"), "{texts:?}");
                for shape in &scene.shapes {
                    for step in &shape.steps {
                        let point = match *step {
                            letters::Step::Move(p) | letters::Step::Line(p) => p,
                            letters::Step::Quad(_, p) | letters::Step::Cubic(_, _, p) => p,
                            letters::Step::Close => continue,
                        };
                        let inside = (0.0..=f64::from(size[0])).contains(&point[0])
                            && (0.0..=f64::from(size[1])).contains(&point[1]);
                        assert!(inside, "{size:?}: {:?} at {point:?}", shape.label);
                    }
                }
            }
        }
    }

    #[test]
    fn a_card_is_a_picture_of_the_clip_s_size_with_letters_on_it() {
        let picture = paint(&card("Fireworks", "Keeps the boats"), [640, 360]).unwrap();
        assert_eq!((picture.width, picture.height), (640, 360));
        assert!(picture.has_something());
        assert_eq!(paint(&card("", ""), [0, 360]), None);
    }
}
