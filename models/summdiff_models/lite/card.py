"""The model card ``models/lite/README.md``, written from the reports so that no figure is typed by
hand.
"""

from __future__ import annotations

import json
from pathlib import Path

from .calibration import table as calibration_table
from .diffusion import ETA, GUIDANCE, STEPS
from .evaluate import table as denoiser_table
from .look import GRID, LOOKS

TEMPLATE = """# The default bundle `lite`

Alternatives for any video when no network trained on people's ratings is at hand. It is small
({size_mb:.1f} MB), runs on a CPU and needs no download. **Its viewers are simulated**. A sample is
one consistent way to look at the video (this kind of scene, that much action, the typical or the
new), rated the way TVSum's annotators rate; it is not what people said about this video.

## What is in it

| file | in → out | made by |
|---|---|---|
| `extractor.onnx` | frame, 128 × 128 RGB, stretched → 1024 values, then L2-normalised | distillation |
| `encoder.onnx` | features [N, 1024] → memory [ceil(N / 4), 64] | training on simulated annotators |
| `denoiser.onnx` | score levels [S, M], time, memory → x0 [S, M] | the same, jointly |

Frames are taken twice a second; one score token covers 4 picks (2 seconds, a shot that TVSum's
annotators rated). Scores: 1…5 stand at 0.02, 0.25, 0.5, 0.75, 0.98. Videos up to 20 minutes (2400
picks) were in the training set and are meant to go through in one piece. The denoiser is joint:
every token attends to all others, so a sample's scores depend on each other, the exact table
sampler does not apply, and coherent noise costs consistency (see the table). It has no attention
output. Guidance works (`null_video.npy`, the mean features; one video in ten was hidden in training):
above 0 it draws every sample towards what most viewers share, below 0 away from it. The bundle
states {guidance:g}, which trades a little agreement for more of the viewpoints (see the table).

The features are {embedding} values of an embedding that names things, and {looks} of how the picture looks, in
the channels where the teacher says least ({weakest:.1f} % of its energy): brightness in {grid} × {grid} cells, saturation, contrast, and a
constant that undoes the L2 norm. A network trained to name things forgets these on purpose.

Beside the features the encoder is given seven curves of the video, computed inside its graph: the
spread of the features within a token, motion (change of the cells from pick to pick), how typical a
token is of the video, how new after the last half minute, how different from the token before,
colour and contrast. Simulated viewers' tastes are made of the same quantities, measured on the
pictures themselves. That is a short cut in this simulation, and for real people only as good as the
guess that they look at such things.

## What it learned from

- **Pictures**: 750 of 900 ImageNet sample photos (the other 150, chosen by a fixed seed, are set
  aside for every figure below), frames of a few open clips (Big Buck Bunny, CC-BY, Blender
  Foundation; an Intel sample video, CC-BY; short test clips), and drawn scenes. None is stored
  here. The extractor saw frames of the whole clips; the simulated videos for training saw the first
  70 % of each.
- **Teacher**: MobileNet V1 (ImageNet; Apache-2.0, google-coral/edgetpu), its pooled 1024-value
  embedding. The student is ¾ as wide and sees 128 px instead of 224. It does not start at random,
  and is in that sense no student from scratch but the teacher made smaller: the teacher's most telling
  channels are kept and refitted (structured pruning), then every weight
  is trained towards the teacher's answer for the same augmented crop ({distil_stop} batches of
  32, then {distil_more} more). Its 1×1 filters are stored as 16-bit floats.
- **Videos**: simulated edits of those pictures under pans, zooms and shakes, with cuts, fades,
  returns of a scene and of a kind of scene, 8 seconds to 20 minutes.
- **Annotators**: simulated. Each follows one or two viewpoints of that video (a kind of scene,
  motion, novelty, representativeness, colour, contrast, beginning, end) beside a shared opinion and
  noise, set so that 20 of them agree as TVSum's 20 do (table below). TVSum's rating *statistics*
  were used (CC-BY, Song et al., CVPR 2015); its videos and features were not seen.

## What it cannot know

No speech, sound, text, story, faces or names; nothing about who films or watches. Things that
ImageNet does not name look alike to it. Motion reaches it only as change between frames half a
second apart. Simulated tastes are functions of what the extractor sees, cleaner than people's:
**expect lower agreement with real annotators than below**. On footage of one single scene the
alternatives differ mostly by time and motion.

## Measured: the extractor

{extractor}

Shot boundaries by KTS (penalty 1, features L2-normalised, tolerance half a second) on {kts_videos} edits each
made of set-aside photos, {kts_scenes} shots of 2 to 7 seconds, known cuts; *similar scenes* are the teacher's
nearest neighbours of one photo, *one place* is one photo under another camera in every shot. "Count
known": the number of segments is given. Clean cuts between different pictures are easy for
everything that was trained; cameras on one place are not. A random GoogLeNet's features nearly
coincide, so KTS with its penalty finds no boundary at all.

{kts}

Speed, batches of 16, ONNX Runtime, without decoding and scaling of frames: {speed}

## Measured: do the simulated annotators disagree like people?

{calibration}

## Measured: samples against held-out simulated annotators

{held_out_videos} videos of 1 to 5 minutes made of set-aside photos, the held-out parts of the clips and
fresh drawn scenes; 20 annotators each; 100 samples, {steps} steps, eta {eta:g}, guidance {guidance:g} (pointwise: 0) unless told otherwise. Best of 11: per annotator the highest
τ-b among 11 samples. Matched: share of annotators reached with τ ≥ 0.25 by some of 11 samples.
Ratio: share of (sample, annotator) pairs of 100 with τ ≥ 0.25. cov: share of the video's viewpoints
which are the nearest, with τ ≥ 0.25, to at least one of 64 samples. vc: how well a sample's
leanings in the first half of a video predict its leanings in the second (correlation over samples
and viewpoints; what all samples share is removed, and 12 seconds on either side of the middle are
left out, so that noise which is merely smooth scores 0). Selection IoU: overlap of 15 % summaries.

{denoiser}

{verdict}

## Make it again

```sh
cd models
python -m summdiff_models.lite --shared ../../shared --work lite-work all
```

or one step or one table at a time: `targets`, `distil`, `scenes`, `corpus`, `train`, `export`,
`report-extractor`, `report-speed`, `report-kts`, `report-calibration`, `report-denoiser`, `card`. Photos, clips,
teacher and TVSum's file are given by path (`--photos --clips --teacher --tvsum`, or `--shared` for
a folder holding `data/` and `networks/`); seeds are fixed; every step resumes. On two free
cores it takes about {hours}. No GPU was used. The reports measure the files in
this folder, so they can be repeated without training (rows of networks that are not shipped need
`train`).

That command: {chunks} chunks of {chunk_size} crops; the extractor trained for {distil_stop} of {distil_steps} annealed
batches, then for {distil_more} from a fresh annealing; {groups} groups of simulated videos ({videos:,} videos, 40
annotators each); the joint network trained for {joint_steps} steps of about 1,400 score tokens, the pointwise
row for {pointwise_steps}, the regressor for {regressor_steps}: those two are there for orientation, not as those models' best.

The shipped files were made by these steps; the extractor's first {distil_stop} batches were trained in pieces on
a busy machine. A rerun gives an equivalent network, not the same bytes.

## Licences

Our part of this bundle: MIT OR Apache-2.0, like the program. `extractor.onnx` is a derived work: it
starts from pruned filters of MobileNet V1 (ImageNet weights released by Google in
google-coral/edgetpu, `test_data`), under the Apache License 2.0, which therefore applies to it
(`LICENSE-APACHE`). The changes: channels removed, 1×1 filters refitted, every weight trained on, stored
as 16-bit floats. We know of no NOTICE file to pass on. TVSum's ratings are CC-BY 4.0 (Song et al., CVPR
2015). ImageNet photos are their owners'; none is contained in these files.
"""


WEAKEST_PERCENT = 1.5  # by the training crops of the recipe
# What the shipped table says, in words: written for its figures, to be read again with new ones.
HOURS = "two hours"
VERDICT = """The joint network keeps a viewpoint (vc {joint[vc]:.2f}; fresh viewers {fresh[vc]:.2f}, every model without attention
among score tokens about 0) and uses the scale as viewers do. Its 11 samples reach {joint[matched]:.0%} of the annotators (consensus
with smooth noise: {consensus[matched]:.0%}), its 64 samples {joint[cov]:.0%} of the viewpoints ({consensus[cov]:.0%}; ceiling {fresh[cov]:.0%})."""


def extractor_table(figures: dict[str, float]) -> str:
    """Student against teacher."""
    lines = ["| on the photos set aside | |", "|---|---|"]
    for name, value in figures.items():
        shown = str(value) if name == "photos" else f"{value:.3f}"
        lines.append(f"| {name} | {shown} |")
    return "\n".join(lines)


def kts_table(rows: list[dict]) -> str:
    """Shot boundaries."""
    lines = [
        "| edits of | features | precision | recall | F1 | F1, count known |",
        "|---|---|---|---|---|---|",
    ]
    for r in rows:
        lines.append(
            f"| {r['setting']} | {r['features']} | {r['precision']:.2f} | {r['recall']:.2f}"
            f" | {r['f1']:.2f} | {r['f1_known_count']:.2f} |"
        )
    return "\n".join(lines)


def write_card(work: Path, bundle: Path, recipe: object) -> None:
    """Fill the template from ``report_*.json`` in ``work`` and the recipe's amounts."""

    def read(name: str):
        return json.loads((work / f"report_{name}.json").read_text())

    extractor = read("extractor")
    pace = read("speed")
    millis, googlenet = pace["cpu ms per frame"], pace["cpu ms per frame, GoogLeNet"]
    calibration, measured = read("calibration"), read("denoiser")
    size = sum(p.stat().st_size for p in bundle.glob("*.onnx")) / 1e6
    text = TEMPLATE.format(
        size_mb=size,
        **{key: f"{value:,}" for key, value in vars(recipe).items()},
        extractor=extractor_table(extractor),
        kts=kts_table(read("kts")),
        speed=f"""the best of
{recipe.speed_rounds} rounds takes {millis:.1f} ms of CPU time a frame on one thread, so two free cores do {2000 / millis:.0f} frames a second. GoogLeNet
(224 px) takes {googlenet:.1f} ms in the same run, {googlenet / millis:.1f} times as long. The wall clock was not taken: the machine was busy.""",
        calibration=calibration_table(calibration["tvsum"], calibration["simulated"]),
        denoiser=denoiser_table(measured),
        verdict=VERDICT.format(
            joint=measured["joint"],
            fresh=measured["fresh annotators (ceiling)"],
            consensus=measured["consensus + smooth noise"],
        ),
        embedding=1024 - LOOKS,
        looks=LOOKS,
        grid=GRID,
        weakest=WEAKEST_PERCENT,
        eta=ETA,
        guidance=GUIDANCE,
        steps=STEPS,
        videos=read("corpus")["videos"],
        hours=HOURS,
    )
    (bundle / "README.md").write_text(text)
