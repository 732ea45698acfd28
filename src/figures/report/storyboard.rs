//! Storyboards: of each alternative's summary one picture a stretch, as small JPEGs inside the
//! page.

use image::codecs::jpeg::JpegEncoder;

use super::alternative_color;
use super::page::Page;
use crate::domain::{Draw, EditedSummary, RgbImage, SummaryRef};
use crate::session::Summarised;
use crate::session::material::Material;
use crate::ui::text;

/// Pictures of one storyboard at most; long summaries are shown evenly.
const MOST_PICTURES: usize = 18;
const JPEG_QUALITY: u8 = 78;

/// Middle of each stretch of a summary, seconds, at most [`MOST_PICTURES`].
fn moments(material: &Material, of: SummaryRef) -> Vec<(f64, f64, f64)> {
    let ranges = material.summary_secs(of);
    let shown = ranges.len().min(MOST_PICTURES);
    (0..shown)
        .map(|at| ranges[at * ranges.len() / shown])
        .map(|(start, end)| ((start + end) / 2.0, start, end))
        .collect()
}

/// The times that storyboards show, seconds, ascending: for decoding them where there is no
/// filmstrip.
pub fn wanted_secs(material: &Material) -> Vec<f64> {
    let mut secs: Vec<f64> = (shown(material).into_iter())
        .flat_map(|of| moments(material, of))
        .map(|(middle, _, _)| middle)
        .collect();
    secs.sort_by(f64::total_cmp);
    secs.dedup();
    secs
}

/// The alternatives, and what a hand has made of summaries.
fn shown(material: &Material) -> Vec<SummaryRef> {
    let alternatives = material.draw.as_ref().map(|draw| &draw.alternatives);
    let kinds = alternatives.into_iter().flatten();
    let edits = material.edits.iter().map(EditedSummary::summary_ref);
    kinds
        .map(|kind| SummaryRef::Alternative(kind.letter()))
        .chain(edits)
        .collect()
}

/// A storyboard for each alternative and each edited summary; nothing where there are no pictures.
pub fn storyboards(page: &mut Page, material: &Material, draw: &Draw) {
    if material.thumbs.is_empty() {
        return;
    }
    for of in shown(material) {
        let Some(summary) = material.summary(of) else {
            continue;
        };
        let kind = of.letter().and_then(|letter| draw.place_of(letter));
        let (name, whence) = match kind.map(|at| &draw.alternatives[at]) {
            Some(kind) => (
                material.name_of(kind.letter()),
                format!("{} of the samples", text::percent(kind.share)),
            ),
            None => (summary.name.clone(), "edited by hand".to_owned()),
        };
        let title = format!("{name} · {whence} · {}", text::clock(summary.secs));
        let pictures = moments(material, of)
            .into_iter()
            .filter_map(|(middle, start, end)| {
                let picture = jpeg(nearest(&material.thumbs, middle)?)?;
                let line = format!("{}–{}", text::clock(start), text::clock(end));
                Some((base64(&picture), line))
            });
        let color = summary.letter.map_or(String::new(), alternative_color);
        page.pictures(&title, &color, pictures);
    }
}

fn nearest(thumbs: &[(f64, RgbImage)], secs: f64) -> Option<&RgbImage> {
    thumbs
        .iter()
        .min_by(|a, b| (a.0 - secs).abs().total_cmp(&(b.0 - secs).abs()))
        .map(|(_, image)| image)
}

fn jpeg(image: &RgbImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
    let format = image::ExtendedColorType::Rgb8;
    match encoder.encode(&image.data, image.width, image.height, format) {
        Ok(()) => Some(out),
        Err(error) => {
            log::warn!("a storyboard picture could not be encoded: {error}");
            None
        }
    }
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            if at <= chunk.len() {
                out.push(char::from(LETTERS[(group >> (18 - 6 * at) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
