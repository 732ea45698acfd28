//! MATLAB 5 files as far as annotations need them: tables of numbers, text, cells and structures,
//! compressed or not, in either byte order.
//!
//! Sparse arrays and objects are stepped over. The format is MathWorks' "MAT-File Format", level 5.

use std::io::Read;

use crate::domain::budget::Budget;

/// Memory that all variables of a file may take together.
const MOST_BYTES: u64 = 512 << 20;
/// Memory for each byte of a variable, at most: itself, and a float64 where it is a number of its
/// own.
const VALUE_BYTES: u64 = 9;
const HEADER_BYTES: usize = 128;

/// Data types of elements.
const INT8: u32 = 1;
const INT32: u32 = 5;
const UINT16: u32 = 4;
const UINT32: u32 = 6;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const UTF8: u32 = 16;
const UTF16: u32 = 17;

/// Classes of arrays.
const CELL: u8 = 1;
const STRUCTURE: u8 = 2;
const CHARACTERS: u8 = 4;
/// Classes whose values are numbers: double to uint64.
const NUMERIC: std::ops::RangeInclusive<u8> = 6..=15;
/// How deep cells and structures are followed into each other.
const MOST_DEPTH: usize = 8;

/// A named variable.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variable {
    pub name: String,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Numbers(Table),
    Text(String),
    Cells(Vec<Value>),
    Structure(Structure),
    /// What annotations do not need.
    Other,
}

/// A table of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Column by column, rows · columns of them.
    pub values: Vec<f64>,
}

/// An array of structures.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Structure {
    fields: Vec<String>,
    /// Element by element, each with all fields.
    values: Vec<Value>,
}

impl Structure {
    /// Number of elements.
    pub(super) fn len(&self) -> usize {
        self.values.len() / self.fields.len().max(1)
    }

    /// A field of an element, taken out of cells of one.
    pub(super) fn field(&self, element: usize, name: &str) -> Option<&Value> {
        let at = self.fields.iter().position(|field| field == name)?;
        let value = self.values.get(element * self.fields.len() + at)?;
        Some(match value {
            Value::Cells(cells) if cells.len() == 1 => &cells[0],
            value => value,
        })
    }
}

impl Value {
    pub(super) fn table(&self) -> Option<&Table> {
        match self {
            Self::Numbers(table) => Some(table),
            _ => None,
        }
    }

    /// The first number of a table.
    pub(super) fn number(&self) -> Option<f64> {
        self.table()?.values.first().copied()
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The variables of a file, and whether the file broke off behind them; `None` where it is no such
/// file.
///
/// # Errors
/// A clause that names the limit, where the variables ask for more memory than one file may use.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(Vec<Variable>, bool)>, String> {
    let Some((header, mut rest)) = bytes.split_at_checked(HEADER_BYTES) else {
        return Ok(None);
    };
    let order = match &header[126..] {
        b"IM" => Order::Little,
        b"MI" => Order::Big,
        _ => return Ok(None),
    };
    let budget = Budget::of(MOST_BYTES);
    let take = |data: &[u8]| budget.take(VALUE_BYTES * data.len() as u64, "its variables");
    let mut variables = Vec::new();
    // MATLAB pads nothing at the end; fewer bytes than a tag are no element.
    while rest.len() >= 8 {
        let Some((element, after)) = order.element(rest) else {
            return Ok(Some((variables, true)));
        };
        rest = after;
        match element.kind {
            MATRIX => {
                take(element.data)?;
                variables.extend(order.variable(element.data, MOST_DEPTH));
            }
            COMPRESSED => {
                let Some(unpacked) = unpacked(element.data, budget.left() / VALUE_BYTES + 1) else {
                    return Ok(Some((variables, true)));
                };
                take(&unpacked)?;
                let inner = order.element(&unpacked).map(|(inner, _)| inner);
                let inner = inner.filter(|inner| inner.kind == MATRIX);
                variables.extend(inner.and_then(|inner| order.variable(inner.data, MOST_DEPTH)));
            }
            _ => {}
        }
    }
    Ok(Some((variables, false)))
}

/// Up to so many bytes of packed data; `None` where they are damaged.
fn unpacked(data: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = flate2::read::ZlibDecoder::new(data)
        .take(most)
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
            UINT16 => wide!(u16),
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

impl Order {
    /// A matrix element's content: flags, size, name, values; `None` where it is damaged.
    fn variable(self, data: &[u8], depth: usize) -> Option<Variable> {
        let (flags, rest) = self.element(data)?;
        let class = self.u32(flags.data)? as u8;
        if flags.kind != UINT32 {
            return None;
        }
        let (size, rest) = self.element(rest)?;
        let size = (size.kind == INT32).then(|| self.values(&size)).flatten()?;
        let (name, rest) = self.element(rest)?;
        let value = match class {
            CELL if depth > 0 => Value::Cells(self.values_of(rest, count(&size)?, depth)),
            STRUCTURE if depth > 0 => self.structure(rest, count(&size)?, depth)?,
            CHARACTERS => Value::Text(self.text(&self.element(rest)?.0)?),
            class if NUMERIC.contains(&class) => self.table(rest, &size)?,
            _ => Value::Other,
        };
        Some(Variable {
            name: String::from_utf8_lossy(name.data).into_owned(),
            value,
        })
    }

    /// A table of two dimensions; arrays of more are stepped over.
    fn table(self, data: &[u8], size: &[f64]) -> Option<Value> {
        let &[rows, columns] = size else {
            return Some(Value::Other);
        };
        // Negative sizes become 0.
        let size = [rows as usize, columns as usize];
        let (values, _) = self.element(data)?;
        let values = self.values(&values)?;
        (size[0].checked_mul(size[1]) == Some(values.len()))
            .then_some(Value::Numbers(Table { size, values }))
    }

    /// Text in UTF-8, UTF-16 or bytes, whatever the element states.
    fn text(self, element: &Element<'_>) -> Option<String> {
        if element.kind == UTF8 {
            return Some(String::from_utf8_lossy(element.data).into_owned());
        }
        let kind = match element.kind {
            UTF16 => UINT16,
            kind => kind,
        };
        let data = element.data;
        let codes = self.values(&Element { kind, data })?;
        let codes: Vec<u16> = codes.into_iter().map(|code| code as u16).collect();
        Some(String::from_utf16_lossy(&codes))
    }

    fn structure(self, data: &[u8], count: usize, depth: usize) -> Option<Value> {
        let (length, rest) = self.element(data)?;
        let length = self.u32(length.data)? as usize;
        let (names, rest) = self.element(rest)?;
        let fields: Vec<String> = (names.data.chunks(length.max(1)))
            .map(|name| {
                let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
                String::from_utf8_lossy(name).into_owned()
            })
            .collect();
        let values = self.values_of(rest, count.checked_mul(fields.len())?, depth);
        Some(Value::Structure(Structure { fields, values }))
    }

    /// Matrix elements one behind the other, as many as there are.
    fn values_of(self, mut data: &[u8], count: usize, depth: usize) -> Vec<Value> {
        let mut values = Vec::new();
        while values.len() < count
            && let Some((element, after)) = self.element(data)
        {
            let variable = self.variable(element.data, depth - 1);
            values.push(variable.map_or(Value::Other, |variable| variable.value));
            data = after;
            if data.is_empty() {
                break;
            }
        }
        values
    }
}

/// Number of elements of an array.
fn count(size: &[f64]) -> Option<usize> {
    (size.iter()).try_fold(1usize, |count, &side| count.checked_mul(side as usize))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<(Vec<Variable>, bool)> {
        super::read(bytes).unwrap()
    }

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
        let (variables, broken) = read(&bytes).unwrap();
        assert!(!broken);
        let names: Vec<&str> = variables.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "us", "b"]);
        let table = variables[0].value.table().unwrap();
        assert_eq!((table.size, &table.values[..]), ([1, 2], &[1.5, -2.0][..]));
        let table = variables[1].value.table().unwrap();
        assert_eq!(table.values, vec![7.0, 200.0]);
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
        let (variables, _) = read(&bytes).unwrap();
        assert_eq!(variables[0].name, "x");
        assert_eq!(variables[0].value.number(), Some(9.0));
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
                Some((variables, _)) => assert!(variables.len() < 2),
            }
        }
        assert!(read(b"MATLAB 5.0").is_none());
        let lies = file(&[matrix("a", u32::MAX, u32::MAX, &[1.0])]);
        assert_eq!(read(&lies), Some((Vec::new(), false)));
    }
}
