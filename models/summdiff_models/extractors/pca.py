"""PCA matrices in the form that YouTube-8M publishes them.

``mean.npy`` [2048, 1], ``eigenvals.npy`` [>= 1024, 1] and ``eigenvecs.npy`` with
one component a row. They belong to the Inception graph of that data set;
with other weights the projection is only formally the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError

EPSILON = 1e-4
"""Added to the eigenvalues before the square root, as YouTube-8M's extractor does."""


def convert(source: Path, folder: Path, dim: int, dim_in: int) -> dict[str, Any]:
    """Write ``pca_*.npy`` (float32) into ``folder``; returns the ``pca`` object."""
    mean = _read(source / "mean.npy").reshape(-1)
    values = _read(source / "eigenvals.npy").reshape(-1)
    vectors = _read(source / "eigenvecs.npy")
    if mean.shape != (dim_in,):
        raise UserError(f"{source / 'mean.npy'} has {mean.size} values but the network gives {dim_in}")
    if vectors.ndim != 2 or vectors.shape[1] != dim_in or vectors.shape[0] < dim or values.size < dim:
        raise UserError(
            f"{source / 'eigenvecs.npy'} has shape {vectors.shape} and eigenvals.npy {values.size} values;"
            f" at least {dim} rows of {dim_in} were expected"
        )
    if (values[:dim] < 0).any():
        raise UserError(f"{source / 'eigenvals.npy'} holds negative eigenvalues; it is damaged")
    parts = {"pca_mean.npy": mean, "pca_basis.npy": vectors[:dim], "pca_eigenvalues.npy": values[:dim]}
    for name, array in parts.items():
        np.save(folder / name, np.ascontiguousarray(array, dtype=np.float32))
    return {
        "mean_file": "pca_mean.npy",
        "basis_file": "pca_basis.npy",
        "eigenvalues_file": "pca_eigenvalues.npy",
        "whiten": True,
        "epsilon": EPSILON,
        "dim": dim,
    }


def _read(path: Path) -> np.ndarray:
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}); give the folder with YouTube-8M's .npy files") from error
    if not np.isfinite(array).all():
        raise UserError(f"{path} holds NaN or infinite values; it is damaged")
    return array.astype(np.float64)
