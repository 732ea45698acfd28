"""Replacing a bundle never costs a person their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from summdiff_models.bundle import MANIFEST, Manifest, Provenance, new_folder, write_manifest
from summdiff_models.errors import UserError


def write(out: Path, content: str = "graph", inputs: tuple[Path, ...] = ()) -> None:
    with new_folder(out, inputs) as folder:
        (folder / "scorer.onnx").write_text(content)
        write_manifest(folder, Manifest("n", "1", "scorer", "", Provenance(), dim_in=2))


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ["best.pkl", "notes.txt", "sub/notes.txt", ".hidden"])
def test_a_bundle_with_other_files_beside_it_is_kept(name: str, tmp_path: Path) -> None:
    write(tmp_path / "b")
    (tmp_path / "b" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "b" / name).write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(UserError, match=f"holds {name.split('/')[0]}, which is no part of the bundle"):
        write(tmp_path / "b", "new")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"files": 3}'])
def test_a_damaged_bundle_is_kept(text: str, tmp_path: Path) -> None:
    write(tmp_path / "b")
    (tmp_path / "b" / MANIFEST).write_text(text)
    with pytest.raises(UserError, match="bundle.json"):
        write(tmp_path / "b")
    assert contents(tmp_path / "b") == {MANIFEST: text, "scorer.onnx": "graph"}


def test_a_bundle_that_is_read_from_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "b")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    for out, source in [("b", "b/scorer.onnx"), ("b", "link/scorer.onnx"), ("link", "b")]:
        with pytest.raises(UserError, match="is read from it; choose another --out"):
            write(tmp_path / out, "new", inputs=(tmp_path / source,))
    assert contents(tmp_path / "b")["scorer.onnx"] == "graph"


def test_the_folder_that_a_link_names_is_replaced(tmp_path: Path) -> None:
    write(tmp_path / "b")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink() and contents(tmp_path / "b")["scorer.onnx"] == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "link"]


def test_files_that_come_while_the_bundle_is_made_are_kept(tmp_path: Path) -> None:
    write(tmp_path / "b")
    with pytest.raises(UserError, match="holds mine"), new_folder(tmp_path / "b"):
        (tmp_path / "b" / "mine").write_text("x")
    assert set(contents(tmp_path)) == {"b/bundle.json", "b/mine", "b/scorer.onnx"}


def test_a_failure_leaves_the_former_bundle(tmp_path: Path) -> None:
    write(tmp_path / "b")
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "b") as folder:
        (folder / "half").write_text("x")
        raise KeyboardInterrupt
    assert json.loads(contents(tmp_path)["b/bundle.json"])["name"] == "n" and len(contents(tmp_path)) == 2
