"""Training end to end on simulated files: it overfits, it generalises, it resumes, it gives bundles."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from summdiff_models.__main__ import main
from summdiff_models.data import simulate
from summdiff_models.data.video import read_videos
from summdiff_models.network import NetworkOptions, SummDiffNetwork
from summdiff_models.runtime import BundleRunner
from summdiff_models.train.loop import validate
from summdiff_models.train.recipe import recipe_for
from summdiff_models.train.tasks import SummDiffTask, logit_of, make_items, quantise

DIM = 24
TINY = ("--hidden", 32, "--heads", 4, "--feed-forward", 64, "--k", 50, "--input-dropout", 0.1)
CPU = ("--device", "cpu", "--threads", 1)


def command(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture(scope="module")
def tvsum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "tvsum.h5"
    simulate.write(path, "tvsum", 24, 6, DIM, (40, 60), seed=1)
    return path


def train_command(dataset: Path, kind: str, out: Path, *more: object) -> int:
    return command("train", "--dataset", dataset, "--kind", kind, "--out", out, *TINY, *CPU, *more)


def log_of(run: Path) -> list[dict[str, str]]:
    with (run / "log.csv").open() as file:
        return list(csv.DictReader(file))


def test_generalises_to_videos_it_never_saw(tvsum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    flags = ("--epochs", 30, "--batch-size", 10, "--learning-rate", 3e-3, "--val-samples", 1)
    assert train_command(tvsum, "tvsum", run, *flags) == 0
    rows = log_of(run)
    assert len(rows) == 30 and float(rows[-1]["loss"]) < 0.8 * float(rows[0]["loss"])
    manifest = json.loads((run / "bundle" / "bundle.json").read_text())
    assert manifest["denoiser"] == {"file": "denoiser.onnx", "pointwise": False, "attention": False}
    best = max(float(row["val_tau"]) for row in rows)
    assert f"validation tau {best:.4f}" in manifest["provenance"]["notes"]
    capsys.readouterr()
    words = ("--bundle", run / "bundle", "--dataset", tvsum, "--kind", "tvsum", "--split", run / "split.json")
    assert command("evaluate", *words, "--samples", 4) == 0
    found = json.loads(capsys.readouterr().out)
    ceiling = found["annotators_mean"]["tau"]
    assert found["videos"] == 5 and abs(found["random"]["tau"]) < 0.1 < ceiling
    assert 0.4 * ceiling < found["bundle"]["tau"] < ceiling
    assert found["best_sample_per_annotator_tau"] > found["bundle"]["tau"]


def test_overfits_a_few_videos_in_every_kind_of_network(tmp_path: Path) -> None:
    simulate.write(tmp_path / "m.h5", "mrhisum", 3, 4, DIM, (30, 40), seed=2)
    videos = read_videos(tmp_path / "m.h5", "mrhisum")
    # Cross-attention takes longer to find a token's own frame.
    for denoiser, embedding, steps in (("latentmlp", "sinusoidal", 150), ("dit", "learned", 600)):
        recipe = dataclasses.replace(recipe_for("mrhisum", "summdiff"), p_uncond=0.0, val_samples=2, loss="logit")
        options = NetworkOptions(
            dim_in=DIM, hidden=32, heads=4, feed_forward=64, enc_layers=1, n_input_proj=2, k=50,
            denoiser=denoiser, embedding=embedding, dropout=0.0, input_dropout=0.0,
        )  # fmt: skip
        torch.manual_seed(0)
        task = SummDiffTask(options, recipe, np.zeros(DIM, np.float32), torch.device("cpu"))
        before = validate(task, task.module, videos, "mrhisum", 0)[0]
        items = make_items(videos, individual=False)
        first = task.loss(items, torch.Generator().manual_seed(0)).item()
        optimiser = torch.optim.AdamW(task.module.parameters(), lr=4e-3)
        for step in range(steps):
            optimiser.zero_grad()
            task.loss(items, torch.Generator().manual_seed(step)).backward()
            optimiser.step()
        after = validate(task, task.module, videos, "mrhisum", 0)[0]
        last = task.loss(items, torch.Generator().manual_seed(0)).item()
        assert last < 0.4 * first, denoiser
        assert after > max(0.6, before + 0.3), denoiser


def test_a_resumed_run_equals_an_uninterrupted_one(
    tvsum: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = ("--epochs", 4, "--learning-rate", 1e-3, "--ema-decay", 0.9, "--denoiser", "DiT")
    assert train_command(tvsum, "tvsum", tmp_path / "whole", *flags) == 0

    with monkeypatch.context() as patch:
        from summdiff_models.train import loop

        original = loop.write_log
        calls = []

        def counting(folder: Path, progress: object) -> None:
            original(folder, progress)
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt

        patch.setattr(loop, "write_log", counting)
        assert train_command(tvsum, "tvsum", tmp_path / "parts", *flags) == 130
    assert not (tmp_path / "parts" / "bundle").exists()
    assert train_command(tvsum, "tvsum", tmp_path / "parts", *flags) == 1  # never overwritten unasked
    assert train_command(tvsum, "tvsum", tmp_path / "parts", *flags, "--k", 40, "--resume") == 1
    assert train_command(tvsum, "tvsum", tmp_path / "parts", *flags, "--resume") == 0
    one, other = (torch.load(tmp_path / run / "last.pt", weights_only=True) for run in ("whole", "parts"))
    for part in ("model", "ema"):
        for key, value in one[part].items():
            assert torch.equal(value, other[part][key]), key
    drop = lambda rows: [{k: v for k, v in row.items() if k != "seconds"} for row in rows]  # noqa: E731
    assert drop(log_of(tmp_path / "whole")) == drop(log_of(tmp_path / "parts"))


def test_the_best_epoch_by_validation_is_exported_and_test_videos_are_never_scored(
    tvsum: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from summdiff_models.train import loop

    scripted = iter([0.1, 0.3, 0.2])
    seen: set[str] = set()

    def fake(task: object, module: object, videos: list, kind: str, seed: int) -> tuple[float, float]:
        seen.update(video.key for video in videos)
        return next(scripted), 0.0

    monkeypatch.setattr(loop, "validate", fake)
    assert train_command(tvsum, "tvsum", tmp_path / "run", "--epochs", 3) == 0
    assert [row["best"] for row in log_of(tmp_path / "run")] == ["1", "1", "0"]
    notes = json.loads((tmp_path / "run" / "bundle" / "bundle.json").read_text())["provenance"]
    assert "epoch 2 of 3" in notes["recipe"] and "validation tau 0.3000" in notes["notes"]
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    assert seen == set(split["val_keys"]) and not seen & set(split["test_keys"] + split["train_keys"])


def test_mr_hisum_recipe_and_split_file(tmp_path: Path) -> None:
    simulate.write(tmp_path / "m.h5", "mrhisum", 8, 4, DIM, (30, 40), seed=2)
    keys = [f"video_{i}" for i in range(1, 9)]
    (tmp_path / "split.json").write_text(
        json.dumps({"train_keys": keys[:5], "val_keys": keys[5:6], "test_keys": keys[6:]})
    )
    run = tmp_path / "run"
    flags = ("--protocol", "split", tmp_path / "split.json", "--epochs", 2, "--batch-size", 4)
    assert train_command(tmp_path / "m.h5", "mrhisum", run, *flags) == 0
    recipe = json.loads((run / "recipe.json").read_text())
    assert (recipe["denoiser"], recipe["ema_decay"], recipe["individual"]) == ("dit", 0.999, False)
    bundle = run / "bundle"
    assert json.loads((bundle / "bundle.json").read_text())["denoiser"]["pointwise"]
    features = read_videos(tmp_path / "m.h5", "mrhisum")[0].features
    assert BundleRunner(bundle).score(features, samples=4, steps=3, seed=0).shape == (4, len(features))
    again = ("export", "--checkpoint", run / "best.pkl", "--heads", 4, "--sigmoid-temp", 2, "--out", tmp_path / "again")
    assert command(*again) == 0
    assert command(*again[:2], run / "last.pt", *again[3:]) == 0


@pytest.mark.parametrize("network", ["vasnet", "pglsum", "csta", "a2summ"])
def test_baselines_become_scorer_bundles(network: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind = "summe" if network == "vasnet" else "tvsum"
    simulate.write(tmp_path / "d.h5", kind, 6, 4, DIM, (40, 50), seed=3)
    epochs = 1 if network == "csta" else 12
    flags = ("--network", network, "--epochs", epochs, "--learning-rate", 1e-3)
    assert train_command(tmp_path / "d.h5", kind, tmp_path / "run", *flags) == 0
    assert f"{network} takes no --feed-forward, --heads, --hidden" in capsys.readouterr().err
    rows = log_of(tmp_path / "run")
    if epochs > 1:
        assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    bundle = tmp_path / "run" / "bundle"
    manifest = json.loads((bundle / "bundle.json").read_text())
    assert manifest["kind"] == "scorer" and manifest["scorer"] == {"file": "scorer.onnx", "dim_in": DIM}
    assert manifest["encoder"] is manifest["denoiser"] is manifest["k"] is None
    recipe = json.loads((tmp_path / "run" / "recipe.json").read_text())
    assert recipe["epochs"] == epochs and not {"hidden", "k", "denoiser", "p_uncond", "val_steps"} & recipe.keys()
    features = read_videos(tmp_path / "d.h5", kind)[0].features
    scores = BundleRunner(bundle).score(features, samples=4, steps=3, seed=0)
    assert scores.shape == (1, len(features)) and 0 <= scores.min() <= scores.max() <= 1


def test_training_input_is_quantised_as_in_sampling() -> None:
    scores = torch.linspace(0, 1, 11)
    u = logit_of(scores, temp=2.0, eps=1e-3)
    assert u[0].item() == pytest.approx(np.log(1e-3) / 2, abs=1e-6) and u[-1] == -u[0]
    np.testing.assert_array_equal(quantise(u, 10, 2.0), np.arange(11))


def test_wrong_flags(tvsum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for flags, sentence in [
        (("--protocol", "loo"), "use tvt, 5fcv"),
        (("--split", 7), "use 0 to 4"),
        (("--heads", 5), "cannot be split into 5 heads"),
        (("--epochs", 0), "--epochs must be at least 1"),
        (("--batch-size", 0), "--batch-size must be at least 1"),
        (("--val-steps", 1001), "--val-steps must be from 1 to 1000, not 1001"),
        (("--val-videos", -1), "--val-videos must be at least 0"),
        (("--seed", -1), "--seed must be from 0"),
        (("--split-seed", -1), "--split-seed must be at least 0"),
        (("--learning-rate", 0), "--learning-rate must be above 0"),
        (("--learning-rate", "nan"), "--learning-rate must be above 0, not nan"),
        (("--weight-decay", -1), "--weight-decay must be at least 0"),
        (("--ema-decay", 1), "--ema-decay must be at least 0 and below 1"),
        (("--p-uncond", 2), "--p-uncond must be at least 0 and below 1"),
        (("--eps", 0), "--eps must be above 0"),
        (("--guidance", "nan"), "--guidance must be a finite number"),
        (("--threads", 0), "--threads must be at least 1"),
        (("--hidden", 0), "hidden must be at least 1"),
        (("--enc-layers", 0), "enc_layers must be at least 1"),
        (("--dec-layers", 0), "dec_layers must be at least 1"),
        (("--n-input-proj", 0), "n_input_proj must be at least 1"),
        (("--feed-forward", -1), "feed_forward must be at least 1"),
        (("--k", 65536), "k must be from 1 to 65535"),
        (("--dropout", 1), "dropout must be at least 0 and below 1"),
        (("--sigmoid-temp", "inf"), "sigmoid temperature must be positive and finite"),
        (("--null-video", tvsum), "cannot be read as a .npy array"),
    ]:
        assert train_command(tvsum, "tvsum", tmp_path / "run", *flags) == 1
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_an_extractor_that_does_not_fit_is_refused_before_training(
    tvsum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extractor = tmp_path / "e"
    extractor.mkdir()
    (extractor / "bundle.json").write_text('{"files": {}, "extractor": {"file": "extractor.onnx", "dim": 1024}}')
    for name, sentence in [("nowhere", "no extractor nowhere"), (extractor, f"but the network takes {DIM}")]:
        assert train_command(tvsum, "tvsum", tmp_path / "run", "--extractor", name) == 1
        assert sentence in capsys.readouterr().err
    (tmp_path / "run" / "bundle").mkdir(parents=True)
    (tmp_path / "run" / "bundle" / "notes.txt").write_text("mine")
    assert train_command(tvsum, "tvsum", tmp_path / "run") == 1
    assert "choose another --out" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["bundle"]


@pytest.mark.parametrize(
    ("what", "value", "sentence"),
    [
        ("x0", float("nan"), "the predicted scores became NaN or infinite in epoch 1"),
        ("weights", float("inf"), "became NaN or infinite in epoch 1"),
        ("loss", float("nan"), "the loss became nan in epoch 1"),
    ],
)
def test_divergence_is_told(
    what: str, value: float, sentence: str, tvsum: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if what == "x0":
        denoise = SummDiffNetwork.denoise_with_attention

        def wild(network: SummDiffNetwork, *inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
            x0, received = denoise(network, *inputs)
            return (x0 if network.training else x0 * value), received

        monkeypatch.setattr(SummDiffNetwork, "denoise_with_attention", wild)
    elif what == "weights":
        step = torch.optim.AdamW.step
        monkeypatch.setattr(
            torch.optim.AdamW, "step", lambda self: (step(self), self.param_groups[0]["params"][0].data.fill_(value))
        )
    else:
        loss = SummDiffTask.loss
        monkeypatch.setattr(SummDiffTask, "loss", lambda *words: value * loss(*words))
    flags = ("--epochs", 1, "--batch-size", 200, "--val-samples", 1)
    assert train_command(tvsum, "tvsum", tmp_path / "run", *flags) == 1
    said = capsys.readouterr().err
    assert sentence in said and "use a lower --learning-rate" in said
    assert not (tmp_path / "run" / "last.pt").exists()
