"""The measures of the paper for one sample of one video, from their definitions, by trying every summary. Small videos only."""

from __future__ import annotations

from itertools import combinations
from typing import Literal, Protocol

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score

Variant = Literal["authors", "paper"]
Measures = dict[str, float | None]


class Video(Protocol):
    """What is measured of a video; ``change_points`` as the data set's file has them."""

    picks: np.ndarray
    n_frames: int
    change_points: np.ndarray
    n_frame_per_seg: np.ndarray
    consensus: np.ndarray
    user_summary: np.ndarray | None


def mean(values: list[float | None]) -> float | None:
    """Over what is defined."""
    defined = [value for value in values if value is not None and np.isfinite(value)]
    return float(np.mean(defined)) if defined else None


def tau(a: np.ndarray, b: np.ndarray) -> float | None:
    """Kendall's tau-b."""
    return None if np.ptp(a) == 0 or np.ptp(b) == 0 else float(stats.kendalltau(a, b).statistic)


def rho(a: np.ndarray, b: np.ndarray) -> float | None:
    """Spearman's rho."""
    return None if np.ptp(a) == 0 or np.ptp(b) == 0 else float(stats.spearmanr(a, b).statistic)


def f1(a: np.ndarray, b: np.ndarray) -> float:
    """F1 of two summaries by frame, in percent, without the field's 1e-8 against division by zero."""
    kept = a.sum() + b.sum()
    return 200 * float((a * b).sum()) / float(kept) if kept else 0.0


def summary_of(scores: np.ndarray, video: Video) -> np.ndarray:
    """What the knapsack keeps, one number a frame: of equally good summaries the one without the later segments."""
    values = _segment_means(scores, video, "authors")
    masks, weights = _summaries(len(values)), video.n_frame_per_seg
    worth = np.where(masks @ weights <= int(0.15 * video.n_frames), masks @ values, -1)
    kept = masks[int(worth.round(9).argmax())]
    frames = np.zeros(video.n_frames)
    for (start, _), length in zip(video.change_points[kept], weights[kept], strict=True):
        frames[start : start + length] = 1
    return frames


def highlights(scores: np.ndarray, truth: np.ndarray, share: float, shot: int) -> float:
    """Average precision of finding the best shots; of equal ones at the cut the earlier counts, as in the program."""
    means = [
        np.array([row[i : i + shot].mean() for i in range(0, len(row), shot)], np.float32)
        for row in (np.asarray(scores, np.float32), np.asarray(truth, np.float32))
    ]
    labels = np.zeros(len(means[1]))
    labels[np.argsort(-means[1], kind="stable")[: int(share * len(labels))]] = 1
    # The authors' softmax, in whose last digit nearly equal shots become equal.
    raised = np.exp(means[0].astype(float)).astype(np.float32)
    raised = raised / (np.float32(raised.sum(dtype=float)) + np.float32(1e-7))
    return float(average_precision_score(labels, raised)) if labels.any() else 0.0


def against_truth(
    scores: np.ndarray, video: Video, gt_summary: np.ndarray, variant: Variant, shot: int
) -> dict[str, float | None]:
    """MAP and the knapsack's measures against ``gtscore``; ``gt_summary`` holds one number a frame."""
    truth = video.consensus
    found: Measures = {
        "map50": highlights(scores, truth, 0.5, shot),
        "map15": highlights(scores, truth, 0.15, shot),
    }
    predicted, values = (_segment_means(row, video, variant) for row in (scores, truth))
    weights = video.n_frame_per_seg.astype(float)
    room = int(0.15 * video.n_frames)
    if variant == "authors":
        kept = np.array([gt_summary[start:end].any() for start, end in video.change_points])
        best = float(values[kept].sum())
        short = weights <= room
        items = _Items(predicted[short] - values[short], values[short], weights[short], kept[short], room)
        return found | items.authors(best)
    masks = _summaries(len(values))
    worth = np.where(masks @ weights <= room, masks @ values, -1)
    kept = masks[int(worth.argmax())]
    return found | _Items(predicted - values, values, weights, kept, room).paper(float(worth.max()))


def _segment_means(scores: np.ndarray, video: Video, variant: Variant) -> np.ndarray:
    frames = np.zeros(video.n_frames, np.float32)
    for score, start, end in zip(scores, video.picks, [*video.picks[1:], video.n_frames], strict=True):
        frames[start:end] = score
    # The authors' code takes in the frame at the segment's end.
    ends = [end + 1 if variant == "authors" else start + n
            for (start, end), n in zip(video.change_points, video.n_frame_per_seg, strict=True)]  # fmt: skip
    means = [frames[start:end].mean() for (start, _), end in zip(video.change_points, ends, strict=True)]
    return np.array(means).astype(float)


def _summaries(count: int) -> np.ndarray:
    """Every set of segments, bool [2^count, count]."""
    return (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)


class _Items:
    """Section 4.4 on the segments: error d, value v, weight w, whether the true summary keeps them, and its room."""

    def __init__(self, d: np.ndarray, v: np.ndarray, w: np.ndarray, kept: np.ndarray, room: int) -> None:
        self.d, self.v, self.w, self.kept, self.room = d, v, w, kept, room
        self.harmful = np.where(kept, d < 0, d > 0)
        masks = _summaries(len(v))
        weighs, worth = masks @ w, masks @ v
        # The best value with the segment forced the other way: left out where it is kept, taken where it is not.
        self.forced = np.full(len(v), np.nan)
        for j in range(len(v)):
            allowed = (weighs <= room) & (masks[:, j] != kept[j])
            if allowed.any():
                self.forced[j] = worth[allowed].max()

    def _critical(self, j: int) -> float:
        """Value per frame of the first of the others, densest first, that no longer fits; −1 where all do."""
        others = [i for i in range(len(self.v)) if i != j]
        others.sort(key=lambda i: -self.v[i] / self.w[i])
        left = self.room - (0 if self.kept[j] else self.w[j])
        for i in others:
            left -= self.w[i]
            if left < 0:
                return float(self.v[i] / self.w[i])
        return -1.0

    def _shares(self, safe: np.ndarray) -> Measures:
        return {"WIR": float(self.w[safe].sum() / self.w.sum()), "IR": float(safe.mean())}

    def authors(self, best: float) -> Measures:
        """As the released code computes them; ``best`` is the value of the given summary."""
        ratios = [self._critical(j) for j in range(len(self.v))]
        most, least = max([0.0, *ratios]), min([0.0, *ratios])
        low = np.maximum(self.forced - best, self.w * most - self.v)
        high = np.minimum(best - self.forced, self.v - self.w * least)
        safe = np.where(self.kept, (self.d > low) | (self.d > 0), (self.d < high) | (self.d < 0))
        size = np.abs(self.d) * self.harmful
        return {
            "CIS": float(size.sum() - best + max([0.0, *self.forced[self.harmful]])),
            "WSE": float((self.w * size).sum()),
            **self._shares(safe),
        }

    def paper(self, best: float) -> Measures:
        """As printed, with the slips corrected that docs/where-we-leave-the-paper.md names."""
        gap = np.where(np.isnan(self.forced), np.inf, best - self.forced)
        safe = np.where(self.kept, self.d >= -gap - 1e-9, self.d <= gap + 1e-9)
        reached = self.forced[self.harmful & ~np.isnan(self.forced)]
        size = np.abs(self.d)
        return {
            "CIS": float(size[self.harmful].sum() - best + reached.max()) if len(reached) else None,
            "WSE": float((self.w * size).sum()),
            **self._shares(safe),
        }


def of_samples(
    samples: np.ndarray, ratings: np.ndarray, video: Video, gt_summary: np.ndarray, variant: Variant = "authors",
    shot: int = 5, threshold: float = 0.25,
) -> Measures:  # fmt: skip
    """All measures of a method's samples [S, N] of a video by TVSum's rule, annotators' ``ratings`` [A, N]."""
    assert video.user_summary is not None
    taus = np.array([[np.nan if (t := tau(one, row)) is None else t for row in ratings] for one in samples])
    rhos = [mean([rho(one, row) for row in ratings]) for one in samples]
    f1s = [[f1(summary_of(one, video), user) for user in video.user_summary] for one in samples]
    found = [against_truth(one, video, gt_summary, variant, shot) for one in samples]
    return {
        "tau": mean([mean(row) for row in taus.tolist()]),
        "rho": mean(rhos),
        "f1_avg": float(np.mean(f1s)),
        "f1_max": float(np.mean(np.max(f1s, axis=1))),
        **{name: mean([one[name] for one in found]) for name in ("map50", "map15", "CIS", "WIR", "IR", "WSE")},
        **reached(taus, threshold),
    }


def reached(taus: np.ndarray, threshold: float) -> Measures:
    """Best of samples and of eleven, and the share of samples that agree, of tau [S, A]."""
    shares = [(column[np.isfinite(column)] >= threshold).mean() for column in taus.T if np.isfinite(column).any()]

    def best(rows: np.ndarray) -> float | None:
        return mean([np.nanmax(column) if np.isfinite(column).any() else None for column in rows.T])

    return {"best_of_11": best(taus[:11]), "best_of_samples": best(taus), "covers": mean(shares)}


def of_people(ratings: np.ndarray, summaries: np.ndarray, threshold: float = 0.25) -> Measures:
    """The row of people: every annotator judged by each of the others."""
    people = range(len(ratings))
    taus = np.full((len(ratings), len(ratings)), np.nan)
    overlap = taus.copy()
    for a, b in combinations(people, 2):
        taus[a, b] = taus[b, a] = np.nan if (t := tau(ratings[a], ratings[b])) is None else t
        overlap[a, b] = overlap[b, a] = f1(summaries[a], summaries[b])
    pairs = list(combinations(people, 2))
    return {
        "tau": mean([taus[pair] for pair in pairs]),
        "rho": mean([rho(ratings[a], ratings[b]) for a, b in pairs]),
        "f1_avg": mean([overlap[pair] for pair in pairs]),
        "f1_max": float(np.nanmax(overlap, axis=1).mean()),
        **reached(taus, threshold),
    }


def of_consensus(ratings: np.ndarray, video: Video, threshold: float = 0.25) -> Measures:
    """The row of consensus: every annotator predicted by the mean of the others."""
    assert video.user_summary is not None
    taus, rhos, overlap = [], [], []
    for at, own in enumerate(ratings):
        others = np.delete(ratings, at, 0).mean(axis=0).astype(np.float32)
        taus.append(tau(others, own))
        rhos.append(rho(others, own))
        overlap.append(f1(summary_of(others, video), video.user_summary[at]))
    table = np.array([[np.nan if t is None else t for t in taus]])
    return {
        "tau": mean(taus),
        "rho": mean(rhos),
        "f1_avg": float(np.mean(overlap)),
        "f1_max": float(np.max(overlap)),
        **reached(table, threshold),
    }
