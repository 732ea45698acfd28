//! Writes small ONNX models and bundles for tests, without Python.

use std::path::Path;

use sha2::Digest;

use crate::inference::onnx::{FLOAT, INT64, put_bytes, put_int};

/// A graph under construction. Nodes are to be added in topological order.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<u8>,
    rest: Vec<u8>,
}

/// An attribute of a node.
#[derive(Clone, Debug)]
pub enum Attribute<'a> {
    Int(&'a str, i64),
    Ints(&'a str, &'a [i64]),
    /// A graph within the node, as loops have one.
    Graph(&'a str, &'a Graph),
}

impl Graph {
    pub fn new() -> Self {
        let mut graph = Self::default();
        put_bytes(&mut graph.rest, 2, b"test");
        graph
    }

    #[must_use]
    pub fn input(mut self, name: &str, element: i64, dims: &[Option<u64>]) -> Self {
        put_bytes(&mut self.rest, 11, &named_port(name, element, dims));
        self
    }

    #[must_use]
    pub fn output(mut self, name: &str, element: i64, dims: &[Option<u64>]) -> Self {
        put_bytes(&mut self.rest, 12, &named_port(name, element, dims));
        self
    }

    #[must_use]
    pub fn node(self, op: &str, inputs: &[&str], outputs: &[&str]) -> Self {
        self.node_with(op, inputs, outputs, &[])
    }

    #[must_use]
    pub fn node_with(
        mut self,
        op: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &[Attribute<'_>],
    ) -> Self {
        let mut node = Vec::new();
        for input in inputs {
            put_bytes(&mut node, 1, input.as_bytes());
        }
        for output in outputs {
            put_bytes(&mut node, 2, output.as_bytes());
        }
        put_bytes(&mut node, 4, op.as_bytes());
        for attribute in attributes {
            let mut message = Vec::new();
            match attribute {
                Attribute::Int(name, value) => {
                    put_bytes(&mut message, 1, name.as_bytes());
                    put_int(&mut message, 3, *value as u64);
                    put_int(&mut message, 20, 2);
                }
                Attribute::Ints(name, values) => {
                    put_bytes(&mut message, 1, name.as_bytes());
                    for value in *values {
                        put_int(&mut message, 8, *value as u64);
                    }
                    put_int(&mut message, 20, 7);
                }
                Attribute::Graph(name, graph) => {
                    put_bytes(&mut message, 1, name.as_bytes());
                    put_bytes(&mut message, 6, &graph.bytes());
                    put_int(&mut message, 20, 5);
                }
            }
            put_bytes(&mut node, 5, &message);
        }
        put_bytes(&mut self.nodes, 1, &node);
        self
    }

    #[must_use]
    pub fn float_constant(self, name: &str, dims: &[u64], values: &[f32]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(name, FLOAT, dims, &raw)
    }

    #[must_use]
    pub fn int_constant(self, name: &str, dims: &[u64], values: &[i64]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(name, INT64, dims, &raw)
    }

    fn constant(mut self, name: &str, element: i64, dims: &[u64], raw: &[u8]) -> Self {
        let mut tensor = Vec::new();
        for dim in dims {
            put_int(&mut tensor, 1, *dim);
        }
        put_int(&mut tensor, 2, element as u64);
        put_bytes(&mut tensor, 8, name.as_bytes());
        put_bytes(&mut tensor, 9, raw);
        put_bytes(&mut self.rest, 5, &tensor);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        [self.nodes.as_slice(), &self.rest].concat()
    }

    /// The whole file, with the given version of the default operator set.
    pub fn model(&self, opset: u64) -> Vec<u8> {
        let graph = self.bytes();
        let (mut operators, mut out) = (Vec::new(), Vec::new());
        put_bytes(&mut operators, 1, b"");
        put_int(&mut operators, 2, opset);
        put_int(&mut out, 1, 8);
        put_bytes(&mut out, 7, &graph);
        put_bytes(&mut out, 8, &operators);
        out
    }
}

/// Free axes are left without a name, so that none is taken for equal to another.
fn named_port(name: &str, element: i64, dims: &[Option<u64>]) -> Vec<u8> {
    let mut shape = Vec::new();
    for dim in dims {
        let mut message = Vec::new();
        if let Some(size) = dim {
            put_int(&mut message, 1, *size);
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

/// A picture classifier in the shape of GoogLeNet's: fixed batch of one, convolution, average
/// pooling ("pool5"), dense layer, softmax.
pub fn classifier(opset: u64) -> Vec<u8> {
    let conv: Vec<f32> = (0..12).map(|i| (i as f32 - 5.0) / 700.0).collect();
    Graph::new()
        .input("data_0", FLOAT, &[Some(1), Some(3), Some(224), Some(224)])
        .float_constant("conv_weight", &[4, 3, 1, 1], &conv)
        .float_constant("fc_weight", &[4, 2], &[0.5; 8])
        .int_constant("flat", &[2], &[1, 4])
        .node("Conv", &["data_0", "conv_weight"], &["conv"])
        .node("GlobalAveragePool", &["conv"], &["pool5/7x7_s1_1"])
        .node("Reshape", &["pool5/7x7_s1_1", "flat"], &["flattened"])
        .node("MatMul", &["flattened", "fc_weight"], &["logits"])
        .node("Softmax", &["logits"], &["prob"])
        .output("prob", FLOAT, &[Some(1), Some(2)])
        .model(opset)
}

/// An extractor of `dim` features: fixed random mixtures of the mean colour. `image` [B, 3, H, W]
/// to `features` [B, dim].
pub fn extractor(dim: usize) -> Vec<u8> {
    let weights = wave(3 * dim, 0.9);
    Graph::new()
        .input("image", FLOAT, &[None, Some(3), None, None])
        .float_constant("mix", &[3, dim as u64], &weights)
        .node("GlobalAveragePool", &["image"], &["pooled"])
        .node_with(
            "Flatten",
            &["pooled"],
            &["flat"],
            &[Attribute::Int("axis", 1)],
        )
        .node("MatMul", &["flat", "mix"], &["features"])
        .output("features", FLOAT, &[None, Some(dim as u64)])
        .model(17)
}

/// An encoder: one dense layer and tanh. `features` [N, dim] to `memory` [N, hidden].
pub fn encoder(dim: usize, hidden: usize) -> Vec<u8> {
    Graph::new()
        .input("features", FLOAT, &[None, Some(dim as u64)])
        .float_constant("w", &[dim as u64, hidden as u64], &wave(dim * hidden, 1.7))
        .node("MatMul", &["features", "w"], &["h"])
        .node("Tanh", &["h"], &["memory"])
        .output("memory", FLOAT, &[None, Some(hidden as u64)])
        .model(17)
}

/// An encoder that goes through a loop of 10¹⁸ steps.
pub fn endless_encoder(dim: usize, hidden: usize) -> Vec<u8> {
    const BOOL: i64 = 9;
    let body = Graph::new()
        .input("step", INT64, &[])
        .input("go_on", BOOL, &[])
        .input("x", FLOAT, &[None, None])
        .node("Identity", &["go_on"], &["goes_on"])
        .node("Sin", &["x"], &["y"])
        .output("goes_on", BOOL, &[])
        .output("y", FLOAT, &[None, None]);
    Graph::new()
        .input("features", FLOAT, &[None, Some(dim as u64)])
        .float_constant("w", &[dim as u64, hidden as u64], &wave(dim * hidden, 1.7))
        .int_constant("steps", &[], &[1_000_000_000_000_000_000])
        .node("MatMul", &["features", "w"], &["h"])
        .node_with(
            "Loop",
            &["steps", "", "h"],
            &["memory"],
            &[Attribute::Graph("body", &body)],
        )
        .output("memory", FLOAT, &[None, Some(hidden as u64)])
        .model(17)
}

/// An encoder that makes 3 · 10⁹ values on the way.
pub fn enormous_encoder(dim: usize, hidden: usize) -> Vec<u8> {
    Graph::new()
        .input("features", FLOAT, &[None, Some(dim as u64)])
        .float_constant("w", &[dim as u64, hidden as u64], &wave(dim * hidden, 1.7))
        .int_constant("many", &[1], &[3_000_000_000])
        .node("MatMul", &["features", "w"], &["h"])
        .node_with(
            "ReduceMax",
            &["h"],
            &["one"],
            &[Attribute::Int("keepdims", 0)],
        )
        .node("Expand", &["one", "many"], &["wide"])
        .node("Sin", &["wide"], &["waves"])
        .node_with(
            "ReduceSum",
            &["waves"],
            &["sum"],
            &[Attribute::Int("keepdims", 0)],
        )
        .node("Add", &["h", "sum"], &["memory"])
        .output("memory", FLOAT, &[None, Some(hidden as u64)])
        .model(17)
}

/// How a test denoiser behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct DenoiserShape {
    /// Whether the mean over frames enters every frame.
    pub joint: bool,
    /// Whether there is an `attention` output.
    pub attention: bool,
    /// Whether all outputs are NaN.
    pub broken: bool,
}

/// A denoiser: table look-up times memory plus time, summed over channels. `score_index` [S, N],
/// `time` [1], `memory` [N, hidden] to `x0` [S, N] and, if asked, `attention` [S, N] of mean about
/// 1.
pub fn denoiser(k: usize, hidden: usize, shape: DenoiserShape) -> Vec<u8> {
    // Rows rise with the score, so that the denoiser pulls towards what it sees.
    let mut table = wave((k + 1) * hidden, 0.6);
    for (row, values) in table.chunks_mut(hidden).enumerate() {
        for value in values.iter_mut() {
            *value += 1.5 * (row as f32 / k as f32 - 0.5);
        }
    }
    let nan = if shape.broken { f32::NAN } else { 0.0 };
    let mut graph = Graph::new()
        .input("score_index", INT64, &[None, None])
        .input("time", INT64, &[Some(1)])
        .input("memory", FLOAT, &[None, Some(hidden as u64)])
        .float_constant("table", &[k as u64 + 1, hidden as u64], &table)
        .float_constant("scale", &[1], &[-0.0007])
        .float_constant("extra", &[1], &[nan])
        .int_constant("last", &[1], &[-1])
        .node("Gather", &["table", "score_index"], &["e"])
        .node_with("Cast", &["time"], &["t"], &[Attribute::Int("to", FLOAT)])
        .node("Mul", &["t", "scale"], &["ts"])
        .node("Add", &["memory", "ts"], &["m"])
        .node("Mul", &["e", "m"], &["em"])
        .node_with(
            "ReduceSum",
            &["em", "last"],
            &["sum"],
            &[Attribute::Int("keepdims", 0)],
        )
        .node("Add", &["sum", "extra"], &["own"]);
    graph = if shape.joint {
        graph
            .node_with(
                "ReduceMean",
                &["own"],
                &["mean"],
                &[Attribute::Ints("axes", &[1]), Attribute::Int("keepdims", 1)],
            )
            .node("Add", &["own", "mean"], &["x0"])
    } else {
        graph.node("Identity", &["own"], &["x0"])
    };
    graph = graph.output("x0", FLOAT, &[None, None]);
    if shape.attention {
        graph = graph
            .node("Sigmoid", &["own"], &["weight"])
            .float_constant("two", &[1], &[2.0])
            .node("Mul", &["weight", "two"], &["attention"])
            .output("attention", FLOAT, &[None, None]);
    }
    graph.model(17)
}

/// A scorer: dense layer and sigmoid. `features` [N, dim] to `scores` [N].
pub fn scorer(dim: usize) -> Vec<u8> {
    Graph::new()
        .input("features", FLOAT, &[None, Some(dim as u64)])
        .float_constant("w", &[dim as u64, 1], &wave(dim, 1.1))
        .int_constant("last", &[1], &[-1])
        .node("MatMul", &["features", "w"], &["h"])
        .node("Squeeze", &["h", "last"], &["flat"])
        .node("Sigmoid", &["flat"], &["scores"])
        .output("scores", FLOAT, &[None])
        .model(17)
}

/// Fixed values in (-1, 1) without a pattern that matters.
fn wave(len: usize, pace: f32) -> Vec<f32> {
    (0..len)
        .map(|i| ((i as f32 + 1.0) * pace * 12.9898).sin())
        .collect()
}

/// What a test bundle holds.
#[derive(Clone, Debug)]
pub struct BundleShape {
    pub name: String,
    pub dim: usize,
    pub hidden: usize,
    pub k: usize,
    pub denoiser: DenoiserShape,
    pub extractor: bool,
    /// Whether the manifest claims a pointwise denoiser; by default what is true.
    pub claims_pointwise: Option<bool>,
    pub null_video: bool,
    pub score_stride: usize,
    pub max_frames: Option<usize>,
}

impl Default for BundleShape {
    fn default() -> Self {
        Self {
            name: "tiny".to_owned(),
            dim: 12,
            hidden: 6,
            k: 20,
            denoiser: DenoiserShape::default(),
            extractor: true,
            claims_pointwise: None,
            null_video: true,
            score_stride: 1,
            max_frames: None,
        }
    }
}

impl BundleShape {
    /// Writes the bundle into `dir` (made where missing).
    pub fn write(&self, dir: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(dir)?;
        if self.extractor {
            std::fs::write(dir.join("extractor.onnx"), extractor(self.dim))?;
        }
        std::fs::write(dir.join("encoder.onnx"), strided_encoder(self))?;
        std::fs::write(
            dir.join("denoiser.onnx"),
            denoiser(self.k, self.hidden, self.denoiser),
        )?;
        if self.null_video {
            let null = ndarray::Array1::from_iter((0..self.dim).map(|i| 0.1 * i as f32 - 0.4));
            ndarray_npy::write_npy(dir.join("null_video.npy"), &null)
                .map_err(std::io::Error::other)?;
        }
        write_manifest(dir, &self.manifest())
    }

    /// `bundle.json` without `files`.
    pub fn manifest(&self) -> serde_json::Value {
        let pointwise = self.claims_pointwise.unwrap_or(!self.denoiser.joint);
        let extractor = serde_json::json!({
            "file": "extractor.onnx",
            "resize": {"mode": "stretch", "size": 32, "crop": 32, "filter": "bilinear"},
            "input_size": [32, 32], "channel_order": "rgb", "scale": 255.0,
            "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "sampling_fps": 2.0, "dim": self.dim,
            "pca": null, "l2_normalise": false, "input_name": "image", "output_name": "features",
        });
        serde_json::json!({
            "format": 1, "name": self.name, "version": "1", "kind": "summdiff",
            "description": "random weights for tests",
            "provenance": {"data": "none", "recipe": "none", "licence": "CC0", "notes": ""},
            "extractor": if self.extractor { extractor } else { serde_json::Value::Null },
            "encoder": {"file": "encoder.onnx", "dim_in": self.dim, "hidden": self.hidden},
            "denoiser": {"file": "denoiser.onnx", "pointwise": pointwise, "attention": self.denoiser.attention},
            "scorer": null, "score_stride": self.score_stride,
            "schedule": {"kind": "cosine", "train_steps": 1000, "s": 0.008},
            "k": self.k, "sigmoid_temp": 2.0,
            "defaults": {"guidance": if self.null_video { 0.1 } else { 0.0 }, "steps": 10, "eta": 1.0},
            "null_vector_file": if self.null_video { "null_video.npy".into() } else { serde_json::Value::Null },
            "max_frames": self.max_frames, "opset": 17,
        })
    }
}

/// The encoder of a bundle; with a stride it keeps every stride-th row.
fn strided_encoder(shape: &BundleShape) -> Vec<u8> {
    if shape.score_stride == 1 {
        return encoder(shape.dim, shape.hidden);
    }
    let (dim, hidden) = (shape.dim as u64, shape.hidden as u64);
    Graph::new()
        .input("features", FLOAT, &[None, Some(dim)])
        .float_constant("w", &[dim, hidden], &wave(shape.dim * shape.hidden, 1.7))
        .int_constant("start", &[1], &[0])
        .int_constant("end", &[1], &[i64::MAX])
        .int_constant("axis", &[1], &[0])
        .int_constant("step", &[1], &[shape.score_stride as i64])
        .node(
            "Slice",
            &["features", "start", "end", "axis", "step"],
            &["rows"],
        )
        .node("MatMul", &["rows", "w"], &["h"])
        .node("Tanh", &["h"], &["memory"])
        .output("memory", FLOAT, &[None, Some(hidden)])
        .model(17)
}

/// Writes `bundle.json` with the hashes of all files that lie in `dir`.
pub fn write_manifest(dir: &Path, manifest: &serde_json::Value) -> std::io::Result<()> {
    let mut files = serde_json::Map::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "bundle.json" {
            let hash = sha2::Sha256::digest(std::fs::read(entry.path())?);
            files.insert(name, format!("{hash:x}").into());
        }
    }
    let mut manifest = manifest.clone();
    manifest["files"] = files.into();
    std::fs::write(
        dir.join("bundle.json"),
        serde_json::to_string_pretty(&manifest)?,
    )
}
