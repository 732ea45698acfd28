//! An opened file: finding the video stream, reading its packets, seeking. Does not decode.

use std::ffi::{CStr, CString};
use std::io::Read;
use std::path::{Path, PathBuf};

use ff::ffi;
use ff::packet::Ref as _;
use ffmpeg_next as ff;

use super::{MediaError, stream};
use crate::domain::Rational;

/// Reads in a row that may fail before the file counts as ended.
const MAX_FAILED_READS: u32 = 128;

/// A container opened for reading, with its default video stream chosen.
pub(crate) struct Source {
    pub input: ff::format::context::Input,
    pub path: PathBuf,
    /// Index of the default video stream in the container.
    pub stream: usize,
    /// Seconds per tick of that stream.
    pub time_base: Rational,
    pending: Option<ff::Packet>,
    /// Reads that failed and were skipped.
    pub failed_reads: u32,
    video_only: bool,
}

impl Source {
    /// Opens a file and chooses its video stream.
    ///
    /// # Errors
    /// Every kind of [`MediaError`] about the file as a whole.
    pub fn open(path: &Path) -> Result<Self, MediaError> {
        let input = open_input(path)?;
        let stream = stream::default_video(&input, path)?;
        let time_base = input
            .stream(stream)
            .map(|s| s.time_base())
            .unwrap_or(ff::Rational(1, 1000));
        Ok(Self {
            input,
            path: path.to_path_buf(),
            stream,
            time_base: Rational::new(
                i64::from(time_base.numerator()),
                i64::from(time_base.denominator()),
            ),
            pending: None,
            failed_reads: 0,
            video_only: false,
        })
    }

    /// Tells the demuxer to skip every stream but the video.
    pub fn video_only(mut self) -> Self {
        self.video_only = true;
        keep_only(&mut self.input, self.stream);
        self
    }

    /// The next packet of the video stream; `None` at the end of what can be read.
    pub fn next_packet(&mut self) -> Option<ff::Packet> {
        if let Some(packet) = self.pending.take() {
            return Some(packet);
        }
        let mut failures = 0;
        loop {
            let mut packet = ff::Packet::empty();
            match packet.read(&mut self.input) {
                Ok(()) if packet.stream() == self.stream => return Some(packet),
                Ok(()) => failures = 0,
                Err(ff::Error::Eof) => return None,
                Err(_) => {
                    failures += 1;
                    self.failed_reads += 1;
                    if failures >= MAX_FAILED_READS {
                        return None;
                    }
                }
            }
        }
    }

    /// Hands a packet back, to be the next one.
    pub fn unread(&mut self, packet: ff::Packet) {
        self.pending = Some(packet);
    }

    /// Moves to a keyframe whose timestamp is not after `key_pts`, as near before it as the container allows.
    /// The next packet is that keyframe. The decoder must be flushed by the caller.
    ///
    /// Containers seek by decoding time, by byte guesses or not at all, so the landing is checked and, when it is too
    /// late, tried again further back, at last from the very start.
    pub fn seek_to_key(&mut self, key_pts: i64) -> Result<(), MediaError> {
        let tick_secs = self.time_base.as_f64();
        for back_secs in [0.0, 1.0, 5.0, 30.0] {
            let ticks = if tick_secs > 0.0 {
                (back_secs / tick_secs) as i64
            } else {
                0
            };
            if !self.seek_raw(key_pts.saturating_sub(ticks)) {
                break;
            }
            if self.skip_to_key(key_pts) {
                return Ok(());
            }
        }
        self.rewind()
    }

    /// Starts again from the first packet.
    pub fn rewind(&mut self) -> Result<(), MediaError> {
        self.pending = None;
        self.input = open_input(&self.path)?;
        if self.video_only {
            keep_only(&mut self.input, self.stream);
        }
        Ok(())
    }

    fn seek_raw(&mut self, ts: i64) -> bool {
        self.pending = None;
        // SAFETY: the context is open and owned by `self.input`; the stream index came from it.
        unsafe {
            ffi::avformat_seek_file(
                self.input.as_mut_ptr(),
                self.stream as i32,
                i64::MIN,
                ts,
                ts,
                0,
            ) >= 0
        }
    }

    /// Reads on to the first keyframe packet; whether it is not after `key_pts`.
    fn skip_to_key(&mut self, key_pts: i64) -> bool {
        while let Some(packet) = self.next_packet() {
            if packet.is_key() {
                let on_time = packet_time(&packet).is_none_or(|pts| pts <= key_pts);
                self.unread(packet);
                return on_time;
            }
        }
        false
    }
}

/// Presentation timestamp of a packet, or its decoding timestamp where the container has no other.
pub(crate) fn packet_time(packet: &ff::Packet) -> Option<i64> {
    packet.pts().or(packet.dts())
}

/// Whether an edit list drops the packet's picture after decoding.
pub(crate) fn is_discarded(packet: &ff::Packet) -> bool {
    // SAFETY: the pointer is to the packet's own, always valid struct.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Opens a container by its exact path: bytes that are no UTF-8 and names with a colon work, and no network protocol does.
pub(crate) fn open_input(path: &Path) -> Result<ff::format::context::Input, MediaError> {
    super::init();
    let metadata = std::fs::metadata(path).map_err(|err| MediaError::from_io(path, &err))?;
    if metadata.is_dir() {
        return Err(MediaError::Folder {
            path: path.to_path_buf(),
        });
    }
    if metadata.is_file() && metadata.len() == 0 {
        return Err(MediaError::Empty {
            path: path.to_path_buf(),
        });
    }
    let head = read_head(path)?;
    let url = url_from_path(path)?;
    let mut context = std::ptr::null_mut();
    // SAFETY: `context` is null, so FFmpeg allocates it; the URL is a live NUL-terminated string. On failure FFmpeg frees
    // and nulls the context.
    let opened = unsafe {
        ffi::avformat_open_input(
            &mut context,
            url.as_ptr(),
            std::ptr::null(),
            std::ptr::null_mut(),
        )
    };
    if opened < 0 || context.is_null() {
        return Err(refusal(path, &head, ff::Error::from(opened)));
    }
    // SAFETY: the context was just opened and is owned by nobody else; `Input` closes it when dropped.
    let mut input = unsafe { ff::format::context::Input::wrap(context) };
    // SAFETY: the context is open.
    let found = unsafe { ffi::avformat_find_stream_info(input.as_mut_ptr(), std::ptr::null_mut()) };
    if found < 0 {
        return Err(refusal(path, &head, ff::Error::from(found)));
    }
    if input.nb_streams() == 0 {
        return Err(refusal(path, &head, ff::Error::InvalidData));
    }
    Ok(input)
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

fn url_from_path(path: &Path) -> Result<CString, MediaError> {
    let mut url = b"file:".to_vec();
    url.extend(path_bytes(path));
    CString::new(url).map_err(|_| MediaError::Missing {
        path: path.to_path_buf(),
    })
}

fn read_head(path: &Path) -> Result<Vec<u8>, MediaError> {
    let file = std::fs::File::open(path).map_err(|err| MediaError::from_io(path, &err))?;
    let mut head = Vec::with_capacity(1024);
    file.take(1024)
        .read_to_end(&mut head)
        .map_err(|err| MediaError::from_io(path, &err))?;
    Ok(head)
}

/// Why FFmpeg refused a file, judged by its first bytes.
fn refusal(path: &Path, head: &[u8], err: ff::Error) -> MediaError {
    let path = path.to_path_buf();
    if let Some(looks_like) = text_kind(head) {
        return MediaError::NotVideo { path, looks_like };
    }
    let is_mp4 = head.len() >= 8 && matches!(&head[4..8], b"ftyp" | b"mdat" | b"moov" | b"wide");
    if is_mp4 {
        return MediaError::Incomplete { path };
    }
    match err {
        ff::Error::InvalidData | ff::Error::Eof | ff::Error::DemuxerNotFound => {
            MediaError::NotVideo {
                path,
                looks_like: "no known kind of media file",
            }
        }
        other => MediaError::Unreadable {
            path,
            reason: other.to_string(),
        },
    }
}

/// What kind of text the first bytes are, if any.
fn text_kind(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head);
    // The last character may be cut in two.
    let odd = text
        .chars()
        .filter(|&c| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t')))
        .count();
    if head.is_empty() || odd > 1 {
        return None;
    }
    let start = text.trim_start().to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") || start.contains("<body")
    {
        Some("a web page (HTML)")
    } else if start.starts_with("<?xml") {
        Some("an XML text")
    } else {
        Some("plain text")
    }
}

pub(crate) fn keep_only(input: &mut ff::format::context::Input, stream: usize) {
    for index in 0..input.nb_streams() as usize {
        if index != stream {
            // SAFETY: the index is below the number of streams, whose pointers FFmpeg keeps valid while the input lives.
            unsafe {
                let pointer = *(*input.as_mut_ptr()).streams.add(index);
                (*pointer).discard = ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }
}

/// A name FFmpeg keeps as a static C string.
pub(crate) fn static_name(pointer: *const std::ffi::c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: not null, and FFmpeg's names are static NUL-terminated strings.
    unsafe { CStr::from_ptr(pointer) }
        .to_string_lossy()
        .into_owned()
}

/// Seconds the container claims for the video stream; `None` where it claims nothing that can be compared.
pub(crate) fn claimed_secs(source: &Source) -> Option<f64> {
    let video = source.input.stream(source.stream)?;
    let stated = video.duration();
    if stated > 0 && stated != ffi::AV_NOPTS_VALUE {
        return Some(stated as f64 * source.time_base.as_f64());
    }
    let whole = source.input.duration();
    (whole > 0 && whole != ffi::AV_NOPTS_VALUE).then(|| whole as f64 / f64::from(ffi::AV_TIME_BASE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_binary() {
        assert_eq!(
            text_kind(b"<!DOCTYPE html><p>404"),
            Some("a web page (HTML)")
        );
        assert_eq!(text_kind("grüße\n".as_bytes()), Some("plain text"));
        assert_eq!(text_kind(&[0, 0, 0, 32, b'f', b't', b'y', b'p']), None);
        assert_eq!(text_kind(b""), None);
    }
}
