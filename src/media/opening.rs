//! Opening a container by its path, and saying why a file is none. Does not read packets.

use std::ffi::{CStr, CString};
use std::io::Read;
use std::path::Path;

use ff::ffi;
use ffmpeg_next as ff;

use super::MediaError;

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
        if let Some(err) = refusing_device(&url) {
            return Err(MediaError::unreadable(path, err));
        }
        return Err(refusal(path, &head, ff::Error::from(opened)));
    }
    // SAFETY: the context was just opened and is owned by nobody else; `Input` closes it when dropped.
    let mut input = unsafe { ff::format::context::Input::wrap(context) };
    // SAFETY: the context is open.
    let found = unsafe { ffi::avformat_find_stream_info(input.as_mut_ptr(), std::ptr::null_mut()) };
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

/// The error of the device that holds the file, as when a disk fails or a network drive goes away; `None` while there is
/// none. Demuxers pass it on as damage, or as the end of the file, so it is asked for by itself.
pub(crate) fn device_error(input: &ff::format::context::Input) -> Option<ff::Error> {
    // SAFETY: the context is open; its reader is null or lives as long as it.
    let code = unsafe { (*input.as_ptr()).pb.as_ref() }.map_or(0, |reader| reader.error);
    let err = ff::Error::from(code);
    (code < 0 && err != ff::Error::Eof).then_some(err)
}

/// The device's error that made FFmpeg refuse a file; `None` where the file itself is at fault. A refused context takes its
/// reader along, so the file is opened once more with a reader that outlives it.
fn refusing_device(url: &CStr) -> Option<ff::Error> {
    let mut reader = std::ptr::null_mut();
    // SAFETY: the URL is a live NUL-terminated string. The reader and the context are null or open and ours; a reader that
    // was given to a context is neither freed nor replaced by it, so it is read and closed here, once.
    unsafe {
        let opened = ffi::avio_open(&mut reader, url.as_ptr(), ffi::AVIO_FLAG_READ);
        let mut context = ffi::avformat_alloc_context();
        if opened < 0 || context.is_null() {
            ffi::avformat_free_context(context);
            ffi::avio_closep(&mut reader);
            return None;
        }
        (*context).pb = reader;
        let accepted = ffi::avformat_open_input(
            &mut context,
            url.as_ptr(),
            std::ptr::null(),
            std::ptr::null_mut(),
        ) >= 0;
        ffi::avformat_close_input(&mut context);
        let err = ff::Error::from((*reader).error);
        let failed = (*reader).error < 0 && err != ff::Error::Eof;
        ffi::avio_closep(&mut reader);
        // Refused at first and accepted now: the device failed in passing.
        let passing = accepted.then_some(ff::Error::Other {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_that_gives_nothing_is_told_from_a_file_that_is_no_video() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("noise");
        std::fs::write(&file, [0x5a; 5000]).unwrap();
        assert_eq!(refusing_device(&url_from_path(&file).unwrap()), None);
        // Nothing lies at the beginning of a process's memory: reading there is an input/output error.
        let err = refusing_device(c"file:/proc/self/mem").unwrap();
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
}
