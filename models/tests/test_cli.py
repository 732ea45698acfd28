"""The command line as a person meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from summdiff_models.__main__ import COMMANDS, main

PACKAGE = Path(__file__).resolve().parents[1]


def test_help_lists_every_command_without_loading_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "summdiff_models", "--help"],
        cwd=PACKAGE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(name in done.stdout for name in COMMANDS)
    assert "| torch" not in done.stderr


@pytest.mark.parametrize("name", list(COMMANDS))
def test_help_of_each_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_code:
        main([name, "--help"])
    assert exit_code.value.code == 0 and "--" in capsys.readouterr().out


def test_usage_errors_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["export"], ["nothing"], ["export", "--heads", "many"]):
        with pytest.raises(SystemExit) as exit_code:
            main(words)
        assert exit_code.value.code == 2


def test_bench_prints_json_and_writes_the_network_it_timed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--dim-in", "8", "--hidden", "8", "--heads", "2", "--feed-forward", "16", "--k", "20"]
    assert main(["bench", *sizes, "--tokens", "9", "--samples", "2", "--steps", "2", "--out", str(tmp_path / "b")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["seconds_per_sample"] > 0 and result["network"]["hidden"] == 8
    assert json.loads((tmp_path / "b" / "bundle.json").read_text())["encoder"]["dim_in"] == 8


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--tokens", "0"], "--tokens must be at least 1, not 0"),
        (["--threads", "0"], "--threads must be at least 1, not 0"),
        (["--heads", "3"], "cannot be split into 3 heads"),
        (["--denoiser", "LatentMLP", "--k", "0"], "k must be from 1 to 65535, not 0"),
    ],
)
def test_bench_refuses(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", *words]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("file", "file: File exists"),
        ("file/run.h5", "Not a directory"),
        ("/proc/none/run.h5", "No such file or directory"),
    ],
)
def test_failures_of_the_system_are_one_sentence(
    out: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("summdiff_models.data.simulate.run", lambda args: args.out.mkdir())
    assert main(["simulate", "--out", str(tmp_path / out)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and out in said and sentence in said and said.count("\n") == 1


def test_an_interrupt_while_torch_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("summdiff_models.__main__.importlib.import_module", interrupted)
    assert main(["train"]) == 130 and capsys.readouterr().err == "interrupted\n"
