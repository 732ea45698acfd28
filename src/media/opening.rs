//! Opening a container by its path, and saying why a file is none. Does not read packets.
//!
//! Only regular files are opened, only as containers that hold their own pictures (no playlists, no
//! lists of pictures), and nothing that a file names is fetched. Opening and reading end when asked
//! to.

use std::ffi::{CStr, CString, c_int, c_void};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ff::ffi;
use ffmpeg_next as ff;
use parking_lot::Mutex;

use super::MediaError;
use super::bounds::MOST_PIXELS;
use super::error::LOOKS;
use crate::jobs::{CancelToken, WorkLimit};
use crate::reading::{self, NotRegular};

/// FFmpeg's names of the containers and raw streams that are read. What is not here names other
/// files (hls, dash, concat, imf), takes a name for a pattern (image2), makes pictures up (lavfi),
/// or is no video.
const CONTAINERS: &CStr = c"mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,ivf,gxf,rm,wtv,nsv,nuv,dv,\
    h261,h263,h264,hevc,vvc,av1,obu,m4v,mpegvideo,mjpeg,vc1,vc1test,cavsvideo,dirac,yuv4mpegpipe,gif,apng,\
    mp3,flac,aac,ac3,eac3,wav,w64,aiff,caf,au,amr,tta,wv";
/// Work that opening a file may cost before it is refused.
const MOST_OPENING: Duration = Duration::from_secs(10);

/// An open container, with what ends its reading.
pub(crate) struct Input {
    // Before the interrupt, which it points at until it is closed.
    context: ff::format::context::Input,
    interrupt: Arc<Interrupt>,
}

impl Input {
    /// Whether reading was asked to end.
    pub fn is_cancelled(&self) -> bool {
        self.interrupt.cancel.is_cancelled()
    }

    /// Reads a packet of any stream; the program that waits for this process learns that it is
    /// getting on.
    pub fn read(&mut self, packet: &mut ff::Packet) -> Result<(), ff::Error> {
        super::remote::signs::working();
        packet.read(&mut self.context)
    }

    /// What it is asked by, for opening the file anew.
    pub fn cancel_token(&self) -> CancelToken {
        self.interrupt.cancel.clone()
    }
}

impl Deref for Input {
    type Target = ff::format::context::Input;

    fn deref(&self) -> &Self::Target {
        &self.context
    }
}

impl DerefMut for Input {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.context
    }
}

/// What FFmpeg asks before each wait whether to go on.
struct Interrupt {
    cancel: CancelToken,
    /// While the file is being opened.
    limit: Mutex<Option<WorkLimit>>,
}

impl Interrupt {
    fn is_over(&self) -> bool {
        self.cancel.is_cancelled() || self.limit.lock().as_ref().is_some_and(WorkLimit::is_over)
    }
}

extern "C" fn interrupted(opaque: *mut c_void) -> c_int {
    // SAFETY: FFmpeg hands back the pointer set in `open_context`, to an `Interrupt` that outlives
    // the context.
    let interrupt = unsafe { opaque.cast::<Interrupt>().as_ref() };
    c_int::from(interrupt.is_some_and(Interrupt::is_over))
}

/// Fails where a path leads to no regular file that holds something and may be read.
pub(crate) fn check(path: &Path) -> Result<Vec<u8>, MediaError> {
    let head = read_head(path)?;
    if head.is_empty() {
        return Err(MediaError::Empty {
            path: path.to_path_buf(),
        });
    }
    Ok(head)
}

/// Opens a container by its exact path: bytes that are no UTF-8 and names with a colon work, and no
/// network protocol does. `cancel` ends the opening, and every reading from it.
pub(crate) fn open_input(path: &Path, cancel: &CancelToken) -> Result<Input, MediaError> {
    super::init();
    let head = check(path)?;
    let url = url_from_path(path)?;
    let interrupt = Arc::new(Interrupt {
        cancel: cancel.clone(),
        limit: Mutex::new(Some(WorkLimit::start(MOST_OPENING))),
    });
    let over = |otherwise: MediaError| {
        if cancel.is_cancelled() {
            MediaError::cancelled(path)
        } else if interrupt.is_over() {
            MediaError::TooSlow {
                path: path.to_path_buf(),
                secs: MOST_OPENING.as_secs(),
            }
        } else {
            otherwise
        }
    };
    let context = match open_context(&url, std::ptr::null_mut(), &interrupt) {
        Ok(context) => context,
        Err(opened) => {
            if let Some(err) = refusing_device(&url, &interrupt) {
                return Err(over(MediaError::unreadable(path, err)));
            }
            return Err(over(refusal(path, &head, ff::Error::from(opened))));
        }
    };
    // SAFETY: the context was just opened and is owned by nobody else; `Input` closes it when
    // dropped.
    let mut context = unsafe { ff::format::context::Input::wrap(context) };
    let found = find_streams(&mut context);
    if interrupt.is_over() {
        // Closed before what it points at.
        drop(context);
        return Err(over(MediaError::cancelled(path)));
    }
    *interrupt.limit.lock() = None;
    let input = Input { context, interrupt };
    if let Some(err) = device_error(&input) {
        return Err(MediaError::unreadable(path, err));
    }
    if found < 0 {
        return Err(refusal(path, &head, ff::Error::from(found)));
    }
    if input.nb_streams() == 0 {
        return Err(refusal(path, &head, ff::Error::InvalidData));
    }
    Ok(input)
}

/// Opens a context on a URL, read through `reader` where that is not null, within the limits of
/// this room.
///
/// `interrupt` has to outlive the context.
fn open_context(
    url: &CStr,
    reader: *mut ffi::AVIOContext,
    interrupt: &Interrupt,
) -> Result<*mut ffi::AVFormatContext, c_int> {
    // SAFETY: the context is null or ours until it is returned; on failure FFmpeg frees and nulls
    // it. All strings are live and NUL-terminated; the dictionary is freed whatever happens. A
    // given reader stays the caller's.
    unsafe {
        let mut context = ffi::avformat_alloc_context();
        if context.is_null() {
            return Err(ffi::AVERROR(ff::error::ENOMEM));
        }
        (*context).interrupt_callback.callback = Some(interrupted);
        (*context).interrupt_callback.opaque =
            std::ptr::from_ref(interrupt).cast_mut().cast::<c_void>();
        if !reader.is_null() {
            (*context).pb = reader;
        }
        let mut options = std::ptr::null_mut();
        for (name, value) in [
            (c"format_whitelist", CONTAINERS),
            (c"protocol_whitelist", c"file"),
        ] {
            ffi::av_dict_set(&mut options, name.as_ptr(), value.as_ptr(), 0);
        }
        let opened =
            ffi::avformat_open_input(&mut context, url.as_ptr(), std::ptr::null(), &mut options);
        ffi::av_dict_free(&mut options);
        if opened < 0 || context.is_null() {
            return Err(opened.min(-1));
        }
        Ok(context)
    }
}

/// Lets FFmpeg find out about the streams, for which it decodes some of them; pictures beyond
/// [`MOST_PIXELS`] are not.
fn find_streams(context: &mut ff::format::context::Input) -> c_int {
    let most = CString::new(MOST_PIXELS.to_string()).unwrap_or_default();
    let mut options = vec![std::ptr::null_mut(); context.nb_streams() as usize];
    // SAFETY: the context is open; there is a dictionary, null or ours, for each of its streams,
    // and all are freed.
    unsafe {
        for option in &mut options {
            ffi::av_dict_set(option, c"max_pixels".as_ptr(), most.as_ptr(), 0);
        }
        let found = ffi::avformat_find_stream_info(context.as_mut_ptr(), options.as_mut_ptr());
        for option in &mut options {
            ffi::av_dict_free(option);
        }
        found
    }
}

/// The error of the device that holds the file, as when a disk fails or a network drive goes away;
/// `None` while there is none. Demuxers pass it on as damage, or as the end of the file, so it is
/// asked for by itself.
pub(crate) fn device_error(input: &ff::format::context::Input) -> Option<ff::Error> {
    // SAFETY: the context is open; its reader is null or lives as long as it.
    let code = unsafe { (*input.as_ptr()).pb.as_ref() }.map_or(0, |reader| reader.error);
    let err = ff::Error::from(code);
    (code < 0 && err != ff::Error::Eof).then_some(err)
}

/// The device's error that made FFmpeg refuse a file; `None` where the file itself is at fault. A
/// refused context takes its reader along, so the file is opened once more with a reader that
/// outlives it.
fn refusing_device(url: &CStr, interrupt: &Interrupt) -> Option<ff::Error> {
    let mut reader = std::ptr::null_mut();
    // SAFETY: the URL is a live NUL-terminated string. The reader and the context are null or open
    // and ours; a reader that was given to a context is neither freed nor replaced by it, so it is
    // read and closed here, once.
    unsafe {
        if ffi::avio_open(&mut reader, url.as_ptr(), ffi::AVIO_FLAG_READ) < 0 {
            return None;
        }
        let accepted = open_context(url, reader, interrupt);
        if let Ok(mut context) = accepted {
            ffi::avformat_close_input(&mut context);
        }
        let err = ff::Error::from((*reader).error);
        let failed = (*reader).error < 0 && err != ff::Error::Eof && err != ff::Error::Exit;
        ffi::avio_closep(&mut reader);
        // Refused at first and accepted now: the device failed in passing.
        let passing = accepted.is_ok().then_some(ff::Error::Other {
            errno: ff::error::EIO,
        });
        failed.then_some(err).or(passing)
    }
}

/// Forgets a device's error before reading is tried anew.
pub(crate) fn clear_device_error(input: &mut ff::format::context::Input) {
    // SAFETY: the context is open; its reader is null or lives as long as it.
    if let Some(reader) = unsafe { (*input.as_mut_ptr()).pb.as_mut() } {
        reader.error = 0;
    }
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

/// The first bytes of a regular file.
fn read_head(path: &Path) -> Result<Vec<u8>, MediaError> {
    use std::io::Read;
    let failed = |err: std::io::Error| match NotRegular::of(&err) {
        Some(kind) if err.kind() != std::io::ErrorKind::IsADirectory => MediaError::NotAFile {
            path: path.to_path_buf(),
            kind: kind.kind(),
        },
        _ => MediaError::from_io(path, &err),
    };
    let file = reading::open(path).map_err(failed)?;
    let mut head = Vec::with_capacity(1024);
    file.take(1024).read_to_end(&mut head).map_err(failed)?;
    Ok(head)
}

/// Why FFmpeg refused a file, judged by its first bytes.
fn refusal(path: &Path, head: &[u8], err: ff::Error) -> MediaError {
    super::remote::signs::heed(err);
    let path = path.to_path_buf();
    if let Some(looks_like) = text_kind(head) {
        return MediaError::NotVideo { path, looks_like };
    }
    let is_mp4 = head.len() >= 8 && matches!(&head[4..8], b"ftyp" | b"mdat" | b"moov" | b"wide");
    if is_mp4 {
        return MediaError::Incomplete { path };
    }
    if let Some(looks_like) = picture_kind(head) {
        return MediaError::NotVideo { path, looks_like };
    }
    match err {
        // EINVAL is the answer to a kind of file that is none of the containers read here.
        ff::Error::InvalidData
        | ff::Error::Eof
        | ff::Error::DemuxerNotFound
        | ff::Error::Other {
            errno: ff::error::EINVAL,
        } => MediaError::NotVideo {
            path,
            looks_like: LOOKS[0],
        },
        other => MediaError::Unreadable {
            path,
            reason: other.to_string(),
        },
    }
}

/// What kind of picture the first bytes are of, if any.
fn picture_kind(head: &[u8]) -> Option<&'static str> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let is_picture = begins(b"\x89PNG")
        || begins(b"\xff\xd8\xff")
        || begins(b"BM")
        || (begins(b"RIFF") && head.get(8..12) == Some(b"WEBP"));
    is_picture.then_some(LOOKS[1])
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
    let start = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    if ["#extm3u", "ffconcat", "<mpd", "<smil"]
        .iter()
        .any(|list| start.starts_with(list))
        || start.contains("<mpd")
    {
        Some(LOOKS[2])
    } else if start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || start.contains("<body")
    {
        Some(LOOKS[3])
    } else if start.starts_with("<?xml") {
        Some(LOOKS[4])
    } else {
        Some(LOOKS[5])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_that_gives_nothing_is_told_from_a_file_that_is_no_video() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("noise");
        std::fs::write(&file, [0x5a; 5000]).unwrap();
        let interrupt = Interrupt {
            cancel: CancelToken::new(),
            limit: Mutex::new(None),
        };
        let refused = refusing_device(&url_from_path(&file).unwrap(), &interrupt);
        assert_eq!(refused, None);
        // Nothing lies at the beginning of a process's memory: reading there is an input/output
        // error.
        let err = refusing_device(c"file:/proc/self/mem", &interrupt).unwrap();
        assert_eq!(err.to_string(), "Input/output error");
    }

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

    #[test]
    fn lists_of_other_files_are_refused_and_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("there.mp4");
        crate::testing::ffmpeg([
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x48:rate=10:duration=1",
            there.to_str().unwrap(),
        ]);
        let open = |path: &Path| open_input(path, &CancelToken::new()).map(|_| ());
        assert!(open(&there).is_ok());
        let name = there.display();
        for (file, content) in [
            (
                "a.mp4",
                format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n"),
            ),
            ("b.mp4", "ffconcat version 1.0\nfile there.mp4\n".to_owned()),
            (
                "c.mkv",
                format!(
                    "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><Period><AdaptationSet><Representation><BaseURL>{name}</BaseURL></Representation></AdaptationSet></Period></MPD>"
                ),
            ),
        ] {
            let path = dir.path().join(file);
            std::fs::write(&path, content).unwrap();
            let refused = open(&path).unwrap_err().to_string();
            assert!(
                refused.contains("a playlist, which names other files"),
                "{refused}"
            );
        }
        // One picture of a numbered series under a pattern's name.
        let picture = dir.path().join("frame%03d.png");
        crate::testing::ffmpeg([
            "-i",
            there.to_str().unwrap(),
            "-frames:v",
            "1",
            "-update",
            "1",
            picture.to_str().unwrap(),
        ]);
        let made = std::fs::read_dir(dir.path())
            .unwrap()
            .flatten()
            .map(|entry| entry.path());
        for path in made.filter(|path| path.extension().is_some_and(|ending| ending == "png")) {
            let refused = open(&path).unwrap_err().to_string();
            assert!(refused.contains("a picture"), "{refused}");
        }
    }

    #[test]
    fn a_cancelled_opening_ends() {
        let dir = tempfile::tempdir().unwrap();
        let film = dir.path().join("film.mp4");
        crate::testing::ffmpeg([
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x48:rate=10:duration=1",
            film.to_str().unwrap(),
        ]);
        let cancel = CancelToken::new();
        let mut input = open_input(&film, &cancel).unwrap();
        cancel.cancel();
        // What was read ahead may still come, but not for long.
        let ended = (0..100_000).any(|_| ff::Packet::empty().read(&mut input).is_err());
        assert!(ended && input.is_cancelled());
        let refused = open_input(&film, &cancel).map(|_| ()).unwrap_err();
        assert!(refused.is_cancelled(), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("film.mp4");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            let refused = open_input(path, &CancelToken::new())
                .map(|_| ())
                .unwrap_err();
            assert!(matches!(refused, MediaError::NotAFile { .. }), "{refused}");
        }
    }
}
