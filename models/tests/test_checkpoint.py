"""Which weights of a file are taken, under the wrappings that training programs give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from summdiff_models.checkpoint import load_state_dict
from summdiff_models.errors import UserError


def weights(value: float, prefix: str = "") -> dict[str, Any]:
    """A state dict with a network's anchor and one other key."""
    return {f"{prefix}global_rep_token": torch.full((2,), value), f"{prefix}transformer.w": torch.zeros(3)}


BESIDE = {"epoch": 3, "optimizer": {"state": {0: torch.zeros(2)}}, "name": "run"}
MODEL, EMA = 1.0, 2.0


@pytest.mark.parametrize(
    "content",
    [
        weights(MODEL),
        weights(MODEL, "module."),
        weights(MODEL, "model."),
        weights(MODEL, "model.module."),
        weights(MODEL) | {"extra": 3, "config": {"lr": 0.1}},
        weights(MODEL, "model.") | {"loss.weight": torch.zeros(3)},
        *({**BESIDE, name: weights(MODEL)} for name in ("model", "model_state_dict", "state_dict", "net")),
        {"model": weights(MODEL, "module."), "ema": None},
        {"model": weights(MODEL), "ema": {"decay": torch.tensor(0.9)}},
        {"state_dict": weights(MODEL, "model.")},
    ],
)
@pytest.mark.parametrize("which", ["auto", "model"])
def test_model_weights(content: dict[str, Any], which: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "c.pkl")
    state = load_state_dict(tmp_path / "c.pkl", which)
    assert set(state) >= {"global_rep_token", "transformer.w"} and state["global_rep_token"][0] == MODEL


@pytest.mark.parametrize(
    "content",
    [
        *({**BESIDE, "model": weights(MODEL), name: weights(EMA)} for name in ("ema", "ema_state_dict", "model_ema")),
        {"model": weights(MODEL, "module."), "ema": weights(EMA, "module.")},
        {"initted": torch.tensor(1), **weights(MODEL, "online_model."), **weights(EMA, "ema_model.")},
        {"state_dict": weights(MODEL, "model.") | weights(EMA, "ema.")},
    ],
)
def test_ema_weights_beside_the_models(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save(content, tmp_path / "c.pkl")
    for which, value in (("auto", EMA), ("ema", EMA), ("model", MODEL)):
        state = load_state_dict(tmp_path / "c.pkl", which)
        assert set(state) == {"global_rep_token", "transformer.w"} and state["global_rep_token"][0] == value


def test_a_bare_state_dict_may_be_averaged(tmp_path: Path) -> None:
    for prefix in ("", "module.", "ema_model."):
        torch.save(weights(EMA, prefix), tmp_path / "best_ema.pkl")
        assert load_state_dict(tmp_path / "best_ema.pkl", "ema")["global_rep_token"][0] == EMA


@pytest.mark.parametrize(
    ("content", "which", "sentence"),
    [
        ({"model": weights(MODEL)}, "ema", "names no EMA weights, only model; use --weights model"),
        ({"ema": weights(EMA)}, "model", "names only EMA weights (ema); use --weights ema"),
        ({"epoch": 3, "lr": 0.1}, "auto", "holds no state dict of tensors (its keys are epoch, lr)"),
        ({}, "auto", "(it is empty)"),
        ([1], "auto", "holds a list, no state dict"),
    ],
)
def test_files_without_the_weights_asked_for(content: object, which: str, sentence: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "c.pkl")
    with pytest.raises(UserError) as caught:
        load_state_dict(tmp_path / "c.pkl", which)
    assert sentence in str(caught.value) and "c.pkl" in str(caught.value)
