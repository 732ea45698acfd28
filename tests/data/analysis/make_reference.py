"""Reference numbers for the analysis tests, from scipy, scikit-learn and contourpy. Run once: python make_reference.py."""

import json
from pathlib import Path

import contourpy
import numpy as np
from scipy.stats import gaussian_kde, kendalltau, spearmanr
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score

rng = np.random.default_rng(7)


def rounded(values):
    return np.asarray(values, dtype=np.float64).tolist()


ranks = []
for length, levels in [(2, 5), (7, 3), (60, 5), (60, 1000), (300, 5), (300, 20)]:
    x = rng.integers(0, levels, length).astype(np.float32)
    y = (0.4 * x + rng.integers(0, levels, length)).astype(np.float32)
    tau, rho = kendalltau(x, y)[0], spearmanr(x, y)[0]
    ranks.append({"x": rounded(x), "y": rounded(y), "tau": None if np.isnan(tau) else tau, "rho": None if np.isnan(rho) else rho})

precisions = []
for length, levels in [(5, 3), (40, 6), (40, 1000)]:
    scores = (rng.integers(0, levels, length) / levels).astype(np.float32)
    labels = rng.random(length) < 0.3
    labels[0] = True
    precisions.append({"scores": rounded(scores), "labels": labels.tolist(), "value": average_precision_score(labels, scores)})

fitted = (rng.random((20, 30)) < 0.25).astype(np.float64)
others = (rng.random((9, 30)) < 0.25).astype(np.float64)
pca = PCA(n_components=2, svd_solver="full").fit(fitted)
plane = {
    "fitted": rounded(fitted), "others": rounded(others), "explained": rounded(pca.explained_variance_ratio_),
    "fitted_at": rounded(pca.transform(fitted)), "others_at": rounded(pca.transform(others)),
    "residuals": rounded(np.linalg.norm(others - pca.inverse_transform(pca.transform(others)), axis=1)),
}

points = rng.normal(size=(18, 2)) @ np.array([[1.0, 0.4], [0.0, 0.6]])
places = rng.normal(size=(25, 2))
densities = [
    {"factor": factor, "values": rounded(gaussian_kde(points.T, bw_method=lambda k: factor * k.scotts_factor())(places.T))}
    for factor in (0.5, 1.0, 1.7)
]

x, y = np.linspace(-3, 3, 40), np.linspace(-2.5, 2.5, 36)
values = gaussian_kde(points.T)(np.array(np.meshgrid(x, y)).reshape(2, -1)).reshape(36, 40)
generator = contourpy.contour_generator(x, y, values)
lines = [
    {"level": level, "points": rounded(np.concatenate(generator.lines(level * values.max())))}
    for level in (0.2, 0.5, 0.8)
]

reference = {
    "ranks": ranks, "precisions": precisions, "plane": plane,
    "kde": {"points": rounded(points), "places": rounded(places), "densities": densities},
    "contours": {"columns": 40, "rows": 36, "origin": [-3.0, -2.5], "step": [6 / 39, 5 / 35], "values": rounded(values.ravel()), "lines": lines},
}
Path(__file__).with_name("reference.json").write_text(json.dumps(reference) + "\n")
