"""The package keeps ONNX Runtime from reporting to its maker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BUNDLE = Path(__file__).resolve().parents[2] / "tests/data/sampling/tiny-bundle"


def test_a_session_leaves_no_event_store(tmp_path: Path) -> None:
    code = "import sys, summdiff_models.onnx_export as o, pathlib; o.session(pathlib.Path(sys.argv[1]))"
    # Marks of build machines would hide the reporting.
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run(
        [sys.executable, "-c", code, str(BUNDLE / "denoiser.onnx")],
        cwd=Path(__file__).resolve().parents[1],
        env=environment,
        check=True,
    )
    assert not list(tmp_path.rglob("*onnxruntime*"))
