//! Small readers of HDF5 values, MATLAB's conventions included (numbers as 1×1 arrays, text as UTF-16 codes, cells as references).
//! Every fault is a sentence without the file's name, which the caller adds.

use hdf5_metno::filters::Filter;
use hdf5_metno::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5_metno::{
    Attribute, Container, Dataset, File, Group, ObjectReference, ObjectReference1, ReferencedObject,
};
use ndarray::Array2;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::{AnnotationError, Result};

/// Largest number of values read from one dataset: 4 GiB of float32.
const MOST_VALUES: usize = 1 << 30;
/// Values that are always read, whatever the file holds of them.
const FEW_VALUES: usize = 1 << 20;
/// Longest name in a list of names, bytes: four for each character that is kept of one.
pub(super) const LONGEST_NAME: usize = 1600;
/// Longest list of names.
const MOST_TEXTS: usize = 100_000;
/// Longest text of a stated length that is read, bytes.
const MOST_FIXED: usize = 256;
/// Values for each stored byte beyond which a dataset's size is no longer believed: deflate packs at most 1032 bytes into one.
const MOST_VALUES_A_BYTE: u64 = 1032;

pub(super) type Fault = String;

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|err| {
        AnnotationError::format(
            path,
            format!("the HDF5 file is damaged or incomplete ({})", short(&err)),
        )
    })
}

/// The library's own words, first sentence only.
pub(super) fn short(err: &hdf5_metno::Error) -> String {
    let text = err.to_string();
    text.lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_owned()
}

pub(super) fn dataset(group: &Group, name: &str) -> std::result::Result<Dataset, Fault> {
    group
        .dataset(name)
        .map_err(|_| format!("{name} is missing"))
}

/// Whether the values are plain numbers, as many as the file can hold.
fn check_numbers(dataset: &Dataset, name: &str) -> std::result::Result<(), Fault> {
    let kind = dataset.dtype().and_then(|kind| kind.to_descriptor());
    match kind {
        Ok(
            TypeDescriptor::Integer(_)
            | TypeDescriptor::Unsigned(_)
            | TypeDescriptor::Float(_)
            | TypeDescriptor::Boolean
            | TypeDescriptor::Enum(_),
        ) => check_size(dataset, name),
        _ => Err(format!("{name} does not hold numbers")),
    }
}

fn check_size(dataset: &Dataset, name: &str) -> std::result::Result<(), Fault> {
    let values = dataset
        .shape()
        .iter()
        .try_fold(1usize, |size, &dim| size.checked_mul(dim));
    // A damaged size would be filled with zeros, gigabytes of them.
    let stored = dataset.storage_size().saturating_mul(MOST_VALUES_A_BYTE);
    match values {
        Some(values) if values <= FEW_VALUES => Ok(()),
        Some(values) if values <= MOST_VALUES && values as u64 <= stored => Ok(()),
        _ => Err(format!("{name} states an absurd size")),
    }
}

/// All values as float32, in storage order.
pub(super) fn numbers(dataset: &Dataset, name: &str) -> std::result::Result<Vec<f32>, Fault> {
    check_numbers(dataset, name)?;
    dataset
        .read_raw::<f32>()
        .map_err(|err| unreadable(dataset, name, &err))
}

/// All values as float64, in storage order.
pub(super) fn doubles(dataset: &Dataset, name: &str) -> std::result::Result<Vec<f64>, Fault> {
    check_numbers(dataset, name)?;
    dataset
        .read_raw::<f64>()
        .map_err(|err| unreadable(dataset, name, &err))
}

/// Why values cannot be read: most often a packing that needs a plugin.
fn unreadable(dataset: &Dataset, name: &str, err: &hdf5_metno::Error) -> Fault {
    let foreign = dataset
        .filters()
        .into_iter()
        .find_map(|filter| match filter {
            Filter::User(id, _) => Some(id),
            _ => None,
        });
    match foreign {
        Some(id) => format!(
            "{name} is packed by the HDF5 filter {id}, which is not built in; write it again with gzip or lzf"
        ),
        None => format!("{name} cannot be read ({})", short(err)),
    }
}

/// A number stated as a dataset or as an attribute; `None` where there is neither.
pub(super) fn stated_number(group: &Group, name: &str) -> Option<std::result::Result<f64, Fault>> {
    if let Ok(dataset) = group.dataset(name) {
        return Some(number(&dataset, name));
    }
    let attribute = group.attr(name).ok()?;
    let values = (attribute.size() == 1).then(|| attribute.read_raw::<f64>().ok());
    let value = values.flatten().and_then(|values| values.first().copied());
    Some(value.ok_or_else(|| format!("the attribute {name} is no number")))
}

/// A text stated as a dataset or as an attribute, as bytes or as characters; `None` where there is neither or it is empty.
pub(super) fn stated_text(group: &Group, name: &str) -> Option<String> {
    let found = match group.dataset(name) {
        Ok(dataset) => text(&dataset),
        Err(_) => attribute_text(&group.attr(name).ok()?),
    };
    found.filter(|text| !text.is_empty())
}

fn attribute_text(attribute: &Attribute) -> Option<String> {
    match attribute.dtype().ok()?.to_descriptor().ok()? {
        _ if attribute.size() != 1 => None,
        TypeDescriptor::VarLenAscii => one(attribute.read_raw::<VarLenAscii>()),
        TypeDescriptor::VarLenUnicode => one(attribute.read_raw::<VarLenUnicode>()),
        kind => fixed_text(attribute, &kind),
    }
}

/// Text of a stated length of at most [`MOST_FIXED`] bytes.
fn fixed_text(values: &Container, kind: &TypeDescriptor) -> Option<String> {
    match kind {
        TypeDescriptor::FixedAscii(..=MOST_FIXED) => {
            one(values.read_raw::<FixedAscii<MOST_FIXED>>())
        }
        TypeDescriptor::FixedUnicode(..=MOST_FIXED) => {
            one(values.read_raw::<FixedUnicode<MOST_FIXED>>())
        }
        _ => None,
    }
}

/// A list of texts of a stated length; empty where they are stored in any other way.
pub(super) fn texts(dataset: &Dataset) -> Vec<String> {
    if dataset.size() > MOST_TEXTS || check_size(dataset, "").is_err() {
        return Vec::new();
    }
    match dataset.dtype().and_then(|kind| kind.to_descriptor()) {
        Ok(TypeDescriptor::FixedUnicode(..=LONGEST_NAME)) => dataset
            .read_raw::<FixedUnicode<LONGEST_NAME>>()
            .map_or(Vec::new(), |texts| {
                texts.iter().map(|text| text.to_string()).collect()
            }),
        Ok(TypeDescriptor::FixedAscii(..=LONGEST_NAME)) => dataset
            .read_raw::<FixedAscii<LONGEST_NAME>>()
            .map_or(Vec::new(), |texts| {
                texts.iter().map(|text| text.to_string()).collect()
            }),
        _ => Vec::new(),
    }
}

fn one<T: std::ops::Deref<Target = str>>(values: hdf5_metno::Result<Vec<T>>) -> Option<String> {
    values.ok()?.first().map(|text| text.to_string())
}

/// The one number of a dataset.
pub(super) fn number(dataset: &Dataset, name: &str) -> std::result::Result<f64, Fault> {
    let values = doubles(dataset, name)?;
    values
        .first()
        .copied()
        .ok_or_else(|| format!("{name} is empty"))
}

/// A table of two dimensions; a single row where the dataset has one.
pub(super) fn table(dataset: &Dataset, name: &str) -> std::result::Result<Array2<f32>, Fault> {
    let shape = dataset.shape();
    let (rows, columns) = match shape[..] {
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => {
            return Err(format!(
                "{name} has {} dimensions instead of 2",
                shape.len()
            ));
        }
    };
    Array2::from_shape_vec((rows, columns), numbers(dataset, name)?)
        .map_err(|_| format!("{name} holds fewer values than its shape says"))
}

/// Text stored MATLAB's way, as UTF-16 codes.
pub(super) fn matlab_text(dataset: &Dataset, name: &str) -> std::result::Result<String, Fault> {
    check_numbers(dataset, name)?;
    let codes = dataset
        .read_raw::<u16>()
        .map_err(|err| format!("{name} cannot be read ({})", short(&err)))?;
    Ok(String::from_utf16_lossy(&codes)
        .trim_end_matches('\0')
        .to_owned())
}

/// Text stored as an HDF5 string, whatever its kind.
pub(super) fn text(dataset: &Dataset) -> Option<String> {
    match dataset.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::VarLenAscii | TypeDescriptor::VarLenUnicode => variable_text(dataset),
        _ if dataset.size() > FEW_VALUES => None,
        kind @ (TypeDescriptor::FixedAscii(_) | TypeDescriptor::FixedUnicode(_)) => {
            fixed_text(dataset, &kind)
        }
        _ => matlab_text(dataset, "").ok(),
    }
}

/// A string of variable length, read without the library, which believes a damaged length and fills gigabytes.
///
/// The dataset holds its length, and the address and index of an object in a collection of the global heap (HDF5 file format,
/// III.E); both are looked up here. `None` where anything is not as it should be.
fn variable_text(dataset: &Dataset) -> Option<String> {
    const MOST_BYTES: u64 = 1 << 16;
    let mut file = std::fs::File::open(dataset.filename()).ok()?;
    let mut read = |at: u64, length: u64| -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    };
    let number = |bytes: &[u8], at: usize, length: usize| -> Option<u64> {
        let bytes = bytes.get(at..at + length)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0, |n, &byte| n << 8 | u64::from(byte)),
        )
    };
    let place = read(dataset.offset()?, 16)?;
    let length = number(&place, 0, 4)?;
    let address = number(&place, 4, 8)?;
    let index = number(&place, 12, 4)?;
    if length > MOST_BYTES {
        return None;
    }
    let collection = read(address, 16)?;
    let size = number(&collection, 8, 8)?;
    if !collection.starts_with(b"GCOL") || size > MOST_BYTES << 4 {
        return None;
    }
    let collection = read(address, size)?;
    let mut at = 16;
    loop {
        let found = number(&collection, at, 2)?;
        let bytes = usize::try_from(number(&collection, at + 8, 8)?).ok()?;
        let start = at + 16;
        if found == index {
            let length = bytes.min(length as usize);
            let text = collection.get(start..start.checked_add(length)?)?;
            let text = String::from_utf8_lossy(text);
            return Some(text.trim_end_matches('\0').to_owned());
        }
        // Object 0 is the room that is left.
        if found == 0 {
            return None;
        }
        at = start.checked_add(bytes.checked_next_multiple_of(8)?)?;
    }
}

/// The cells of a MATLAB struct array's field, as references.
pub(super) fn references(
    group: &Group,
    name: &str,
) -> std::result::Result<Vec<ObjectReference1>, Fault> {
    let field = dataset(group, name)?;
    check_size(&field, name)?;
    field
        .read_raw::<ObjectReference1>()
        .map_err(|_| format!("{name} is not a list of references"))
}

/// The dataset a reference points at.
pub(super) fn referenced(
    file: &File,
    references: &[ObjectReference1],
    at: usize,
    name: &str,
) -> std::result::Result<Dataset, Fault> {
    let reference = references
        .get(at)
        .ok_or_else(|| format!("{name} is missing"))?;
    match reference.dereference(file) {
        Ok(ReferencedObject::Dataset(dataset)) => Ok(dataset),
        _ => Err(format!("{name} points nowhere")),
    }
}
