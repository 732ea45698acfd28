"""The default bundle's whole recipe, every step once, at a size that teaches nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from helpers import onnx_denoiser, onnx_memory
from scipy.io import savemat

from summdiff_models.lite import pictures, scenes
from summdiff_models.lite.__main__ import STEPS, TINY, main
from summdiff_models.lite.pictures import drawn_scene
from summdiff_models.onnx_export import EXTRACTOR, write_onnx


class RandomNet(torch.nn.Sequential):
    """A network of the real one's interface: image → 1280 pooled values."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        super().__init__(torch.nn.Conv2d(3, 1280, 8, 8), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())


def write_tvsum(path: Path, videos: int = 50) -> None:
    """Ratings in the layout of ydata-tvsum50.mat: references to one array per video."""
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        group = file.create_group("tvsum50")
        for name in ("video", "user_anno", "length"):
            group.create_dataset(name, (videos, 1), h5py.ref_dtype)
        for number in range(videos):
            values = {
                "video": np.array([[ord(c)] for c in f"v{number}"], np.uint16),
                "user_anno": np.repeat(rng.integers(1, 6, (20, 25)), 50, 1).astype(np.float64),
                "length": np.array([[50.0]]),
            }
            for name, value in values.items():
                group[name][number, 0] = file.create_dataset(f"{name}/{number}", data=value).ref


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder laid out like the one ``--shared`` names; few photos, most of them set aside."""
    monkeypatch.setattr(pictures, "HELD_OUT_PHOTOS", 40)
    for name in ("TAKES", "TITLES", "BLACKS", "DRAWNS"):
        monkeypatch.setattr(scenes, name, 4)
    folder = tmp_path / "shared"
    for name in ("data/photos", "data/videos", "data/tvsum/frames", "data/summe/GT", "networks"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(60):
        drawn_scene(rng, 64, 48).save(folder / "data/photos" / f"{number:03d}.jpg")
    for number in range(20):
        place = folder / f"data/tvsum/frames/v{number % 4}"
        place.mkdir(exist_ok=True)
        drawn_scene(rng, 64, 36).save(place / f"{number * 60}.jpg")
    savemat(folder / "data/summe/GT/paluma_jump.mat", {"user_score": rng.integers(0, 2, (900, 3)), "FPS": 25.0})
    if shutil.which("ffmpeg"):
        clip = folder / "data/videos/clip.mkv"
        words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=96x64:d=12:r=5", "-c:v", "mpeg4", str(clip)]
        subprocess.run(words, check=True)
    write_onnx(RandomNet(), (torch.zeros(2, 3, 160, 160),), EXTRACTOR, folder / "networks/efficientnet_lite0_pool_1280.onnx")
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
    analysis = tmp_path / "a.json"
    segments = [{"start_frame": s, "end_frame": s + 100} for s in range(0, 900, 100)]
    samples = [{"selected_segments": [n % 9]} for n in range(22)]
    analysis.write_text(json.dumps({"bundle": manifest, "segments": segments, "samples": samples}))
    assert main([*words, "--analysis", str(analysis), "report-real"]) == 0
    assert main([*words, "card"]) == 0
    card = (bundle / "README.md").read_text()
    assert f"{TINY.joint_steps} steps" in card and "{" not in card
    for row in ("fresh annotators", "random", "mean regressor", "consensus", "lite", "version 1", "pairwise tau", "lite 2"):
        assert f"| {row}" in card
    reports = {path.stem.replace("_", "-") for path in work.glob("report_*.json")}
    assert reports - {"report-corpus", "report-real"} == {name for name in STEPS if name.startswith("report-")}
    # Again: everything made is kept, and the card is the same.
    stamp = (work / "corpus.pkl").stat().st_mtime_ns
    capsys.readouterr()
    for name in ("extractor", "scenes", "people", "corpus", "train", "card"):
        assert main([*words, name]) == 0
    assert capsys.readouterr().out == ""
    assert (work / "corpus.pkl").stat().st_mtime_ns == stamp
    assert (bundle / "README.md").read_text() == card


def test_a_report_without_its_step_names_the_step(tmp_path):
    with pytest.raises(SystemExit, match="run the step `extractor` first"):
        main(["--work", str(tmp_path), "report-extractor"])
