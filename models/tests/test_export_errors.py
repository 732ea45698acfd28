"""Bad checkpoints and flags: one precise sentence, exit code 1, nothing left behind."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from helpers import random_network
from summdiff_models.__main__ import main
from summdiff_models.bundle import Manifest, Provenance, new_folder, write_manifest
from summdiff_models.errors import UserError
from summdiff_models.network import NetworkOptions

SMALL = dict(dim_in=6, hidden=8, heads=2, feed_forward=16, enc_layers=1, n_input_proj=1, k=20)
State = dict[str, Tensor]


def state_of(**changes: object) -> State:
    return random_network(NetworkOptions(**{**SMALL, **changes})).state_dict()


def export(checkpoint: Path, out: Path, *more: str, heads: int = 2) -> int:
    words = ["export", "--checkpoint", str(checkpoint), "--heads", str(heads)]
    return main([*words, "--sigmoid-temp", "2", "--out", str(out), *more])


def without(prefix: str) -> Callable[[State], State]:
    return lambda state: {key: value for key, value in state.items() if not key.startswith(prefix)}


def with_nan(state: State) -> State:
    state["global_rep_token"][0] = float("nan")
    return state


DECODER = "transformer.diffusion_decoder."
BROKEN = {
    "other network": (lambda s: {"conv.weight": torch.zeros(3)}, "not a checkpoint of the SummDiff network"),
    "no denoiser": (without(f"{DECODER}layers."), "neither a DiT nor a LatentMLP denoiser"),
    "transformer_dec": (
        lambda s: without(f"{DECODER}layers.")(s) | {f"{DECODER}layers.0.linear1.weight": torch.zeros(2)},
        "Transformer_dec denoiser, which is not supported",
    ),
    "missing block": (without(f"{DECODER}layers.blocks.1."), "lacks transformer.diffusion_decoder.layers.blocks.1"),
    "no encoder": (without("transformer.encoder."), "has no encoder layers"),
    "no projection": (without("input_vid_proj."), "has no input projection"),
    "no embedding": (without(f"{DECODER}noise_embed"), "has no score embedding"),
    "extra weights": (lambda s: s | {"transformer.extra.weight": torch.zeros(2)}, "unknown weights transformer.extra.weight"),
    "wrong shape": (
        lambda s: s | {f"{DECODER}norm.weight": torch.zeros(9)},
        "norm.weight has shape [9] where [8] was expected",
    ),
    "diverged": (with_nan, "NaN or infinite"),
    "beyond float32": (lambda s: s | {f"{DECODER}norm.weight": torch.full((8,), 1e39, dtype=torch.float64)}, "NaN or infinite"),
    "scalar token": (lambda s: s | {"global_rep_token": torch.zeros(())}, "global_rep_token has 0 axes where 1"),
    "flat projection": (
        lambda s: s | {"input_vid_proj.0.net.1.weight": torch.zeros(5)},
        "input_vid_proj.0.net.1.weight has 1 axes where 2",
    ),
    "flat layer": (
        lambda s: s | {"transformer.encoder.layers.0.linear1.weight": torch.zeros(5)},
        "linear1.weight has 1 axes where 2",
    ),
    "scalar embedding": (lambda s: s | {f"{DECODER}noise_embed.weight": torch.zeros(())}, "noise_embed.weight has 0 axes"),
    "no size": (lambda s: s | {"global_rep_token": torch.zeros(0)}, "hidden must be at least 1"),
    "complex": (lambda s: s | {"global_rep_token": torch.zeros(8, dtype=torch.complex64)}, "complex or sparse values"),
    "sparse": (lambda s: s | {"global_rep_token": torch.zeros(8).to_sparse()}, "complex or sparse values"),
    "no blocks": (
        lambda s: without(f"{DECODER}layers.res_blocks.")(state_of(denoiser="latentmlp")), "dec_layers must be at least 1"
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Validating sparse")
@pytest.mark.parametrize("name", list(BROKEN))
def test_broken_state_dict(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, sentence = BROKEN[name]
    torch.save(change(state_of()), tmp_path / "best.pkl")
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    said = capsys.readouterr().err
    assert sentence in said and "best.pkl" in said and said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["best.pkl"]


@pytest.mark.parametrize(
    ("flags", "heads", "sentence"),
    [
        (["--denoiser", "latentmlp"], 2, "holds a dit denoiser, not latentmlp"),
        (["--k", "200"], 2, "so K is 20, not 200"),
        ([], 3, "hidden size 8 cannot be split into 3 heads"),
        (["--guidance", "0.1"], 2, "give --null-video"),
        (["--extractor", "nowhere"], 2, "no extractor nowhere"),
        (["--guidance", "nan"], 2, "--guidance must be a finite number, not nan"),
        (["--guidance=-inf"], 2, "--guidance must be a finite number, not -inf"),
        (["--max-frames", "-5"], 2, "--max-frames must be 0 for no limit, or at least 2, not -5"),
        (["--max-frames", "1"], 2, "at least 2, not 1"),
        (["--sigmoid-temp", "inf"], 2, "must be positive and finite, not inf"),
        (["--sigmoid-temp", "nan"], 2, "must be positive and finite, not nan"),
        ([], 0, "heads must be at least 1, not 0"),
    ],
)
def test_flags_that_contradict(
    flags: list[str], heads: int, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    assert export(tmp_path / "best.pkl", tmp_path / "out", *flags, heads=heads) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_sinusoidal_needs_k(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state_of(embedding="sinusoidal"), tmp_path / "best.pkl")
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    assert "does not tell K; give --k" in capsys.readouterr().err


def test_pickled_code_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return Path.touch, (ran,)

    torch.save({"weights": Trap()}, tmp_path / "best.pkl")
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    assert "would run code" in capsys.readouterr().err
    assert not ran.exists()


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_not_a_checkpoint(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "best.pkl").write_bytes(content)
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    assert "best.pkl is not a PyTorch checkpoint" in capsys.readouterr().err
    assert export(tmp_path / "gone.pkl", tmp_path / "out") == 1
    assert "gone.pkl does not exist" in capsys.readouterr().err


def test_other_objects_than_tensors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(argparse.Namespace(lr=1), tmp_path / "best.pkl")
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    assert "save only its state_dict" in capsys.readouterr().err
    torch.save({"epoch": 3}, tmp_path / "best.pkl")
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    assert "holds no state dict" in capsys.readouterr().err


@pytest.mark.parametrize("vector", [np.zeros(5), np.full(6, np.nan), np.zeros((2, 6))])
def test_null_video_of_another_size(vector: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    np.save(tmp_path / "null.npy", vector)
    flags = ["--null-video", str(tmp_path / "null.npy"), "--guidance", "0.1"]
    assert export(tmp_path / "best.pkl", tmp_path / "out", *flags) == 1
    assert "finite vector of 6 values was expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("vector", "sentence"),
    [
        (np.full(6, 1e39), "holds NaN or infinite values"),
        (np.array(["a"] * 6), "no real numbers"),
        (np.full(6, 1 + 1j), "no real numbers"),
    ],
)
def test_null_video_of_other_values(
    vector: np.ndarray, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    np.save(tmp_path / "null.npy", vector)
    assert export(tmp_path / "best.pkl", tmp_path / "out", "--null-video", str(tmp_path / "null.npy")) == 1
    said = capsys.readouterr().err
    assert sentence in said and "null.npy" in said and said.count("\n") == 1


def test_null_video_that_is_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    np.savez(tmp_path / "null.npz", a=np.ones(6))
    assert export(tmp_path / "best.pkl", tmp_path / "out", "--null-video", str(tmp_path / "null.npz")) == 1
    assert "null.npz is an archive" in capsys.readouterr().err


def test_a_manifest_never_holds_nan(tmp_path: Path) -> None:
    manifest = Manifest("n", "1", "summdiff", "", Provenance(), k=3, sigmoid_temp=float("nan"))
    with pytest.raises(UserError, match="NaN or an infinite number"):
        write_manifest(tmp_path, manifest)


def test_null_video_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    flags = ["--null-video", str(tmp_path / "null.npy"), "--guidance", "0.1"]
    assert export(tmp_path / "best.pkl", tmp_path / "out", *flags) == 1
    assert "null.npy does not exist" in capsys.readouterr().err


def test_out_with_other_files_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    assert export(tmp_path / "best.pkl", tmp_path / "out") == 1
    assert "choose another --out" in capsys.readouterr().err
    assert (tmp_path / "out" / "thesis.tex").read_text() == "years of work"


def test_out_with_an_input_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state_of(), tmp_path / "best.pkl")
    out, null = tmp_path / "out", tmp_path / "out" / "null_video.npy"
    with new_folder(out) as folder:
        np.save(folder / null.name, np.ones(6, np.float32))
        (folder / "bundle.json").write_text('{"files": {"null_video.npy": "…", "best.pkl": "…"}}')
    assert export(tmp_path / "best.pkl", out, "--null-video", str(null)) == 1
    assert "is read from it" in capsys.readouterr().err
    (tmp_path / "best.pkl").rename(out / "best.pkl")
    assert export(out / "best.pkl", out) == 1
    assert "best.pkl is read from it" in capsys.readouterr().err
    assert len(list(out.iterdir())) == 3


def test_released_extras_are_ignored_and_a_bundle_is_replaced(tmp_path: Path) -> None:
    state = state_of(denoiser="latentmlp")
    state["transformer.betas"] = torch.zeros(1000, dtype=torch.float64)
    state[f"{DECODER}pos_emb.layers.0.weight"] = torch.zeros(8, 8)
    state[f"{DECODER}time_mlp.mlp.0.weight"] = torch.zeros(8, 256)
    torch.save({f"module.{key}": value for key, value in state.items()}, tmp_path / "best.pkl")
    for _ in range(2):
        assert export(tmp_path / "best.pkl", tmp_path / "out") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.pkl", "out"]
