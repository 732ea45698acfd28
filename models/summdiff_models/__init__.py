"""Networks for the SummDiff explorer: export, training, extractors, baselines.

The package turns checkpoints and weights into *bundles*, folders of ONNX files
with a ``bundle.json`` that the Rust program reads (see ``models/README.md``).
It does not decode video, select segments or draw anything.
"""

import os

# ONNX Runtime reports to its maker unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
