//! Inputs and outputs of an ONNX graph against what the bundle's format states.

use std::path::Path;

use crate::inference::error::BundleError;
use crate::inference::onnx::{FLOAT, INT64, Model, Port};

/// Compares a model's inputs and outputs with what the program feeds and reads.
pub(super) struct PortCheck<'a> {
    pub(super) path: &'a Path,
    pub(super) model: &'a Model,
}

impl PortCheck<'_> {
    pub(super) fn input(
        &self,
        name: &str,
        element: i64,
        dims: &[Option<u64>],
    ) -> Result<(), BundleError> {
        let found = self.model.input(name);
        self.port("input", found, &self.model.inputs, name, element, dims)
    }

    pub(super) fn output(
        &self,
        name: &str,
        element: i64,
        dims: &[Option<u64>],
    ) -> Result<(), BundleError> {
        let found = self.model.output(name);
        self.port("output", found, &self.model.outputs, name, element, dims)
    }

    /// An axis fits when either side leaves it free; an unstated shape fits (the run will show).
    fn port(
        &self,
        kind: &'static str,
        found: Option<&Port>,
        all: &[Port],
        name: &str,
        element: i64,
        dims: &[Option<u64>],
    ) -> Result<(), BundleError> {
        let Some(found) = found else {
            let names: Vec<&str> = all.iter().map(|port| port.name.as_str()).collect();
            return Err(BundleError::MissingPort {
                path: self.path.to_owned(),
                port: kind,
                name: name.to_owned(),
                present: names.join(", "),
            });
        };
        let shape_fits = dims.is_empty()
            || found.dims.is_empty()
            || (found.dims.len() == dims.len()
                && found
                    .dims
                    .iter()
                    .zip(dims)
                    .all(|(a, b)| a.is_none() || b.is_none() || a == b));
        if shape_fits && found.element == element {
            return Ok(());
        }
        Err(BundleError::WrongPort {
            path: self.path.to_owned(),
            name: name.to_owned(),
            expected: described(element, dims),
            found: described(found.element, &found.dims),
        })
    }
}

fn described(element: i64, dims: &[Option<u64>]) -> String {
    let kind = match element {
        FLOAT => "float32",
        INT64 => "int64",
        _ => "another type",
    };
    let sides: Vec<String> = dims
        .iter()
        .map(|dim| dim.map_or_else(|| "any".to_owned(), |size| size.to_string()))
        .collect();
    format!("{kind} [{}]", sides.join(", "))
}
