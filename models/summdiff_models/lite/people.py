"""What real people did: TVSum's ratings and rated frames, SumMe's summaries.

Gives simulated viewers their shared taste (a ridge from features to mean ratings), its spread (one
direction for each rater), their course in time (every annotator's own part), and real curves for
the branch that sees no video. No video of TVSum or SumMe is seen, only single frames of 14 of TVSum's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.io import loadmat

from .agreement import tau_b

TOKEN_SECS = 2.0
STRENGTHS = 10.0 ** np.arange(-2.5, 2.6, 0.5)  # of the ridge, in mean squared lengths of the features
RATER_STRENGTH = 3.0  # one rater's 12–28 frames tell little
EDGE_TOKENS = 8
Floats = NDArray[np.floating]


@dataclass
class Tvsum:
    """One video of TVSum: ``ratings`` [20, frames] in 1..5."""

    name: str
    ratings: Floats
    secs: float

    def shots(self) -> Floats:
        """Ratings of each 2-second shot, read in its middle, [20, shots]."""
        rate = self.ratings.shape[1] / self.secs
        centres = ((np.arange(int(self.secs // TOKEN_SECS)) * 2 + 1) * rate * TOKEN_SECS / 2).astype(int)
        return self.ratings[:, centres[centres < self.ratings.shape[1]]]


def read_tvsum(path: Path) -> list[Tvsum]:
    """All videos of ``ydata-tvsum50.mat``."""
    with h5py.File(path, "r") as file:
        group = file["tvsum50"]
        found = []
        for row in range(group["user_anno"].shape[0]):
            name, ratings, secs = (np.asarray(file[group[key][row, 0]]) for key in ("video", "user_anno", "length"))
            ratings = ratings if len(ratings) == 20 else ratings.T
            found.append(Tvsum("".join(map(chr, name.ravel())), ratings, float(secs.ravel()[0])))
        return found


def read_summe(folder: Path) -> list[Floats]:
    """For each video of SumMe the share of every 2 seconds that each person kept, [people, shots]."""
    found = []
    for path in sorted(folder.glob("*.mat")):
        content = loadmat(path)
        kept, rate = np.asarray(content["user_score"]).T > 0, float(np.ravel(content["FPS"])[0])
        edges = (np.arange(int(kept.shape[1] / rate / TOKEN_SECS) + 1) * TOKEN_SECS * rate).astype(int)
        found.append(np.stack([kept[:, a:b].mean(1) for a, b in zip(edges, edges[1:])], 1))
    return found


@dataclass
class RatedFrames:
    """Frames of TVSum's videos: which video (int [n]), pictures, ratings [n, 20]."""

    video: NDArray[np.int64]
    pictures: list[Image.Image]
    ratings: Floats


def rated_frames(folder: Path, videos: list[Tvsum]) -> RatedFrames:
    """``folder/ID/FRAME.jpg`` with the ratings of that frame; numbers beyond the end are left out."""
    by_name = {v.name: v for v in videos}
    which, pictures, ratings = [], [], []
    for number, place in enumerate(sorted(p for p in folder.iterdir() if p.name in by_name)):
        rated = by_name[place.name].ratings
        for path in sorted((p for p in place.glob("*.jpg") if p.stem.isdigit()), key=lambda p: int(p.stem)):
            if int(path.stem) < rated.shape[1]:
                with Image.open(path) as image:
                    pictures.append(image.convert("RGB"))
                which.append(number)
                ratings.append(rated[:, int(path.stem)])
    return RatedFrames(np.array(which), pictures, np.array(ratings, float))


def within(values: Floats, video: NDArray[np.int64]) -> Floats:
    """``values`` [n, …] less the mean of their video."""
    out = values.astype(np.float64)
    for v in np.unique(video):
        out[video == v] -= out[video == v].mean(0)
    return out


def ridge(features: Floats, wanted: Floats, strength: float) -> Floats:
    """Weights [D, …] of a ridge through the origin; ``strength`` in mean squared lengths of the rows."""
    unit = (features**2).sum(1).mean()
    gram = features @ features.T + strength * unit * np.eye(len(features))
    return features.T @ np.linalg.solve(gram, wanted)


def left_out(features: Floats, wanted: Floats, video: NDArray[np.int64], strength: float) -> list[float]:
    """Kendall's τ with ``wanted`` on each video, by the ridge of the others."""
    x, y = within(features, video), within(wanted, video)
    found = []
    for v in np.unique(video):
        rest = video != v
        guess = x[~rest] @ ridge(x[rest], y[rest], strength)
        found.append(float(np.nan_to_num(tau_b(guess[None], wanted[~rest][None]))[0, 0]))
    return found


def best_strength(features: Floats, wanted: Floats, video: NDArray[np.int64]) -> float:
    """The ridge's strength that does best on left-out videos."""
    return float(max(STRENGTHS, key=lambda s: np.mean(left_out(features, wanted, video, s))))


def ridge_report(features: Floats, frames: RatedFrames) -> dict[str, float]:
    """τ with the mean rating of left-out videos, the strength chosen inside each fold; standard error over videos."""
    wanted, found = frames.ratings.mean(1), []
    for number, v in enumerate(np.unique(frames.video)):
        rest = frames.video != v
        strength = best_strength(features[rest], wanted[rest], frames.video[rest])
        found.append(left_out(features, wanted, frames.video, strength)[number])
    return {"tau": float(np.mean(found)), "error": float(np.std(found, ddof=1) / len(found) ** 0.5)}


def one_rater(frames: RatedFrames) -> float:
    """τ of one rater with the mean of the other 19 on the same frames."""
    found = []
    for v in np.unique(frames.video):
        own = frames.ratings[frames.video == v].T
        found += [tau_b(own[[a]], (own.sum(0) - own[a])[None])[0, 0] for a in range(len(own))]
    return float(np.nanmean(found))


@dataclass
class Taste:
    """Linear tastes over features: ``shared`` [D], ``raters`` [R, D]; ``course`` [21]: what people hold
    important along a video (relative place); ``own`` annotators' own parts [shots] each; ``curves``
    groups of real score curves [people, shots] in 0..1.
    """

    shared: Floats
    raters: Floats
    course: Floats
    own: list[Floats]
    curves: list[Floats]


def learn_taste(features: Floats, frames: RatedFrames, tvsum: list[Floats], summe: list[Floats]) -> Taste:
    """Everything ``annotators`` and the trainer take from real people."""
    mean = frames.ratings.mean(1)
    shared = ridge(within(features, frames.video), within(mean, frames.video), best_strength(features, mean, frames.video))
    apart = within(frames.ratings, frames.video)
    raters = []
    for v in np.unique(frames.video):
        here = frames.video == v
        x, y = within(features[here], frames.video[here]), apart[here]
        raters.append(ridge(x, y - (y.sum(1, keepdims=True) - y) / (y.shape[1] - 1), RATER_STRENGTH).T)
    own = []
    for group in [*tvsum, *summe]:
        group = group.astype(np.float64)
        rest = (group.sum(0) - group) / (len(group) - 1)
        own += [(r - r.mean()) / r.std() for r in group - rest if r.std() > 0]
    levels = np.array([0.02, 0.25, 0.5, 0.75, 0.98])
    curves = [levels[g.astype(int) - 1] for g in tvsum] + [0.02 + 0.96 * g for g in summe]
    return Taste(shared, np.concatenate(raters), course_of([*tvsum, *summe]), own, curves)


def course_of(groups: list[Floats], places: int = 21) -> Floats:
    """Mean standardised opinion of all people at ``places`` relative places of a video."""
    at = np.linspace(0, 1, places)
    rows = []
    for group in groups:
        mean = group.astype(np.float64).mean(0)
        smooth = np.convolve(np.pad(mean, 2, "edge"), np.full(5, 0.2), "valid")
        rows.append(np.interp(at, np.linspace(0, 1, len(mean)), (smooth - smooth.mean()) / max(mean.std(), 1e-9)))
    return np.mean(rows, 0)
