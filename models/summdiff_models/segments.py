"""Prints how the program cuts clips into segments, as a table in Markdown: number, mean length, whether every sample keeps
something, how many alternatives there are, and what looking for cuts costs.

Runs ``summdiff analyze`` on each clip, as a user would. A measuring tool; the program does not need it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clips", nargs="+", type=Path, metavar="VIDEO")
    parser.add_argument("--summdiff", default="summdiff", help="the program")
    parser.add_argument("--bundle", help="another bundle than the program's own")


def run(args: argparse.Namespace) -> None:
    print("| clip | seconds | segments | mean length (s) | shortest – longest (s) | dull | cuts | begin at a cut | samples that keep something | alternatives | cuts / decoding time |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for clip in args.clips:
        print(row(clip, args.summdiff, args.bundle), flush=True)


def row(clip: Path, program: str, bundle: str | None) -> str:
    command = [program, "analyze", str(clip), "--json", "-", "--quiet", "--no-cache"]
    command += ["--bundle", bundle] if bundle else []
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()
        return f"| {clip.name} | – | – | – | – | – | – | – | – | – | {reason[-1] if reason else 'failed'} |"
    analysis = json.loads(done.stdout)
    segments, samples, timings = analysis["segments"], analysis["samples"], analysis["timings_secs"]
    lengths = [segment["end_secs"] - segment["start_secs"] for segment in segments]
    cuts = set(analysis["segmentation"]["cuts"])
    met = sum(segment["start_frame"] in cuts for segment in segments)
    kept = sum(bool(sample["selected_segments"]) for sample in samples)
    cells = [
        clip.name,
        f"{analysis['video']['duration_secs']:.1f}",
        str(len(segments)),
        f"{sum(lengths) / len(lengths):.1f}",
        f"{min(lengths):.1f} – {max(lengths):.1f}",
        str(sum("dull" in segment for segment in segments)),
        str(len(cuts)),
        str(met),
        f"{kept} of {len(samples)}",
        str(len(analysis["alternatives"])),
        f"{100 * timings['cuts'] / timings['decode']:.1f} %" if timings.get("decode") else "–",
    ]
    return "| " + " | ".join(cells) + " |"
