"""Networks for the SummDiff explorer: export, training, extractors, baselines.

The package turns checkpoints and weights into *bundles*, folders of ONNX files
with a ``bundle.json`` that the Rust program reads (see ``models/README.md``).
It does not decode video, select segments or draw anything.
"""

__version__ = "0.1.0"
