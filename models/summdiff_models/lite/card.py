"""The model card ``models/lite/README.md``, written from the reports so that no figure is typed by hand."""

from __future__ import annotations

import json
from pathlib import Path

from .bundle import DEFAULTS
from .calibration import table as calibration_table
from .evaluate import table as samples_table
from .extractor import DIM, PROJECTED
from .look import LOOKS
from .real_check import FRAMES_A_SHIFT

TEMPLATE = Path(__file__).with_name("card.md")
# What the shipped table says, in words: written for its figures, to be read again with new ones.
VERDICT = """Against these annotators 11 samples come nearer than those of version 1 ({ours[b11]:.2f} to {before[b11]:.2f}; fresh annotators {fresh[b11]:.2f}) and
reach {ours[matched]:.0%} of them ({before[matched]:.0%}); 64 samples reach {ours[cov]:.0%} of the viewpoints ({before[cov]:.0%}) and keep theirs about as well (vc {ours[vc]:.2f} to {before[vc]:.2f}). The mean τ is small for every
sampler: a sample is one view of many, and half of what people share is not in the pictures, so the mean regressor reaches no more than {mean[tau]:.2f}.

The settings follow from the table: noise in every step (eta 1) is better than none (eta 0) in all but cov; more than four steps
bring nothing; guidance below 0 is worse in every column but the overlap; above 0 it draws samples towards what is shared at the price of viewpoints
and twice the time. So: eta 1, four steps, guidance 0."""
NOT_MEASURED = "Not measured in this run."


def real_table(rows: list[dict]) -> str:
    """One row for each analysis."""
    keys = ("segments", "mean", "mean, shifted", "mean, percentile", "best of 11", "best of 11, shifted", "best of 11, percentile")
    lines = ["| bundle | " + " | ".join(keys) + " |", "|---" * (len(keys) + 1) + "|"]
    for row in rows:
        shown = [f"{row[k]:.0f}" if k == "segments" or "percentile" in k else f"{row[k]:.3f}" for k in keys]
        lines.append(f"| {row['bundle']} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def write_card(work: Path, bundle: Path, recipe: object) -> None:
    """Fill the template from ``report_*.json`` in ``work`` and the recipe's amounts."""

    def read(name: str, missing: object = None):
        path = work / f"report_{name}.json"
        return json.loads(path.read_text()) if path.exists() or missing is None else missing

    extractor, calibration, samples = read("extractor"), read("calibration"), read("denoiser")
    nothing = {"raters": 0, "pairs of raters": float("nan"), "best of the other raters": float("nan")}
    real = read("real", []) or []
    first = real[0] if real else nothing
    ours = samples["lite"]
    text = TEMPLATE.read_text().format(
        size_mb=sum(p.stat().st_size for p in bundle.glob("*.onnx")) / 1e6,
        **{key: f"{value:,}" for key, value in vars(recipe).items() if isinstance(value, int)},
        dim=DIM,
        projected=PROJECTED,
        looks=LOOKS,
        guidance=DEFAULTS.guidance,
        steps=DEFAULTS.steps,
        eta=DEFAULTS.eta,
        frames=extractor["frames"],
        ridge="{tau:.2f} ± {error:.2f}".format(**extractor["ridge"]),
        ridge_before="{tau:.2f} ± {error:.2f}".format(**extractor["ridge before"]),
        one_rater=extractor["one rater"],
        slides=extractor["slides"],
        slides_before=extractor["slides before"],
        storage_largest=extractor["storage"]["largest distance"],
        storage_mean=extractor["storage"]["mean distance"],
        millis=extractor["millis"],
        millis_before=extractor["millis before"],
        rate=2000 / extractor["millis"],
        calibration=calibration_table(calibration["tvsum"], calibration["simulated"]),
        denoiser=samples_table(samples),
        error=ours["tau error"],
        error_b11=ours["b11 error"],
        verdict=VERDICT.format(
            ours=ours,
            fresh=samples["fresh annotators (ceiling)"],
            before=samples["version 1"],
            mean=samples["mean regressor"],
        ),
        real=real_table(real) if real else NOT_MEASURED,
        raters=first["raters"],
        others=first["raters"] - 1,
        pairs=first["pairs of raters"],
        pairs_best=first["best of the other raters"],
        shift=FRAMES_A_SHIFT,
        steps_of_recipe="`extractor`, `scenes`, `people`, `corpus`, `train`, `export`, `report-extractor`, `report-calibration`, `report-denoiser`, `card`",
        videos=read("corpus")["videos"],
    )
    (bundle / "README.md").write_text(text)
