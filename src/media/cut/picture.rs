//! Makes decoded pictures fit an encoder: turned, cut to an even size, converted. Pictures that fit
//! pass untouched.

use ffmpeg_next as ff;

use super::CutError;
use crate::media::Orientation;

/// What an encoder takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PictureFormat {
    pub width: u32,
    pub height: u32,
    pub pixel: ff::format::Pixel,
    pub range: Range,
    pub fields: Fields,
}

/// The values that samples use, before and after conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Range {
    Studio,
    Full,
    /// Red, green and blue become studio video.
    StudioOfRgb,
}

/// What becomes of the two fields of interlaced pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fields {
    /// The pictures have none.
    #[default]
    None,
    /// They are coded as fields.
    Kept(FieldOrder),
    /// The first one is shown for the whole picture.
    First,
}

/// Which field is shown first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldOrder {
    Top,
    Bottom,
}

/// What a decoded picture is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    width: u32,
    height: u32,
    pixel: ff::format::Pixel,
    bottom_first: bool,
}

/// Converts pictures one by one. The filter graph is rebuilt when size or pixel format change
/// midway.
pub(super) struct PictureFitter {
    target: PictureFormat,
    /// How the picture is turned for real; the identity where the container carries a display
    /// matrix.
    turn: Orientation,
    graph: Option<(Found, ff::filter::Graph)>,
}

impl PictureFitter {
    pub fn new(target: PictureFormat, turn: Orientation) -> Self {
        Self {
            target,
            turn,
            graph: None,
        }
    }

    /// The picture as the encoder takes it.
    pub fn fit(&mut self, frame: ff::frame::Video) -> Result<ff::frame::Video, CutError> {
        let found = Found {
            width: frame.width(),
            height: frame.height(),
            pixel: frame.format(),
            bottom_first: self.target.fields == Fields::First && !frame.is_top_first(),
        };
        let target = self.target;
        if (found.width, found.height, found.pixel) == (target.width, target.height, target.pixel)
            && self.turn == Orientation::default()
            && target.fields != Fields::First
        {
            return Ok(frame);
        }
        self.filter(found, &frame)
            .map_err(|err| CutError::convert("a picture", err))
    }

    fn filter(
        &mut self,
        found: Found,
        frame: &ff::frame::Video,
    ) -> Result<ff::frame::Video, ff::Error> {
        if self.graph.as_ref().is_none_or(|(from, _)| *from != found) {
            self.graph = Some((found, self.build(found)?));
        }
        let Some((_, graph)) = self.graph.as_mut() else {
            return Err(ff::Error::Bug);
        };
        graph
            .get("in")
            .ok_or(ff::Error::FilterNotFound)?
            .source()
            .add(frame)?;
        let mut out = ff::frame::Video::empty();
        graph
            .get("out")
            .ok_or(ff::Error::FilterNotFound)?
            .sink()
            .frame(&mut out)?;
        Ok(out)
    }

    fn build(&self, found: Found) -> Result<ff::filter::Graph, ff::Error> {
        let mut graph = ff::filter::Graph::new();
        let buffer = ff::filter::find("buffer").ok_or(ff::Error::FilterNotFound)?;
        let sink = ff::filter::find("buffersink").ok_or(ff::Error::FilterNotFound)?;
        let arguments = format!(
            "video_size={}x{}:pix_fmt={}:time_base=1/1000:pixel_aspect=1/1",
            found.width,
            found.height,
            pixel_name(found.pixel)?
        );
        graph.add(&buffer, "in", &arguments)?;
        graph.add(&sink, "out", "")?;
        let chain = self.chain(found)?;
        graph.output("in", 0)?.input("out", 0)?.parse(&chain)?;
        graph.validate()?;
        Ok(graph)
    }

    /// The filters in order, as FFmpeg writes them.
    fn chain(&self, found: Found) -> Result<String, ff::Error> {
        let mut filters: Vec<String> = Vec::new();
        if self.target.fields == Fields::First {
            let field = if found.bottom_first { "bottom" } else { "top" };
            filters.push(format!("field=type={field}"));
            filters.push(format!(
                "scale={}:{}:flags=bicubic",
                found.width, found.height
            ));
        }
        if self.turn.flipped {
            filters.push("vflip".into());
        }
        match self.turn.rotation_deg {
            90 => filters.push("transpose=clock".into()),
            180 => filters.push("hflip,vflip".into()),
            270 => filters.push("transpose=cclock".into()),
            _ => {}
        }
        let (width, height) = self.turn.displayed((found.width, found.height));
        let target = self.target;
        let odd_edge = width - width % 2 == target.width || width == target.width;
        let odd_foot = height - height % 2 == target.height || height == target.height;
        if (width, height) != (target.width, target.height) {
            if odd_edge && odd_foot {
                // One column or row less is sharper than a picture scaled by one pixel.
                filters.push(format!("crop={}:{}:0:0", target.width, target.height));
            } else {
                filters.push(format!(
                    "scale={}:{}:flags=bicubic+accurate_rnd",
                    target.width, target.height
                ));
            }
        }
        if found.pixel != target.pixel {
            let range = match target.range {
                Range::Studio => "in_range=limited:out_range=limited",
                Range::Full => "in_range=full:out_range=full",
                Range::StudioOfRgb => "out_range=limited",
            };
            let fields = match target.fields {
                Fields::Kept(_) => ":interl=1",
                _ => "",
            };
            filters.push(format!(
                "scale={range}{fields}:flags=bicubic+accurate_rnd+full_chroma_int"
            ));
        }
        filters.push(format!("format=pix_fmts={}", pixel_name(target.pixel)?));
        Ok(filters.join(","))
    }
}

/// A pixel format by FFmpeg's name.
pub(super) fn pixel_name(pixel: ff::format::Pixel) -> Result<&'static str, ff::Error> {
    pixel
        .descriptor()
        .map(|descriptor| descriptor.name())
        .ok_or(ff::Error::InvalidData)
}
