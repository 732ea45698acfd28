"""Padded batches in training give what single videos give in evaluation."""

from __future__ import annotations

import pytest
import torch

from helpers import random_network
from summdiff_models.network import NetworkOptions

SIZES = dict(dim_in=10, hidden=16, heads=2, feed_forward=32, k=20, dropout=0.0, input_dropout=0.0)


@pytest.mark.parametrize("denoiser", ["dit", "latentmlp"])
@pytest.mark.parametrize("training", [False, True])
def test_padding_changes_nothing(denoiser: str, training: bool) -> None:
    network = random_network(NetworkOptions(**SIZES, denoiser=denoiser)).train(training)
    generator = torch.Generator().manual_seed(0)
    lengths = (5, 9, 2)
    features = 3 * torch.randn(3, 9, 10, generator=generator)  # what stands in the padding must not matter
    index = torch.randint(0, 21, (3, 9), generator=generator)
    time = torch.tensor([3, 500, 999])
    mask = torch.arange(9) < torch.tensor(lengths).unsqueeze(1)
    with torch.no_grad():
        memory = network.encode(features, mask)
        x0 = network.denoise(index, time, memory, mask)
        network.eval()
        for row, n in enumerate(lengths):
            alone = network.encode(features[row : row + 1, :n])
            torch.testing.assert_close(memory[row : row + 1, :n], alone, rtol=1e-4, atol=1e-5)
            expected = network.denoise(index[row : row + 1, :n], time[row : row + 1], alone)
            torch.testing.assert_close(x0[row : row + 1, :n], expected, rtol=1e-4, atol=1e-5)


def test_every_parameter_is_trained() -> None:
    for denoiser, embedding in (("dit", "learned"), ("latentmlp", "sinusoidal")):
        options = NetworkOptions(**SIZES, denoiser=denoiser, embedding=embedding, pre_norm=denoiser == "dit")
        network = random_network(options).train()
        index = torch.randint(0, 21, (2, 7))
        network.denoise(index, torch.tensor([1, 900]), network.encode(torch.randn(2, 7, 10))).pow(2).sum().backward()
        silent = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        assert not silent
