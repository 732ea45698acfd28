//! The parts of `onnx.proto` (IR version 3 and later) in which a model can name other files, and
//! what is needed to get to them.
//!
//! Field numbers and names are the format's. Weights are not read: fields that are not stated here
//! are stepped over, however large. What occurs twice is merged, as the format wants it and as ONNX
//! Runtime reads it.

use prost::Message;

/// Values of `TensorProto.data_location`.
const EXTERNAL: i32 = 1;
/// Operators, by domain and name, that read files which they name.
const READS_FILES: [(&str, &str); 1] = [("com.microsoft", "EPContext")];

/// Why a file is not readable as ONNX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid ONNX file")]
pub struct NotOnnx;

/// Whether weights lie in other files, or an operator reads one: at any depth, in subgraphs,
/// functions and training graphs.
///
/// # Errors
/// When the bytes are no protocol buffer, or are nested deeper than a hundred levels.
pub fn names_other_files(bytes: &[u8]) -> Result<bool, NotOnnx> {
    Ok(Model::decode(bytes).map_err(|_| NotOnnx)?.is_external())
}

#[derive(Clone, PartialEq, Message)]
struct Model {
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
    #[prost(message, repeated, tag = "20")]
    training_info: Vec<TrainingInfo>,
    #[prost(message, repeated, tag = "25")]
    functions: Vec<Function>,
}

#[derive(Clone, PartialEq, Message)]
struct TrainingInfo {
    #[prost(message, optional, tag = "1")]
    initialization: Option<Graph>,
    #[prost(message, optional, tag = "2")]
    algorithm: Option<Graph>,
}

#[derive(Clone, PartialEq, Message)]
struct Function {
    #[prost(message, repeated, tag = "7")]
    node: Vec<Node>,
    #[prost(message, repeated, tag = "11")]
    attribute_proto: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
struct Graph {
    #[prost(message, repeated, tag = "1")]
    node: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "15")]
    sparse_initializer: Vec<SparseTensor>,
}

#[derive(Clone, PartialEq, Message)]
struct Node {
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<Attribute>,
    #[prost(string, tag = "7")]
    domain: String,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(message, optional, tag = "5")]
    t: Option<Tensor>,
    #[prost(message, optional, boxed, tag = "6")]
    g: Option<Box<Graph>>,
    #[prost(message, repeated, tag = "10")]
    tensors: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    graphs: Vec<Graph>,
    #[prost(message, optional, tag = "22")]
    sparse_tensor: Option<SparseTensor>,
    #[prost(message, repeated, tag = "23")]
    sparse_tensors: Vec<SparseTensor>,
}

#[derive(Clone, PartialEq, Message)]
struct Tensor {
    #[prost(message, repeated, tag = "13")]
    external_data: Vec<Entry>,
    #[prost(int32, tag = "14")]
    data_location: i32,
}

#[derive(Clone, PartialEq, Message)]
struct SparseTensor {
    #[prost(message, optional, tag = "1")]
    values: Option<Tensor>,
    #[prost(message, optional, tag = "2")]
    indices: Option<Tensor>,
}

/// A name and a value; only that it is there matters.
#[derive(Clone, PartialEq, Message)]
struct Entry {}

impl Model {
    fn is_external(&self) -> bool {
        let trained = self.training_info.iter();
        let mut graphs = trained
            .flat_map(|info| info.initialization.iter().chain(&info.algorithm))
            .chain(&self.graph);
        graphs.any(Graph::is_external)
            || self.functions.iter().any(|function| {
                function.node.iter().any(Node::is_external)
                    || function.attribute_proto.iter().any(Attribute::is_external)
            })
    }
}

impl Graph {
    fn is_external(&self) -> bool {
        self.node.iter().any(Node::is_external)
            || self.initializer.iter().any(Tensor::is_external)
            || self
                .sparse_initializer
                .iter()
                .any(SparseTensor::is_external)
    }
}

impl Node {
    fn is_external(&self) -> bool {
        READS_FILES.contains(&(self.domain.as_str(), self.op_type.as_str()))
            || self.attribute.iter().any(Attribute::is_external)
    }
}

impl Attribute {
    fn is_external(&self) -> bool {
        self.t.iter().chain(&self.tensors).any(Tensor::is_external)
            || self.g.as_deref().is_some_and(Graph::is_external)
            || self.graphs.iter().any(Graph::is_external)
            || self
                .sparse_tensor
                .iter()
                .chain(&self.sparse_tensors)
                .any(SparseTensor::is_external)
    }
}

impl Tensor {
    fn is_external(&self) -> bool {
        self.data_location == EXTERNAL || !self.external_data.is_empty()
    }
}

impl SparseTensor {
    fn is_external(&self) -> bool {
        self.values
            .iter()
            .chain(&self.indices)
            .any(Tensor::is_external)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor() -> Tensor {
        Tensor {
            external_data: vec![Entry {}],
            data_location: EXTERNAL,
        }
    }

    fn within(attribute: Attribute) -> Graph {
        let node = Node {
            attribute: vec![attribute],
            ..Node::default()
        };
        Graph {
            node: vec![node],
            ..Graph::default()
        }
    }

    fn initialised() -> Graph {
        Graph {
            initializer: vec![tensor()],
            ..Graph::default()
        }
    }

    fn sparse() -> SparseTensor {
        SparseTensor {
            indices: Some(tensor()),
            ..SparseTensor::default()
        }
    }

    #[test]
    fn other_files_are_found_wherever_a_model_can_name_them() {
        let attribute = Attribute::default;
        let graphs = [
            initialised(),
            Graph {
                sparse_initializer: vec![sparse()],
                ..Graph::default()
            },
            within(Attribute {
                t: Some(tensor()),
                ..attribute()
            }),
            within(Attribute {
                tensors: vec![tensor()],
                ..attribute()
            }),
            within(Attribute {
                sparse_tensors: vec![sparse()],
                ..attribute()
            }),
            within(Attribute {
                graphs: vec![Graph::default(), initialised()],
                ..attribute()
            }),
            // The branch of a branch.
            within(Attribute {
                g: Some(Box::new(within(Attribute {
                    g: Some(Box::new(initialised())),
                    ..attribute()
                }))),
                ..attribute()
            }),
            Graph {
                node: vec![Node {
                    op_type: "EPContext".to_owned(),
                    domain: "com.microsoft".to_owned(),
                    ..Node::default()
                }],
                ..Graph::default()
            },
        ];
        for graph in graphs {
            let function = Function {
                node: graph.node.clone(),
                ..Function::default()
            };
            let trained = TrainingInfo {
                algorithm: Some(graph.clone()),
                ..TrainingInfo::default()
            };
            let mut models = vec![
                Model {
                    graph: Some(graph.clone()),
                    ..Model::default()
                },
                Model {
                    training_info: vec![trained],
                    ..Model::default()
                },
            ];
            if !graph.node.is_empty() {
                models.push(Model {
                    functions: vec![function],
                    ..Model::default()
                });
            }
            for model in models {
                assert_eq!(
                    names_other_files(&model.encode_to_vec()),
                    Ok(true),
                    "{model:?}"
                );
            }
        }
        assert_eq!(
            names_other_files(&Model::default().encode_to_vec()),
            Ok(false)
        );
        assert!(names_other_files(b"\xff\xff").is_err());
    }

    #[test]
    fn a_graph_stated_twice_is_read_as_one() {
        let first = Model {
            graph: Some(initialised()),
            ..Model::default()
        };
        let second = Model {
            graph: Some(Graph::default()),
            ..Model::default()
        };
        let both = [first.encode_to_vec(), second.encode_to_vec()].concat();
        assert_eq!(names_other_files(&both), Ok(true));
    }
}
