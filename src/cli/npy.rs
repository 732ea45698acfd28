//! NumPy's arrays in files, with a sentence that names the file and what is wrong with it.

use std::io::BufReader;
use std::path::Path;

use anyhow::Context;
use ndarray::Array2;
use ndarray_npy::{ReadNpyError, ReadNpyExt, WriteNpyError, WriteNpyExt};

use super::destination::write_through;
use crate::reading;

/// Reads an array.
///
/// # Errors
/// A sentence that names the file, what was expected of it and what it is.
pub(super) fn read_npy<A: ReadNpyExt>(path: &Path, expected: &str) -> anyhow::Result<A> {
    try_read(path)?.map_err(|err| refused(path, expected, &err))
}

/// Reads a float32 or float64 matrix.
///
/// # Errors
/// As [`read_npy`].
pub(super) fn read_matrix(path: &Path, expected: &str) -> anyhow::Result<Array2<f32>> {
    match try_read::<Array2<f32>>(path)? {
        Ok(matrix) => Ok(matrix),
        // Numbers of another kind: perhaps of twice the size.
        Err(ReadNpyError::WrongDescriptor(_)) => {
            let wide: Array2<f64> = read_npy(path, expected)?;
            Ok(wide.mapv(|value| value as f32))
        }
        Err(err) => Err(refused(path, expected, &err)),
    }
}

/// Fails where a value is not a finite number.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn check_finite<'a>(
    path: &Path,
    values: impl IntoIterator<Item = &'a f32>,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        values.into_iter().all(|value| value.is_finite()),
        "{} holds values that are not finite numbers; make it anew",
        path.display()
    );
    Ok(())
}

/// Writes an array whole, or not at all.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn write_npy<A: WriteNpyExt>(path: &Path, array: &A) -> anyhow::Result<()> {
    write_through(path, |out| match array.write_npy(out) {
        Ok(()) => Ok(()),
        Err(WriteNpyError::Io(err)) => Err(err),
        Err(err) => Err(std::io::Error::other(err)),
    })
}

fn try_read<A: ReadNpyExt>(path: &Path) -> anyhow::Result<Result<A, ReadNpyError>> {
    use std::io::BufRead;
    let unreadable = || format!("cannot read {}", path.display());
    let file = reading::open(path).with_context(unreadable)?;
    let bytes = file.metadata().with_context(unreadable)?.len();
    let mut file = BufReader::with_capacity(1 << 16, file);
    if !reading::npy_fits(file.fill_buf().with_context(unreadable)?, bytes) {
        return Ok(Err(ReadNpyError::LengthOverflow));
    }
    Ok(A::read_npy(file))
}

fn refused(path: &Path, expected: &str, err: &ReadNpyError) -> anyhow::Error {
    let reason = match err {
        ReadNpyError::WrongNdim(_, 1) => "it has one dimension".to_owned(),
        ReadNpyError::WrongNdim(_, found) => format!("it has {found} dimensions"),
        ReadNpyError::WrongDescriptor(found) => format!("its values are of type {found}"),
        ReadNpyError::MissingData => "it ends before all of its values".to_owned(),
        ReadNpyError::ExtraBytes(_) => "it goes on behind its values".to_owned(),
        ReadNpyError::LengthOverflow => "it states an absurd size".to_owned(),
        ReadNpyError::ParseHeader(_) => "it does not begin as one".to_owned(),
        other => other.to_string(),
    };
    anyhow::anyhow!(
        "{} is not a NumPy array of {expected}: {reason}; write it with numpy.save",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    #[test]
    fn the_reason_is_the_one_that_applies() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f.npy");
        let message = || {
            read_matrix(&path, "float32 [N, D]")
                .unwrap_err()
                .to_string()
        };
        write_npy(&path, &array![[1.0f32, 2.0], [3.0, 4.0]]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 4]).unwrap();
        assert!(message().contains("ends before"), "{}", message());
        write_npy(&path, &Array1::<f32>::zeros(3)).unwrap();
        assert!(message().contains("one dimension"), "{}", message());
        write_npy(&path, &array![[1i32]]).unwrap();
        assert!(message().contains("<i4"), "{}", message());
        std::fs::write(&path, "hello").unwrap();
        assert!(
            message().contains("f.npy is not a NumPy array"),
            "{}",
            message()
        );
        write_npy(&path, &array![[1.0f64, 2.5]]).unwrap();
        assert_eq!(read_matrix(&path, "").unwrap(), array![[1.0f32, 2.5]]);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_stays_a_device() {
        use std::os::unix::fs::FileTypeExt;
        let nowhere = Path::new("/dev/null");
        write_npy(nowhere, &array![[1.0f32]]).unwrap();
        let kind = std::fs::symlink_metadata(nowhere).unwrap().file_type();
        assert!(kind.is_char_device());
    }
}
