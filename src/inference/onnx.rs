//! A minimal reader and editor of ONNX files: opset, inputs, outputs, table sizes, and cutting a
//! graph at a tensor.
//!
//! Reads the protocol-buffer fields it needs and keeps all others byte for byte, for which a model
//! is cut without knowing all of the format. Whether it names other files is judged by a full parse
//! ([`super::proto`]). It checks no operator and runs nothing: ONNX Runtime does. Field numbers are
//! those of `onnx.proto` (IR version 3 and later).

use std::collections::{HashMap, HashSet};

pub use super::proto::NotOnnx;
use super::proto::names_other_files;

/// ONNX element type float32.
pub const FLOAT: i64 = 1;
/// ONNX element type int64.
pub const INT64: i64 = 7;

/// One field of a protocol-buffer message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// A field with its number and its bytes as they stand in the file, tag included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub number: u64,
    pub value: Value<'a>,
    pub raw: &'a [u8],
}

impl<'a> Field<'a> {
    fn bytes(&self) -> Option<&'a [u8]> {
        match self.value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn text(&self) -> Option<&'a str> {
        self.bytes()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, NotOnnx> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at).ok_or(NotOnnx)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(NotOnnx)
}

/// Splits a message into its fields.
pub(crate) fn fields(message: &[u8]) -> Result<Vec<Field<'_>>, NotOnnx> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < message.len() {
        let start = at;
        let tag = varint(message, &mut at)?;
        let take = |at: &mut usize, len: usize| {
            let end = at.checked_add(len).ok_or(NotOnnx)?;
            let slice = message.get(*at..end).ok_or(NotOnnx)?;
            *at = end;
            Ok(slice)
        };
        let value = match tag & 7 {
            0 => Value::Varint(varint(message, &mut at)?),
            1 => {
                take(&mut at, 8)?;
                Value::Fixed
            }
            2 => {
                let len = usize::try_from(varint(message, &mut at)?).map_err(|_| NotOnnx)?;
                Value::Bytes(take(&mut at, len)?)
            }
            5 => {
                take(&mut at, 4)?;
                Value::Fixed
            }
            _ => return Err(NotOnnx),
        };
        out.push(Field {
            number: tag >> 3,
            value,
            raw: &message[start..at],
        });
    }
    Ok(out)
}

/// Appends a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length-delimited field.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_varint(out, number << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends an integer field.
pub(crate) fn put_int(out: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(out, number << 3);
    put_varint(out, value);
}

/// One input or output of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    pub name: String,
    /// ONNX element type ([`FLOAT`], [`INT64`], …); 0 when not a tensor.
    pub element: i64,
    /// Size of each axis, `None` where it is free; empty for an unknown or scalar shape.
    pub dims: Vec<Option<u64>>,
}

/// A node's operator, inputs and outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Node {
    op: String,
    inputs: Vec<String>,
    outputs: Vec<String>,
}

/// What can be known of an ONNX file without running it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Version of the default operator set.
    pub opset: i64,
    /// Inputs that are not initialised in the file.
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
    /// Whether weights lie in other files, at any depth.
    pub external_data: bool,
    nodes: Vec<Node>,
    initializers: HashMap<String, Vec<u64>>,
}

impl Model {
    /// Reads a model's facts.
    ///
    /// # Errors
    /// When the bytes are not an ONNX model.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotOnnx> {
        let mut opset = 0;
        let mut graph = None;
        for field in fields(bytes)? {
            match (field.number, field.bytes()) {
                // The format merges what occurs twice, which no exporter writes; the facts of one
                // part would be half the truth.
                (7, Some(_)) if graph.is_some() => return Err(NotOnnx),
                (7, Some(message)) => graph = Some(message),
                (8, Some(message)) => {
                    let (mut domain, mut version) = ("", 0);
                    for field in fields(message)? {
                        match (field.number, field.value) {
                            (1, _) => domain = field.text().ok_or(NotOnnx)?,
                            (2, Value::Varint(value)) => version = value as i64,
                            _ => {}
                        }
                    }
                    if domain.is_empty() || domain == "ai.onnx" {
                        opset = version;
                    }
                }
                _ => {}
            }
        }
        let mut model = Self {
            opset,
            inputs: Vec::new(),
            outputs: Vec::new(),
            external_data: names_other_files(bytes)?,
            nodes: Vec::new(),
            initializers: HashMap::new(),
        };
        for field in fields(graph.ok_or(NotOnnx)?)? {
            let Some(message) = field.bytes() else {
                continue;
            };
            match field.number {
                1 => model.nodes.push(node(message)?),
                5 => model.read_initializer(message)?,
                11 => model.inputs.push(port(message)?),
                12 => model.outputs.push(port(message)?),
                _ => {}
            }
        }
        let initializers = &model.initializers;
        model
            .inputs
            .retain(|port| !initializers.contains_key(&port.name));
        Ok(model)
    }

    pub fn input(&self, name: &str) -> Option<&Port> {
        self.inputs.iter().find(|port| port.name == name)
    }

    pub fn output(&self, name: &str) -> Option<&Port> {
        self.outputs.iter().find(|port| port.name == name)
    }

    /// Number of rows of the embedding table that the graph looks `input` up in; `None` where there
    /// is no such table.
    pub fn lookup_rows(&self, input: &str) -> Option<u64> {
        let mut carriers: HashSet<&str> = HashSet::from([input]);
        // Nodes are in topological order, so one pass follows the indices through casts and
        // reshapes.
        for node in &self.nodes {
            match node.op.as_str() {
                "Gather"
                    if node
                        .inputs
                        .get(1)
                        .is_some_and(|i| carriers.contains(i.as_str())) =>
                {
                    return self
                        .initializers
                        .get(node.inputs.first()?)?
                        .first()
                        .copied();
                }
                "Cast" | "Reshape" | "Unsqueeze" | "Squeeze" | "Flatten" | "Identity"
                    if node
                        .inputs
                        .first()
                        .is_some_and(|i| carriers.contains(i.as_str())) =>
                {
                    carriers.extend(node.outputs.iter().map(String::as_str));
                }
                _ => {}
            }
        }
        None
    }

    /// The output of the last pooling node: where a classifier's features lie.
    pub fn last_pooled_tensor(&self) -> Option<&str> {
        self.nodes
            .iter()
            .rev()
            .find(|node| matches!(node.op.as_str(), "AveragePool" | "GlobalAveragePool"))
            .and_then(|node| node.outputs.first())
            .map(String::as_str)
    }

    fn read_initializer(&mut self, message: &[u8]) -> Result<(), NotOnnx> {
        let (mut name, mut dims) = (String::new(), Vec::new());
        for field in fields(message)? {
            match (field.number, field.value) {
                (1, Value::Varint(dim)) => dims.push(dim),
                (1, Value::Bytes(packed)) => {
                    let mut at = 0;
                    while at < packed.len() {
                        dims.push(varint(packed, &mut at)?);
                    }
                }
                (8, _) => name = field.text().ok_or(NotOnnx)?.to_owned(),
                _ => {}
            }
        }
        self.initializers.insert(name, dims);
        Ok(())
    }
}

fn node(message: &[u8]) -> Result<Node, NotOnnx> {
    let mut node = Node {
        op: String::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    for field in fields(message)? {
        match field.number {
            1 => node.inputs.push(field.text().ok_or(NotOnnx)?.to_owned()),
            2 => node.outputs.push(field.text().ok_or(NotOnnx)?.to_owned()),
            4 => field.text().ok_or(NotOnnx)?.clone_into(&mut node.op),
            _ => {}
        }
    }
    Ok(node)
}

/// A `ValueInfoProto`.
fn port(message: &[u8]) -> Result<Port, NotOnnx> {
    let mut port = Port {
        name: String::new(),
        element: 0,
        dims: Vec::new(),
    };
    for field in fields(message)? {
        match (field.number, field.bytes()) {
            (1, Some(_)) => field.text().ok_or(NotOnnx)?.clone_into(&mut port.name),
            (2, Some(kind)) => {
                let tensor = fields(kind)?.into_iter().find(|f| f.number == 1);
                let Some(tensor) = tensor.and_then(|f| f.bytes()) else {
                    continue;
                };
                for field in fields(tensor)? {
                    match (field.number, field.value) {
                        (1, Value::Varint(element)) => port.element = element as i64,
                        (2, Value::Bytes(shape)) => port.dims = dims(shape)?,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(port)
}

fn dims(shape: &[u8]) -> Result<Vec<Option<u64>>, NotOnnx> {
    let mut out = Vec::new();
    for dim in fields(shape)? {
        let Some(message) = dim.bytes() else {
            continue;
        };
        let size = fields(message)?.into_iter().find_map(|f| match f.value {
            Value::Varint(size) if f.number == 1 => Some(size),
            _ => None,
        });
        out.push(size);
    }
    Ok(out)
}

/// Writes a float32 `ValueInfoProto`; `None` dimensions become the free axis "B".
pub(crate) fn float_port(name: &str, dims: &[Option<u64>]) -> Vec<u8> {
    value_port(name, FLOAT, dims)
}

/// Writes a tensor's `ValueInfoProto`; `None` dimensions become free axes, all named "B".
pub(crate) fn value_port(name: &str, element: i64, dims: &[Option<u64>]) -> Vec<u8> {
    let mut shape = Vec::new();
    for dim in dims {
        let mut message = Vec::new();
        match dim {
            Some(size) => put_int(&mut message, 1, *size),
            None => put_bytes(&mut message, 2, b"B"),
        }
        put_bytes(&mut shape, 1, &message);
    }
    let (mut tensor, mut kind, mut port) = (Vec::new(), Vec::new(), Vec::new());
    put_int(&mut tensor, 1, element as u64);
    put_bytes(&mut tensor, 2, &shape);
    put_bytes(&mut kind, 1, &tensor);
    put_bytes(&mut port, 1, name.as_bytes());
    put_bytes(&mut port, 2, &kind);
    port
}

/// Cuts a model at `tensor`: it becomes the only output (shape [B, …] unknown but for the given
/// trailing sizes), nodes and weights behind it are dropped, and the first axis of the image input
/// becomes free.
///
/// # Errors
/// When the bytes are not an ONNX model or it does not compute `tensor`.
pub fn cut_at(bytes: &[u8], tensor: &str, trailing: &[u64]) -> Result<Vec<u8>, NotOnnx> {
    let top = fields(bytes)?;
    let graph = top.iter().find(|f| f.number == 7).and_then(Field::bytes);
    let graph = fields(graph.ok_or(NotOnnx)?)?;
    let nodes: Vec<(Node, &[u8])> = graph
        .iter()
        .filter(|f| f.number == 1)
        .map(|f| Ok((node(f.bytes().ok_or(NotOnnx)?)?, f.raw)))
        .collect::<Result<_, NotOnnx>>()?;
    let mut needed: HashSet<&str> = HashSet::from([tensor]);
    let mut kept = vec![false; nodes.len()];
    for (position, (node, _)) in nodes.iter().enumerate().rev() {
        if node.outputs.iter().any(|o| needed.contains(o.as_str())) {
            kept[position] = true;
            needed.extend(node.inputs.iter().map(String::as_str));
        }
    }
    if !kept.contains(&true) {
        return Err(NotOnnx);
    }
    let facts = Model::parse(bytes)?;
    let mut cut = Vec::with_capacity(bytes.len());
    for ((_, raw), keep) in nodes.iter().zip(&kept) {
        if *keep {
            cut.extend_from_slice(raw);
        }
    }
    for field in &graph {
        let name = |number| -> Result<&str, NotOnnx> {
            let message = fields(field.bytes().ok_or(NotOnnx)?)?;
            let name = message.iter().find(|f| f.number == number);
            name.and_then(Field::text).ok_or(NotOnnx)
        };
        match field.number {
            // Nodes are written above; the outputs and the shapes in between are written anew or
            // not needed.
            1 | 12 | 13 => {}
            5 if !needed.contains(name(8)?) => {}
            11 => {
                let name = name(1)?;
                if let Some(port) = facts.input(name) {
                    let mut dims = port.dims.clone();
                    if let Some(batch) = dims.first_mut() {
                        *batch = None;
                    }
                    put_bytes(&mut cut, 11, &value_port(name, port.element, &dims));
                } else if needed.contains(name) {
                    cut.extend_from_slice(field.raw);
                }
            }
            _ => cut.extend_from_slice(field.raw),
        }
    }
    let mut dims = vec![None];
    dims.extend(trailing.iter().map(|&size| Some(size)));
    put_bytes(&mut cut, 12, &float_port(tensor, &dims));
    let mut out = Vec::with_capacity(cut.len() + 64);
    for field in &top {
        if field.number == 7 {
            put_bytes(&mut out, 7, &cut);
        } else {
            out.extend_from_slice(field.raw);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::onnx::{Graph, classifier};

    #[test]
    fn facts_of_a_model_are_read() {
        let bytes = Graph::new()
            .input("score_index", INT64, &[None, None])
            .float_constant("table", &[5, 2], &[0.0; 10])
            .node("Gather", &["table", "score_index"], &["x"])
            .output("x", FLOAT, &[None, None, Some(2)])
            .model(17);
        let model = Model::parse(&bytes).unwrap();
        assert_eq!(model.opset, 17);
        assert_eq!(model.inputs.len(), 1);
        assert_eq!(model.input("score_index").unwrap().element, INT64);
        assert_eq!(model.output("x").unwrap().dims, [None, None, Some(2)]);
        assert_eq!(model.lookup_rows("score_index"), Some(5));
        assert!(!model.external_data);
    }

    #[test]
    fn rubbish_and_every_truncation_are_refused_or_harmless() {
        assert_eq!(Model::parse(b"<html>not found</html>"), Err(NotOnnx));
        assert_eq!(Model::parse(b""), Err(NotOnnx));
        let bytes = classifier(17);
        for len in 0..bytes.len() {
            let _ = Model::parse(&bytes[..len]);
        }
    }

    #[test]
    fn a_cut_model_ends_at_the_pooled_tensor_with_a_free_batch() {
        let bytes = classifier(9);
        let model = Model::parse(&bytes).unwrap();
        let pooled = model.last_pooled_tensor().unwrap().to_owned();
        assert_eq!(model.outputs[0].name, "prob");
        let cut = Model::parse(&cut_at(&bytes, &pooled, &[4, 1, 1]).unwrap()).unwrap();
        assert_eq!(cut.outputs.len(), 1);
        assert_eq!(cut.outputs[0].name, pooled);
        assert_eq!(cut.outputs[0].dims, [None, Some(4), Some(1), Some(1)]);
        assert_eq!(cut.inputs[0].dims[0], None);
        assert!(cut.nodes.iter().all(|node| node.op != "Softmax"));
        assert!(!cut.initializers.contains_key("fc_weight"));
        assert_eq!(cut_at(&bytes, "nowhere", &[]), Err(NotOnnx));
    }
}
