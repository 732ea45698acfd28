"""VASNet: one soft self-attention over the whole video, then a two-layer regressor.

Fajtl et al., "Summarizing Videos with Attention", ACCV workshops 2018,
equations 1-6; the query scale 0.06 is theirs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

QUERY_SCALE = 0.06


class VasNet(nn.Module):
    """``features`` [N, D] to scores [N]."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(dim, dim, bias=False)
        self.key = nn.Linear(dim, dim, bias=False)
        self.value = nn.Linear(dim, dim, bias=False)
        self.output = nn.Linear(dim, dim, bias=False)
        self.dropout = nn.Dropout(0.5)
        self.norm_context = nn.LayerNorm(dim)
        self.hidden = nn.Linear(dim, dim)
        self.norm_hidden = nn.LayerNorm(dim)
        self.score = nn.Linear(dim, 1)

    def forward(self, features: Tensor) -> Tensor:
        weights = (QUERY_SCALE * self.query(features) @ self.key(features).T).softmax(dim=-1)
        context = self.output(self.dropout(weights) @ self.value(features))
        y = self.norm_context(self.dropout(context + features))
        y = self.norm_hidden(self.dropout(torch.relu(self.hidden(y))))
        return torch.sigmoid(self.score(y)).squeeze(-1)
