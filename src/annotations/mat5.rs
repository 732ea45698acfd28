//! MATLAB 5 files as far as annotations need them: named tables of numbers, compressed or not, in either byte order.
//!
//! Cells, structures, text and sparse arrays are stepped over. The format is MathWorks' "MAT-File Format", level 5.

use std::io::Read;

/// Most bytes one variable may unpack to: far more than a day of frames of a few dozen users, one byte each.
const MOST_BYTES: u64 = 512 << 20;
const HEADER_BYTES: usize = 128;

/// Data types of elements.
const INT8: u32 = 1;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Classes of arrays whose values are numbers: double to uint64.
const NUMERIC: std::ops::RangeInclusive<u8> = 6..=15;

/// A variable that is a table of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub name: String,
    /// Rows and columns.
    pub size: [usize; 2],
    /// Column by column, rows · columns of them.
    pub values: Vec<f64>,
}

/// The variables of a file that are tables of numbers, and whether the file broke off behind them; `None` where it is no such file.
pub(super) fn read(bytes: &[u8]) -> Option<(Vec<Table>, bool)> {
    let (header, mut rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let order = match &header[126..] {
        b"IM" => Order::Little,
        b"MI" => Order::Big,
        _ => return None,
    };
    let mut tables = Vec::new();
    // MATLAB pads nothing at the end; fewer bytes than a tag are no element.
    while rest.len() >= 8 {
        let Some((element, after)) = order.element(rest) else {
            return Some((tables, true));
        };
        rest = after;
        match element.kind {
            MATRIX => tables.extend(table(order, element.data)),
            COMPRESSED => {
                let Some(unpacked) = unpacked(element.data) else {
                    return Some((tables, true));
                };
                let inner = order.element(&unpacked).map(|(inner, _)| inner);
                let inner = inner.filter(|inner| inner.kind == MATRIX);
                tables.extend(inner.and_then(|inner| table(order, inner.data)));
            }
            _ => {}
        }
    }
    Some((tables, false))
}

fn unpacked(data: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = flate2::read::ZlibDecoder::new(data)
        .take(MOST_BYTES)
        .read_to_end(&mut bytes);
    read.is_ok().then_some(bytes)
}

struct Element<'a> {
    kind: u32,
    data: &'a [u8],
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u32(self, bytes: &[u8]) -> Option<u32> {
        let bytes = *bytes.first_chunk::<4>()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }

    /// The first element of `bytes`, and what comes behind it and its padding.
    fn element(self, bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
        let first = self.u32(bytes)?;
        // Up to four bytes of data lie within the tag, whose upper half is their number then.
        if first >> 16 != 0 {
            let length = (first >> 16) as usize;
            let data = bytes.get(4..8)?.get(..length)?;
            let kind = first & 0xffff;
            return Some((Element { kind, data }, &bytes[8..]));
        }
        let length = self.u32(bytes.get(4..)?)? as usize;
        let data = bytes[8..].get(..length)?;
        // Compressed elements are not padded; the last element's padding may be missing.
        let padded = if first == COMPRESSED {
            length
        } else {
            length.next_multiple_of(8)
        };
        let after = bytes.get(8 + padded..).unwrap_or_default();
        Some((Element { kind: first, data }, after))
    }

    /// The values of a numeric element as float64; `None` for other kinds.
    fn values(self, element: &Element<'_>) -> Option<Vec<f64>> {
        macro_rules! wide {
            ($kind:ty) => {{
                const SIZE: usize = size_of::<$kind>();
                let value = |bytes: &[u8; SIZE]| match self {
                    Self::Little => <$kind>::from_le_bytes(*bytes),
                    Self::Big => <$kind>::from_be_bytes(*bytes),
                };
                let (values, _) = element.data.as_chunks::<SIZE>();
                values.iter().map(|bytes| value(bytes) as f64).collect()
            }};
        }
        Some(match element.kind {
            INT8 => wide!(i8),
            2 => wide!(u8),
            3 => wide!(i16),
            4 => wide!(u16),
            INT32 => wide!(i32),
            UINT32 => wide!(u32),
            7 => wide!(f32),
            9 => wide!(f64),
            12 => wide!(i64),
            13 => wide!(u64),
            _ => return None,
        })
    }
}

/// A matrix element's content: flags, size, name, values; `None` where it is no table of numbers.
fn table(order: Order, data: &[u8]) -> Option<Table> {
    let (flags, rest) = order.element(data)?;
    let class = order.u32(flags.data)? & 0xff;
    if flags.kind != UINT32 || !NUMERIC.contains(&(class as u8)) {
        return None;
    }
    let (size, rest) = order.element(rest)?;
    let size = (size.kind == INT32)
        .then(|| order.values(&size))
        .flatten()?;
    let [rows, columns] = size[..] else {
        return None;
    };
    let (name, rest) = order.element(rest)?;
    let (values, _) = order.element(rest)?;
    let values = order.values(&values)?;
    // Negative sizes become 0.
    let size = [rows as usize, columns as usize];
    (size[0].checked_mul(size[1]) == Some(values.len())).then(|| Table {
        name: String::from_utf8_lossy(name.data).into_owned(),
        size,
        values,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn element(kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    /// One little-endian element: a table of doubles.
    pub(in super::super) fn matrix(name: &str, rows: u32, columns: u32, values: &[f64]) -> Vec<u8> {
        let flags = element(6, &[6u32.to_le_bytes(), 0u32.to_le_bytes()].concat());
        let size = element(5, &[rows.to_le_bytes(), columns.to_le_bytes()].concat());
        let name = element(1, name.as_bytes());
        let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        element(14, &[flags, size, name, element(9, &data)].concat())
    }

    pub(in super::super) fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
        bytes.resize(124, b' ');
        bytes.extend([0x00, 0x01, b'I', b'M']);
        bytes.extend(parts.concat());
        bytes
    }

    fn packed(element: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(element).unwrap();
        let data = packer.finish().unwrap();
        let mut bytes = [15u32.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend(data);
        bytes
    }

    #[test]
    fn plain_and_packed_tables_are_read_and_others_stepped_over() {
        let small_flags = element(6, &[4u32.to_le_bytes(), 0u32.to_le_bytes()].concat());
        let text = element(14, &small_flags);
        // Bytes for doubles, and a name within its tag, as MATLAB writes them.
        let mut short = element(6, &[6u32.to_le_bytes(), 0u32.to_le_bytes()].concat());
        short.extend(element(
            5,
            &[2u32.to_le_bytes(), 1u32.to_le_bytes()].concat(),
        ));
        short.extend([1, 0, 2, 0, b'u', b's', 0, 0]);
        short.extend([2, 0, 2, 0, 7, 200, 0, 0]);
        let bytes = file(&[
            text,
            packed(&matrix("a", 1, 2, &[1.5, -2.0])),
            packed(&element(14, &short)),
            matrix("b", 1, 1, &[25.0]),
        ]);
        let (tables, broken) = read(&bytes).unwrap();
        assert!(!broken);
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["a", "us", "b"]);
        assert_eq!(
            (tables[0].size, &tables[0].values[..]),
            ([1, 2], &[1.5, -2.0][..])
        );
        assert_eq!(tables[1].values, vec![7.0, 200.0]);
    }

    #[test]
    fn big_endian_files_are_read() {
        let mut bytes = file(&[]);
        bytes[126..].copy_from_slice(b"MI");
        let big = |values: &[u32]| {
            values
                .iter()
                .flat_map(|v| v.to_be_bytes())
                .collect::<Vec<u8>>()
        };
        let mut inner = big(&[6, 8, 6, 0, 5, 8, 1, 1]);
        // A name of one letter and one byte of data, within their tags.
        inner.extend([0, 1, 0, 1, b'x', 0, 0, 0, 0, 1, 0, 2, 9, 0, 0, 0]);
        bytes.extend(big(&[14, inner.len() as u32]));
        bytes.extend(inner);
        let (tables, _) = read(&bytes).unwrap();
        assert_eq!((tables[0].name.as_str(), tables[0].values[0]), ("x", 9.0));
    }

    #[test]
    fn no_cut_does_harm_and_what_came_before_is_kept() {
        let bytes = file(&[
            matrix("a", 1, 1, &[1.0]),
            packed(&matrix("b", 1, 1, &[2.0])),
        ]);
        for length in 0..bytes.len() {
            match read(&bytes[..length]) {
                None => assert!(length < HEADER_BYTES),
                Some((tables, _)) => assert!(tables.len() < 2),
            }
        }
        assert!(read(b"MATLAB 5.0").is_none());
        let lies = file(&[matrix("a", u32::MAX, u32::MAX, &[1.0])]);
        assert_eq!(read(&lies), Some((Vec::new(), false)));
    }
}
