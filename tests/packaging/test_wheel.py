"""The wheel in an empty environment and an empty folder: everything it needs is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no wheel could be built here: {done.stderr[-300:]}")
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
def test_templates_are_in_the_wheel_and_tests_are_not(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for language in ("en", "zh-Hans"):
        assert f"symbackprop/templates/{language}/prose.j2" in names
    assert not [n for n in names if n.startswith(("tests/", "benchmarks/", "output/"))]
    assert not [n for n in names if "__pycache__" in n]


@pytest.mark.slow
def test_every_format_and_language_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    bin_ = home / ("Scripts" if os.name == "nt" else "bin")
    done = subprocess.run(
        [str(bin_ / "python"), "-m", "pip", "install", "-q", str(wheel)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"dependencies could not be installed here: {done.stderr[-300:]}")
    empty = tmp_path / "empty"
    empty.mkdir()
    for language in ("en", "zh-Hans"):
        for command in ([str(bin_ / "symbackprop")], [str(bin_ / "python"), "-m", "symbackprop"]):
            subprocess.run(
                [*command, "derive", "chang", "-o", language, "--format", "md,tex,json",
                 "--lang", language],
                cwd=empty, check=True, capture_output=True,
            )  # fmt: skip
        folder = empty / language
        assert (folder / "chang.md").read_text(encoding="utf-8").startswith("# ")
        assert r"\begin{document}" in (folder / "chang.tex").read_text(encoding="utf-8")
        assert json.loads((folder / "chang.json").read_text(encoding="utf-8"))
    where = subprocess.run(
        [str(bin_ / "python"), "-c", "import symbackprop; print(symbackprop.__file__)"],
        cwd=empty, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert str(home) in where.stdout
