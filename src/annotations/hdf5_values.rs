//! Small readers of HDF5 values, MATLAB's conventions included (numbers as 1×1 arrays, text as UTF-16 codes, cells as references).
//! Every fault is a sentence without the file's name, which the caller adds.

use hdf5_metno::types::{FixedAscii, FixedUnicode, VarLenAscii, VarLenUnicode};
use hdf5_metno::{Dataset, File, Group, ObjectReference, ObjectReference1, ReferencedObject};
use ndarray::Array2;
use std::path::Path;

use super::{AnnotationError, Result};

/// Largest number of values read from one dataset: 4 GiB of float32.
const MOST_VALUES: usize = 1 << 30;

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

fn check_size(dataset: &Dataset, name: &str) -> std::result::Result<(), Fault> {
    let values = dataset
        .shape()
        .iter()
        .try_fold(1usize, |size, &dim| size.checked_mul(dim));
    match values {
        Some(values) if values <= MOST_VALUES => Ok(()),
        _ => Err(format!("{name} states an absurd size")),
    }
}

/// All values as float32, in storage order.
pub(super) fn numbers(dataset: &Dataset, name: &str) -> std::result::Result<Vec<f32>, Fault> {
    check_size(dataset, name)?;
    dataset
        .read_raw::<f32>()
        .map_err(|err| format!("{name} cannot be read ({})", short(&err)))
}

/// All values as float64, in storage order.
pub(super) fn doubles(dataset: &Dataset, name: &str) -> std::result::Result<Vec<f64>, Fault> {
    check_size(dataset, name)?;
    dataset
        .read_raw::<f64>()
        .map_err(|err| format!("{name} cannot be read ({})", short(&err)))
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
    check_size(dataset, name)?;
    let codes = dataset
        .read_raw::<u16>()
        .map_err(|err| format!("{name} cannot be read ({})", short(&err)))?;
    Ok(String::from_utf16_lossy(&codes)
        .trim_end_matches('\0')
        .to_owned())
}

/// Text stored as an HDF5 string, whatever its kind.
pub(super) fn text(dataset: &Dataset) -> Option<String> {
    let text = dataset
        .read_scalar::<VarLenUnicode>()
        .map(|t| t.as_str().to_owned())
        .or_else(|_| {
            dataset
                .read_scalar::<VarLenAscii>()
                .map(|t| t.as_str().to_owned())
        })
        .or_else(|_| {
            dataset
                .read_scalar::<FixedUnicode<256>>()
                .map(|t| t.as_str().to_owned())
        })
        .or_else(|_| {
            dataset
                .read_scalar::<FixedAscii<256>>()
                .map(|t| t.as_str().to_owned())
        });
    text.ok().or_else(|| matlab_text(dataset, "").ok())
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
