//! What the FFmpeg that this program runs with can do. Opens no file.

use serde::Serialize;

/// Versions and codecs of the FFmpeg in use.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// Such as "59.37.100", of libavcodec.
    pub avcodec_version: String,
    /// Of libavformat.
    pub avformat_version: String,
    /// Of libavutil.
    pub avutil_version: String,
    /// Decoders of the usual formats that are there, by FFmpeg's names.
    pub decoders: Vec<&'static str>,
    /// Usual decoders that are not.
    pub missing_decoders: Vec<&'static str>,
    /// Encoders that export can use and that are there.
    pub encoders: Vec<&'static str>,
    /// Encoders that export could use and that are not.
    pub missing_encoders: Vec<&'static str>,
}

const DECODERS: [&str; 12] = [
    "h264",
    "hevc",
    "av1",
    "libdav1d",
    "vp8",
    "vp9",
    "mpeg2video",
    "mpeg4",
    "prores",
    "mjpeg",
    "aac",
    "opus",
];
const ENCODERS: [&str; 8] = [
    "libx264",
    "libx265",
    "libopenh264",
    "libvpx-vp9",
    "libsvtav1",
    "mpeg4",
    "aac",
    "libopus",
];

/// Asks the loaded libraries.
pub fn facts() -> Facts {
    super::init();
    let (decoders, missing_decoders) = DECODERS
        .into_iter()
        .partition(|name| ffmpeg_next::decoder::find_by_name(name).is_some());
    let (encoders, missing_encoders) = ENCODERS
        .into_iter()
        .partition(|name| ffmpeg_next::encoder::find_by_name(name).is_some());
    Facts {
        avcodec_version: dotted(ffmpeg_next::codec::version()),
        avformat_version: dotted(ffmpeg_next::format::version()),
        avutil_version: dotted(ffmpeg_next::util::version()),
        decoders,
        missing_decoders,
        encoders,
        missing_encoders,
    }
}

impl Facts {
    /// The release these libraries belong to, such as "5.1", by libavcodec's major and minor
    /// numbers; `None` for unknown ones.
    pub fn release(&self) -> Option<&'static str> {
        let mut parts = self.avcodec_version.split('.');
        let major: u32 = parts.next()?.parse().ok()?;
        let minor: u32 = parts.next()?.parse().ok()?;
        // From FFmpeg's doc/APIchanges: the libavcodec version each release was cut at.
        Some(match (major, minor) {
            (58, 134..) => "4.4",
            (59, ..37) => "5.0",
            (59, 37..) => "5.1",
            (60, ..31) => "6.0",
            (60, 31..) => "6.1",
            (61, ..19) => "7.0",
            (61, 19..) => "7.1",
            (62, ..) => "8",
            _ => return None,
        })
    }
}

/// FFmpeg packs a version as `major << 16 | minor << 8 | micro`.
fn dotted(packed: u32) -> String {
    format!("{}.{}.{}", packed >> 16, packed >> 8 & 0xff, packed & 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_versions_are_unpacked() {
        assert_eq!(dotted(59 << 16 | 37 << 8 | 100), "59.37.100");
    }

    #[test]
    fn every_asked_codec_is_either_there_or_missing() {
        let facts = facts();
        assert_eq!(
            facts.decoders.len() + facts.missing_decoders.len(),
            DECODERS.len()
        );
        assert_eq!(
            facts.encoders.len() + facts.missing_encoders.len(),
            ENCODERS.len()
        );
        // H.264 decoding and MPEG-4 encoding are native: every build that is not cut down has them.
        assert!(facts.decoders.contains(&"h264"), "{facts:?}");
        assert!(facts.encoders.contains(&"mpeg4"), "{facts:?}");
        assert!(facts.avformat_version.contains('.'), "{facts:?}");
    }
}
