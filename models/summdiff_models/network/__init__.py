"""The SummDiff network: encoder, score embeddings, DiT and LatentMLP denoisers.

Parameter names equal those of the released checkpoints, so that a state dict
loads without renaming. Schedules and sampling live in ``summdiff_models.sampling``.
"""

from .model import SummDiffNetwork
from .options import NetworkOptions

__all__ = ["NetworkOptions", "SummDiffNetwork"]
