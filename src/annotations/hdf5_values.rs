//! Small readers of HDF5 values, MATLAB's conventions included (numbers as 1×1 arrays, text as
//! UTF-16 codes, cells as references). Every fault is a sentence without the file's name, which the
//! caller adds.

use hdf5_metno::dataset::Layout;
use hdf5_metno::filters::Filter;
use hdf5_metno::types::{FixedAscii, FixedUnicode, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5_metno::{
    Attribute, Container, Dataset, File, Group, LinkType, ObjectReference, ObjectReference1,
    ReferencedObject,
};
use ndarray::Array2;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::{AnnotationError, Result};
use crate::confined::{self, Failure};
use crate::domain::budget::MOST_BYTES;
use crate::reading;

/// Largest number of values read from one dataset: as float32 all that one file may use.
const MOST_VALUES: usize = MOST_BYTES as usize / size_of::<f32>();
/// Entries of one group that are looked at: Mr. HiSum has 31,892 videos in one.
const MOST_ENTRIES: u64 = 1 << 20;
/// Data sets of one video: far more than any form has.
const MOST_VALUES_OF_VIDEO: usize = 500;
/// Values that are always read, whatever the file holds of them.
const FEW_VALUES: usize = 1 << 20;
/// Longest name in a list of names, bytes: four for each character that is kept of one.
pub(super) const LONGEST_NAME: usize = 1600;
/// Longest list of names.
const MOST_TEXTS: usize = 100_000;
/// Longest text of a stated length that is read, bytes.
const MOST_FIXED: usize = 256;
/// Values for each stored byte beyond which a dataset's size is no longer believed: deflate packs
/// at most 1032 bytes into one.
const MOST_VALUES_A_BYTE: u64 = 1032;

pub(super) type Fault = String;

/// Opens a file for reading.
///
/// Nothing outside of it is read: links are refused here, values stored elsewhere where they lie in
/// the root.
pub(super) fn open(path: &Path) -> Result<File> {
    reading::check_regular(path).map_err(|err| AnnotationError::io(path, err))?;
    try_confined(path)?;
    let damaged = |err: hdf5_metno::Error| {
        AnnotationError::format(
            path,
            format!("the HDF5 file is damaged or incomplete ({})", short(&err)),
        )
    };
    let file = File::open(path).map_err(damaged)?;
    let root = file.group("/").map_err(damaged)?;
    check_group(&root).map_err(|reason| AnnotationError::format(path, reason))?;
    Ok(file)
}

/// Has a file read in a process of its own, in which the library may crash, once as long as it does
/// not change.
fn try_confined(path: &Path) -> Result<()> {
    let meta = std::fs::metadata(path).map_err(|err| AnnotationError::io(path, err))?;
    let changed = meta.modified().ok();
    let age = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let Some(age) = age else {
        return Ok(());
    };
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let stamp = format!("{}\0{}\0{}", whole.display(), meta.len(), age.as_nanos());
    let key = format!("{:x}", Sha256::digest(stamp));
    match confined::once(super::TRIAL, path, &key) {
        // What it states of the file is stated again where it is read, with what can be read of it.
        Ok(()) | Err(Failure::Said(_)) => Ok(()),
        Err(Failure::Ended(how)) => Err(AnnotationError::format(
            path,
            format!(
                "reading it {how} in a process of its own with {} MB of memory and {} s of processor time; it is damaged, or made to do so",
                confined::MOST_BYTES >> 20,
                super::trial_secs(meta.len())
            ),
        )),
    }
}

/// Fails where a group leads out of the file: by links, or by data sets whose values lie elsewhere.
/// To be asked before anything in it is opened.
pub(super) fn check_group(group: &Group) -> std::result::Result<(), Fault> {
    let listed = |err: hdf5_metno::Error| format!("its entries cannot be listed ({})", short(&err));
    if group.len() > MOST_ENTRIES {
        return Err(format!(
            "a group has {} entries, more than the {MOST_ENTRIES} that are looked at",
            group.len()
        ));
    }
    let (mut names, mut link) = (Vec::new(), None);
    let look = |name: &str, info: hdf5_metno::LinkInfo| {
        match info.link_type {
            LinkType::Hard => names.push(name.to_owned()),
            LinkType::Soft | LinkType::External => link = link.take().or(Some(name.to_owned())),
        }
        Ok(())
    };
    group.iter_visit_default(look).map_err(listed)?;
    if let Some(name) = link {
        return Err(format!(
            "{name} is a link to values elsewhere, which is not followed; store them in the file itself"
        ));
    }
    // A group of many is one of videos, not of values.
    if names.len() <= MOST_VALUES_OF_VIDEO {
        for name in &names {
            if let Ok(dataset) = group.dataset(name) {
                in_file(dataset, name)?;
            }
        }
    }
    Ok(())
}

/// The dataset, where its values lie in its own file. Asked before anything else: a virtual one
/// reads others to find its size.
fn in_file(dataset: Dataset, name: &str) -> std::result::Result<Dataset, Fault> {
    let elsewhere = || {
        format!(
            "{name} takes its values from other files, which are not read; store them in the file itself"
        )
    };
    let created = dataset
        .dcpl()
        .map_err(|err| format!("{name} cannot be read ({})", short(&err)))?;
    match created.get_layout() {
        Ok(Layout::Compact | Layout::Contiguous | Layout::Chunked) => {}
        _ => return Err(elsewhere()),
    }
    match created.get_external() {
        Ok(files) if files.is_empty() => Ok(dataset),
        _ => Err(elsewhere()),
    }
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
    // The library holds a whole chunk in memory, even of a dataset that is smaller.
    let chunk = dataset.chunk().unwrap_or_default();
    let kind_bytes = dataset.dtype().map_or(8, |kind| kind.size());
    let chunk_bytes = chunk
        .iter()
        .fold(kind_bytes, |bytes, &side| bytes.saturating_mul(side));
    if values.is_none_or(|values| values > MOST_VALUES) || chunk_bytes as u64 > MOST_BYTES {
        return Err(format!(
            "{name} would take more than the {} MB of memory that one file may use",
            MOST_BYTES >> 20
        ));
    }
    match values {
        Some(values) if values <= FEW_VALUES || values as u64 <= stored => Ok(()),
        _ => Err(format!(
            "{name} states many more values than the file stores; at most {FEW_VALUES} may be left to a fill value"
        )),
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

/// A text stated as a dataset or as an attribute, as bytes or as characters; `None` where there is
/// neither or it is empty.
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

/// A string of variable length, read without the library, which believes a damaged length and fills
/// gigabytes.
///
/// The dataset holds its length, and the address and index of an object in a collection of the
/// global heap (HDF5 file format, III.E); both are looked up here. `None` where anything is not as
/// it should be.
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
        Ok(ReferencedObject::Dataset(dataset)) => in_file(dataset, name),
        _ => Err(format!("{name} points nowhere")),
    }
}
