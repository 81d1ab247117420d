"""Files appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from symbackprop.errors import FileError
from symbackprop.files import write_all, write_atomically


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_atomically(path, "one\n")
    write_atomically(path, "two\n")
    assert path.read_bytes() == b"two\n"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder"):
        write_atomically(tmp_path, "x")
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(FileError, match="cannot write"):
        write_atomically(blocked / "inside.txt", "x")


def test_an_interrupted_run_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_several_files_or_none(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        write_all({tmp_path / "a.h": "1", tmp_path: "2"})
    assert list(tmp_path.iterdir()) == []
