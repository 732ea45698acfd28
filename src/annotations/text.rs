//! The text of a file: UTF-8, or UTF-16 as spreadsheets save "Unicode text", whichever it is.

use std::path::Path;

use super::{AnnotationError, Result};

/// Largest text file that is read; annotations are far smaller.
const MOST_TEXT_BYTES: u64 = 128 << 20;
/// Bytes at the beginning by which UTF-16 without its mark is recognised.
const HEAD_BYTES: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

/// How a file is encoded, by its first bytes; `None` where it is no text.
pub(super) fn encoding(head: &[u8]) -> Option<Encoding> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    match head {
        [0xff, 0xfe, rest @ ..] => return is_utf16(rest, Encoding::Utf16Little),
        [0xfe, 0xff, rest @ ..] => return is_utf16(rest, Encoding::Utf16Big),
        _ if !head.contains(&0) => return Some(Encoding::Utf8),
        _ => {}
    }
    // Without the mark: every second byte of what most of the world writes first is 0.
    let zeros = |odd: usize| {
        let bytes = head.iter().skip(odd).step_by(2);
        bytes.filter(|&&byte| byte == 0).count()
    };
    match (zeros(0), zeros(1)) {
        (0, little) if little * 4 >= head.len() => is_utf16(head, Encoding::Utf16Little),
        (big, 0) if big * 4 >= head.len() => is_utf16(head, Encoding::Utf16Big),
        _ => None,
    }
}

/// Text of whole characters without nulls.
fn is_utf16(bytes: &[u8], encoding: Encoding) -> Option<Encoding> {
    let mut units: Vec<u16> = units(bytes, encoding).collect();
    // The last unit may be the first half of a pair that was cut.
    if bytes.len() + 2 >= HEAD_BYTES {
        units.pop();
    }
    let mut characters = char::decode_utf16(units.iter().copied());
    let is_text = !units.contains(&0) && characters.all(|unit| unit.is_ok());
    is_text.then_some(encoding)
}

fn units(bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = u16> {
    bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(move |&unit| match encoding {
            Encoding::Utf16Big => u16::from_be_bytes(unit),
            _ => u16::from_le_bytes(unit),
        })
}

/// The text of a file without its byte-order mark, and whether something in it is no text and was
/// replaced.
pub(super) fn read(path: &Path) -> Result<(String, bool)> {
    let io = |err| AnnotationError::io(path, err);
    Ok(decoded(
        crate::reading::read(path, MOST_TEXT_BYTES).map_err(io)?,
    ))
}

fn decoded(bytes: Vec<u8>) -> (String, bool) {
    let (text, lossy) = match encoding(&bytes) {
        Some(encoding @ (Encoding::Utf16Little | Encoding::Utf16Big)) => {
            let mut lossy = !bytes.len().is_multiple_of(2);
            let text = char::decode_utf16(units(&bytes, encoding))
                .map(|unit| {
                    lossy |= unit.is_err();
                    unit.unwrap_or(char::REPLACEMENT_CHARACTER)
                })
                .collect();
            (text, lossy)
        }
        _ => match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(err) => (String::from_utf8_lossy(err.as_bytes()).into_owned(), true),
        },
    };
    match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest.to_owned(), lossy),
        None => (text, lossy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    #[test]
    fn both_orders_of_utf16_are_read_with_and_without_their_mark() {
        let text = "annotator\tstart\nJérôme 田\t1\n𝄞\t2\n";
        for big in [false, true] {
            let plain = encoded(text, big);
            let marked = encoded(&format!("\u{feff}{text}"), big);
            for bytes in [plain, marked] {
                assert_eq!(decoded(bytes), (text.to_owned(), false), "{big}");
            }
        }
        assert_eq!(decoded("\u{feff}é".into()), ("é".to_owned(), false));
        assert_eq!(decoded(vec![b'J', 0xe9]), ("J\u{fffd}".to_owned(), true));
    }

    #[test]
    fn what_is_no_text_is_none() {
        for bytes in [
            &b"\x00\x00\x00\x20ftypisom"[..],
            b"\x1aE\xdf\xa3\x00\x01",
            b"a\x00b\x00c\x00\x00\x00",
        ] {
            assert_eq!(encoding(bytes), None, "{bytes:?}");
        }
        assert_eq!(encoding(b"a,b"), Some(Encoding::Utf8));
    }
}
