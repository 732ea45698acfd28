"""Odd and damaged dataset files: one sentence that names the file, the video and the field."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from summdiff_models.__main__ import main
from summdiff_models.data import simulate
from summdiff_models.data import video as video_module
from summdiff_models.data.annotations import read_annotations
from summdiff_models.data.splits import make_split, read_test_keys
from summdiff_models.data.video import KINDS, read_videos
from summdiff_models.errors import UserError

N, FRAMES, DIM = 20, 300, 4


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for kind in KINDS:
        simulate.write(folder / f"{kind}.h5", kind, 5, 3, DIM, (N, N), seed=0)
    return folder


def spoil(sources: Path, kind: str, field: str, change: Callable[[np.ndarray], Any], out: Path) -> Path:
    """A copy of a file with ``field`` of video_3 changed; ``None`` removes it."""
    shutil.copy(sources / f"{kind}.h5", out / "d.h5")
    with h5py.File(out / "d.h5", "a") as file:
        name = f"video_3/{field}"
        value = change(np.asarray(file[name]))
        del file[name]
        if value is not None:
            file[name] = value
    return out / "d.h5"


def with_nan(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.float32)
    values.flat[1] = np.nan
    return values


def as_text(values: np.ndarray) -> np.ndarray:
    return np.full(values.shape, b"a")


SPOILT = [
    ("tvsum", "features", with_nan, "hold NaN"),
    ("tvsum", "features", lambda v: v.astype(np.float64) * 1e39, "hold NaN or infinite"),
    ("tvsum", "features", as_text, "holds no numbers"),
    ("tvsum", "features", lambda v: v[0], "has shape [4] where at least [2, 1]"),
    ("tvsum", "features", lambda v: v[:, :0], "has shape [20, 0]"),
    ("tvsum", "gtscore", with_nan, "hold NaN"),
    ("mrhisum", "gtscore", with_nan, "hold NaN"),
    ("mrhisum", "gtscore", lambda v: np.stack([v, v]), "a row of numbers was expected"),
    ("tvsum", "user_scores", with_nan, "hold NaN"),
    ("tvsum", "user_scores", lambda v: v[0], "has shape [300] where at least [1, 1]"),
    ("tvsum", "user_scores", lambda v: v[:, :50], "has 50 columns for 20 picks and 300 frames"),
    ("tvsum", "user_scores", lambda v: v[:0], "has shape [0, 300]"),
    ("summe", "user_summary", lambda v: v[0], "has shape [300]"),
    ("summe", "user_summary", as_text, "holds no numbers"),
    ("summe", "user_summary", lambda _: None, "has no user_summary"),
    ("mrhisum", "change_points", lambda v: v[:0], "has shape [0, 2]"),
    ("summe", "change_points", lambda _: np.arange(7), "has shape [7]"),
    ("summe", "change_points", lambda _: np.zeros((2, 3), int), "where pairs were expected"),
    ("summe", "change_points", lambda v: v[:, ::-1], "end before they start"),
    ("summe", "n_frame_per_seg", lambda v: v[:-1], "entries for"),
    ("tvsum", "n_frames", lambda _: np.array([1, 2]), "where one number was expected"),
    ("tvsum", "n_frames", lambda _: 0, "is 0"),
    ("tvsum", "picks", lambda v: 100 * v, "do not ascend from 0 to the 300 frames"),
    ("tvsum", "picks", lambda v: v[::-1], "do not ascend"),
    ("tvsum", "picks", lambda _: 3.0, "a row of numbers was expected"),
]


@pytest.mark.parametrize(("kind", "field", "change", "sentence"), SPOILT)
def test_a_spoilt_field_is_named(
    kind: str, field: str, change: Callable[[np.ndarray], Any], sentence: str, sources: Path, tmp_path: Path
) -> None:
    path = spoil(sources, kind, field, change, tmp_path)
    with pytest.raises(UserError) as caught:
        read_videos(path, kind)
    said = str(caught.value)
    assert sentence in said and str(path) in said and field in said and "video_3" in said


def test_forms_that_will_do(sources: Path, tmp_path: Path) -> None:
    expected = read_videos(sources / "tvsum.h5", "tvsum")[2]
    for field, change in [
        ("n_frames", lambda v: v.reshape(1)),
        ("n_frames", lambda v: np.float64(v)),
        ("picks", lambda v: v[None].astype(float)),
        ("gtscore", lambda v: v[:, None]),
        ("user_scores", lambda v: v[:, :-3]),
        ("user_scores", lambda v: v[:, ::15]),
    ]:
        found = read_videos(spoil(sources, "tvsum", field, change, tmp_path), "tvsum")[2]
        assert found.n_frames == FRAMES
        np.testing.assert_array_equal(found.picks, expected.picks)
        np.testing.assert_array_equal(found.scores, expected.scores)
        np.testing.assert_array_equal(found.consensus, expected.consensus)


def test_what_is_no_group_is_no_video(sources: Path, tmp_path: Path) -> None:
    shutil.copy(sources / "tvsum.h5", tmp_path / "d.h5")
    with h5py.File(tmp_path / "d.h5", "a") as file:
        file["about"] = 3
    assert len(read_videos(tmp_path / "d.h5", "tvsum")) == 5


def test_nan_in_features_read_as_needed_names_the_file(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_module, "PRELOAD_BYTES", 0)
    path = spoil(sources, "mrhisum", "features", with_nan, tmp_path)
    with pytest.raises(UserError, match=r"d\.h5: features of video_3 hold NaN"):
        _ = [video.features for video in read_videos(path, "mrhisum")]


@pytest.mark.parametrize("ratings", ["1,nan,2", "1,inf,2", "1,a,2", ""])
def test_ratings_that_are_no_numbers(ratings: str, tmp_path: Path) -> None:
    (tmp_path / "anno.tsv").write_text(f"one\tVT\t1,2,3\ntwo\tVT\t{ratings}\n")
    with pytest.raises(UserError, match="anno.tsv"):
        read_annotations(tmp_path / "anno.tsv")


def test_a_tvsum_file_without_the_annotators_scores(
    sources: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def train(*words: str) -> int:
        sizes = "--hidden 4 --heads 1 --feed-forward 4 --k 5 --epochs 1 --val-steps 1".split()
        given = ["--dataset", str(tmp_path / "d.h5"), "--kind", "tvsum", "--out", str(tmp_path / "run")]
        return main(["train", *given, *sizes, "--device", "cpu", "--extractor", "nowhere", *words])

    spoil(sources, "tvsum", "user_scores", lambda _: None, tmp_path)
    (tmp_path / "split.json").write_text(
        '{"train_keys": ["video_1", "video_2"], "val_keys": ["video_4"], "test_keys": ["video_3"]}'
    )
    # Whatever passes is stopped by the extractor that is nowhere.
    mean, unseen = ("--no-individual",), ("--protocol", "split", str(tmp_path / "split.json"))
    for words in (mean, unseen, ("--network", "vasnet")):
        assert train(*words) == 1 and "no extractor nowhere" in capsys.readouterr().err
    with h5py.File(tmp_path / "d.h5", "a") as file:
        del file["video_1/user_scores"]
        del file["video_4/user_scores"]
    assert train(*unseen) == 1
    said = capsys.readouterr().err
    assert "has no user_scores of video_1, video_4; give --annotations FILE, or --no-individual" in said
    # Where no video has them, as in the files that went round, the mean is trained on, and said, unless more was asked for.
    with h5py.File(tmp_path / "d.h5", "a") as file:
        del file["video_2/user_scores"]
    assert train(*unseen) == 1
    said = capsys.readouterr().err
    assert "trained on the mean scores" in said and "no extractor nowhere" in said
    assert train(*unseen, "--individual") == 1
    assert "has no user_scores of video_1, video_2, video_4" in capsys.readouterr().err


WHOLE = {"train_keys": ["v1", "v2"], "val_keys": ["v3"], "test_keys": ["v4"]}
NO_VALIDATION = {"train_keys": ["v1", "v2"], "test_keys": ["v4"]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (WHOLE | {"train_keys": None}, "train_keys is no list of video names"),
        (WHOLE | {"train_keys": "v1"}, "train_keys is no list of video names"),
        (WHOLE | {"val_keys": [3]}, "val_keys is no list of video names"),
        (WHOLE | {"val_keys": None}, "val_keys is no list of video names"),
        (WHOLE | {"train_keys": []}, "no videos in train_keys"),
        (WHOLE | {"val_keys": []}, "no videos in val_keys"),
        (WHOLE | {"train_keys": ["v1", "x/v1"]}, "lists v1 twice in train_keys"),
        (WHOLE | {"test_keys": ["v4", "v4"]}, "lists v4 twice in test_keys"),
        (WHOLE | {"val_keys": ["v4"]}, "in two parts (v4)"),
        (NO_VALIDATION | {"test_keys": ["v2"]}, "in two parts (v2)"),
        (NO_VALIDATION | {"train_keys": ["v1", "v1", "v2"]}, "lists v1 twice in train_keys"),
        (NO_VALIDATION | {"train_keys": []}, "fewer than two train_keys"),
        (NO_VALIDATION | {"train_keys": ["v1"]}, "fewer than two train_keys"),
        ({"test_keys": ["v4"]}, "no train_keys and test_keys"),
        ([], "has 0 splits"),
        ([3], "no train_keys and test_keys"),
        (3, "no train_keys and test_keys"),
    ],
)
def test_split_files_that_are_refused(content: object, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text(json.dumps(content))
    with pytest.raises(UserError) as caught:
        make_split(["split", str(tmp_path / "split.json")], ["v1", "v2", "v3", "v4"], 0, 0)
    assert sentence in str(caught.value) and "split.json" in str(caught.value)


def test_only_the_test_videos_matter_to_an_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    path.write_text('{"train_keys": ["of another file"], "test_keys": ["v2", "x/v1"]}')
    assert read_test_keys(path, ["v1", "v2"]) == ["v2", "v1"]
    for content, sentence in [({"test_keys": []}, "no videos in test_keys"), ({}, "test_keys is no list")]:
        path.write_text(json.dumps(content))
        with pytest.raises(UserError, match=sentence):
            read_test_keys(path, ["v1", "v2"])
