"""The default bundle's whole recipe, every step once, at a size that teaches nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
import torch

from helpers import onnx_denoiser, onnx_memory
from summdiff_models.lite import sources
from summdiff_models.lite.__main__ import STEPS, TINY, main
from summdiff_models.lite.extractor_file import write_extractor
from summdiff_models.lite.sources import procedural_scene
from summdiff_models.lite.student import TEACHER_WIDTHS, SeparableNet


def write_teacher(path: Path) -> None:
    """A random network in the teacher's own file layout: weights are called w0, b0, w1, …"""
    torch.manual_seed(0)
    net = SeparableNet(TEACHER_WIDTHS).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    write_extractor(net, path, with_look=False)
    model = onnx.load(str(path))
    names = {}
    for tensor in model.graph.initializer:
        part, _, kind = tensor.name.partition(".")
        if kind:
            number = 0 if part == "stem" else 1 + 2 * int(part[5:]) + (part[:5] == "point")
            names[tensor.name] = f"{kind[0]}{number}"
            tensor.name = names[tensor.name]
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    onnx.save(model, str(path))


def write_tvsum(path: Path, videos: int = 50) -> None:
    """Ratings in the layout of ydata-tvsum50.mat: references to one array per video."""
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        group = file.create_group("tvsum50")
        for name in ("user_anno", "length"):
            group.create_dataset(name, (videos, 1), h5py.ref_dtype)
        for number in range(videos):
            ratings = np.repeat(rng.integers(1, 6, (20, 25)), 50, 1).astype(np.float64)
            group["user_anno"][number, 0] = file.create_dataset(f"r/{number}", data=ratings).ref
            group["length"][number, 0] = file.create_dataset(f"l/{number}", data=[[50.0]]).ref


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder laid out like the one ``--shared`` names; few photos, most of them set aside."""
    monkeypatch.setattr(sources, "HELD_OUT_PHOTOS", 40)
    folder = tmp_path / "shared"
    for name in ("photos", "videos", "tvsum"):
        (folder / "data" / name).mkdir(parents=True)
    (folder / "networks").mkdir()
    rng = np.random.default_rng(0)
    for number in range(60):
        procedural_scene(rng, 64, 48).save(folder / "data/photos" / f"{number:03d}.jpg")
    if shutil.which("ffmpeg"):
        clip = folder / "data/videos/clip.mkv"
        words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=96x64:d=12:r=5", "-c:v", "mpeg4", str(clip)]
        subprocess.run(words, check=True)
    write_teacher(folder / "networks/mobilenet_v1_embedding.onnx")
    write_tvsum(folder / "data/tvsum/ydata-tvsum50.mat")
    return folder


def test_all_runs_end_to_end_and_again(material: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work, bundle = tmp_path / "work", tmp_path / "bundle"
    words = ["--shared", str(material), "--work", str(work), "--bundle", str(bundle), "--tiny"]
    assert main([*words, "all"]) == 0
    manifest = json.loads((bundle / "bundle.json").read_text())
    assert manifest["denoiser"] == {"file": "denoiser.onnx", "pointwise": False, "attention": False}
    features = np.random.default_rng(2).random((50, manifest["encoder"]["dim_in"]), dtype=np.float32)
    memory = onnx_memory(bundle, features)
    assert memory.shape == (13, manifest["encoder"]["hidden"])
    x0, _ = onnx_denoiser(bundle, memory, attention=False)(np.full((3, 13), 40), 500)
    assert x0.shape == (3, 13) and np.isfinite(x0).all()
    card = (bundle / "README.md").read_text()
    assert f"then for {TINY.distil_more} from a fresh annealing" in card and "{" not in card
    for row in ("fresh annotators", "random", "mean regressor", "consensus", "pointwise", "joint", "pairwise tau"):
        assert f"| {row}" in card
    reports = {path.stem.replace("_", "-") for path in work.glob("report_*.json")}
    assert reports - {"report-corpus"} == {name for name in STEPS if name.startswith("report-")}
    # Again: everything made is kept, and the card is the same but for the speed measured.
    stamp = (work / "corpus.pkl").stat().st_mtime_ns
    capsys.readouterr()
    for name in ("targets", "distil", "scenes", "corpus", "train", "card"):
        assert main([*words, name]) == 0
    assert capsys.readouterr().out == ""
    assert (work / "corpus.pkl").stat().st_mtime_ns == stamp
    assert (bundle / "README.md").read_text() == card
