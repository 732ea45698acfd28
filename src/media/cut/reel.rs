//! Reels: several parts in one clip, each behind a still picture that introduces it. Makes the
//! still pictures fit the clip; what is on them is painted elsewhere.

use ffmpeg_next as ff;

use super::picture::{PictureFormat, Range, pixel_name};
use super::plan::Part;
use super::{CutError, sys};
use crate::domain::{FrameRange, RgbImage};
use crate::media::Orientation;

/// How long a part is introduced, seconds.
pub const CARD_SECS: f64 = 2.0;

/// A part of a reel.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ReelPart {
    /// Name of its chapter.
    pub title: String,
    /// What it keeps, in the order in which it plays.
    pub ranges: Vec<FrameRange>,
}

/// Paints the card of the part with a number, as wide and as high as asked for; `None` where that
/// cannot be.
pub type CardPainter<'a> = &'a dyn Fn(usize, [u32; 2]) -> Option<RgbImage>;

/// Parts that play one after the other, each behind a card.
#[derive(Clone, Copy)]
pub struct Reel<'a> {
    pub parts: &'a [ReelPart],
    pub paint: CardPainter<'a>,
}

impl Reel<'_> {
    /// The parts as the clip lays them out.
    pub(super) fn laid_out(&self) -> Vec<Part<'_>> {
        (self.parts.iter())
            .map(|part| Part {
                ranges: &part.ranges,
                still_secs: CARD_SECS,
            })
            .collect()
    }
}

/// Makes cards into pictures of the clip.
pub(super) struct Cards<'a> {
    paint: CardPainter<'a>,
    /// As clips show them: upright, in square pixels.
    shown: [u32; 2],
    /// How the clip's pictures are turned for display.
    turn: Orientation,
    target: PictureFormat,
    /// A picture of the clip, which says how its colours and fields are to be understood.
    like: ff::frame::Video,
    /// The card made last.
    last: Option<(usize, ff::frame::Video)>,
}

impl<'a> Cards<'a> {
    /// Cards for a clip of such pictures; `turn` and `sar` are those that the file states, `like`
    /// is one of its pictures.
    pub fn new(
        paint: CardPainter<'a>,
        target: PictureFormat,
        turn: Orientation,
        sar: ff::Rational,
        like: ff::frame::Video,
    ) -> Self {
        let width = f64::from(target.width) * f64::from(sar).max(1e-3);
        let (width, height) = turn.displayed((width.round().max(1.0) as u32, target.height));
        Self {
            paint,
            shown: [width, height],
            turn,
            target,
            like,
            last: None,
        }
    }

    /// The card of a part, in the encoder's format. Give it back with [`Self::keep`]: it is shown
    /// many times.
    pub fn take(&mut self, part: usize) -> Result<ff::frame::Video, CutError> {
        match self.last.take() {
            Some((number, picture)) if number == part => Ok(picture),
            _ => self.make(part),
        }
    }

    pub fn keep(&mut self, part: usize, picture: ff::frame::Video) {
        self.last = Some((part, picture));
    }

    fn make(&self, part: usize) -> Result<ff::frame::Video, CutError> {
        let [width, height] = self.shown;
        let painted = (self.paint)(part, self.shown)
            .filter(|card| (card.width, card.height) == (width, height) && width > 0 && height > 0);
        let painted = painted.ok_or_else(|| {
            CutError::Convert(format!(
                "no title card of {width}×{height} could be painted"
            ))
        })?;
        self.converted(&painted)
            .map_err(|err| CutError::convert("a title card", err))
    }

    fn converted(&self, card: &RgbImage) -> Result<ff::frame::Video, ff::Error> {
        let mut picture = ff::frame::Video::new(ff::format::Pixel::RGB24, card.width, card.height);
        let dimmed = white_level(&self.like);
        let row = card.width as usize * 3;
        let stride = picture.stride(0);
        for (from, to) in (card.data.chunks_exact(row)).zip(picture.data_mut(0).chunks_mut(stride))
        {
            for (from, to) in from.iter().zip(to) {
                *to = (f32::from(*from) * dimmed).round() as u8;
            }
        }
        let mut graph = ff::filter::Graph::new();
        let buffer = ff::filter::find("buffer").ok_or(ff::Error::FilterNotFound)?;
        let sink = ff::filter::find("buffersink").ok_or(ff::Error::FilterNotFound)?;
        let arguments = format!(
            "video_size={}x{}:pix_fmt=rgb24:time_base=1/1000:pixel_aspect=1/1",
            card.width, card.height
        );
        graph.add(&buffer, "in", &arguments)?;
        graph.add(&sink, "out", "")?;
        graph
            .output("in", 0)?
            .input("out", 0)?
            .parse(&self.chain()?)?;
        graph.validate()?;
        (graph.get("in").ok_or(ff::Error::FilterNotFound)?)
            .source()
            .add(&picture)?;
        let mut out = ff::frame::Video::empty();
        (graph.get("out").ok_or(ff::Error::FilterNotFound)?)
            .sink()
            .frame(&mut out)?;
        sys::copy_picture_properties(&self.like, &mut out)?;
        Ok(out)
    }

    /// The filters that lay an upright card as the clip's pictures lie, as FFmpeg writes them.
    fn chain(&self) -> Result<String, ff::Error> {
        let mut filters: Vec<String> = Vec::new();
        match self.turn.rotation_deg {
            90 => filters.push("transpose=cclock".into()),
            180 => filters.push("hflip,vflip".into()),
            270 => filters.push("transpose=clock".into()),
            _ => {}
        }
        if self.turn.flipped {
            filters.push("vflip".into());
        }
        let range = match self.target.range {
            Range::Full => "full",
            Range::Studio | Range::StudioOfRgb => "limited",
        };
        let matrix = match self.target.range {
            // As the clip's own pictures are converted.
            Range::StudioOfRgb => "bt601",
            _ => matrix(&self.like),
        };
        filters.push(format!(
            "scale={}:{}:out_range={range}:out_color_matrix={matrix}:flags=bicubic+accurate_rnd+full_chroma_int",
            self.target.width, self.target.height
        ));
        filters.push(format!(
            "format=pix_fmts={}",
            pixel_name(self.target.pixel)?
        ));
        Ok(filters.join(","))
    }
}

/// How bright white is among a clip's values: HDR's whitest is a lamp, and paper lies well below it
/// (ITU-R BT.2408, 203 cd/m²).
fn white_level(like: &ff::frame::Video) -> f32 {
    match like.color_transfer_characteristic() {
        ff::color::TransferCharacteristic::SMPTE2084 => 0.58,
        ff::color::TransferCharacteristic::ARIB_STD_B67 => 0.75,
        _ => 1.0,
    }
}

/// The matrix of a picture's colours, by the name of the filter; by its size where it states none,
/// as players guess.
fn matrix(like: &ff::frame::Video) -> &'static str {
    use ff::color::Space;
    match like.color_space() {
        Space::BT709 => "bt709",
        Space::BT2020NCL | Space::BT2020CL => "bt2020",
        Space::Unspecified if like.height() > 576 || like.width() >= 1280 => "bt709",
        _ => "bt601",
    }
}
