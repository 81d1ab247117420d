"""Every LaTeX document compiles with XeLaTeX: no error, no line too wide, no missing character."""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

from symbackprop.documents.blocks import Display, Grid, Paragraph
from symbackprop.documents.grids import cut
from symbackprop.documents.latex import display, render

from .printed import BEYOND, LANGUAGES, NAMES, beyond, derivation

COMPLAINT = re.compile(r"^(?:!.*|Overfull \\hbox.*|Missing character.*|.*[Uu]ndefined.*)$", re.M)


@pytest.fixture(scope="module")
def xelatex() -> str:
    """The compiler; without one the test is skipped, and says so in the summary."""
    found = shutil.which("xelatex")
    if found is None:
        message = "xelatex is not installed: NO LaTeX DOCUMENT WAS COMPILED"
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    return found


def complaints(xelatex: str, text: str, folder: Path) -> list[str]:
    """Compile; what the log complains of."""
    (folder / "document.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [xelatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "document.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = (folder / "document.log").read_text(encoding="utf-8", errors="replace")
    found = COMPLAINT.findall(log)
    return found if done.returncode == 0 else [*found, f"exit code {done.returncode}"]


def has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh-cn"], capture_output=True, check=False).stdout)


def skip_without_font(language: str) -> None:
    if language == "zh-Hans" and not has_chinese_font():
        message = "no Chinese font is installed: NO CHINESE LaTeX DOCUMENT WAS COMPILED"
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_compiles(name: str, language: str, xelatex: str, tmp_path: Path) -> None:
    skip_without_font(language)
    assert complaints(xelatex, derivation(name).text("tex", language=language), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(BEYOND)), ids=lambda i: "-".join(BEYOND[i][:2]))
def test_a_network_that_no_source_has_compiles(number: int, xelatex: str, tmp_path: Path) -> None:
    assert complaints(xelatex, beyond(number).text("tex"), tmp_path) == []


@pytest.mark.slow
def test_the_complaints_are_found(xelatex: str, tmp_path: Path) -> None:
    wide = Display("x = " + " + ".join("y" * 9 for _ in range(30)))
    found = complaints(xelatex, render("T", (Paragraph("a 中 b"), wide), "en"), tmp_path)
    assert any("Overfull" in f for f in found)
    assert any("Missing character" in f for f in found)
    broken = render("T", (Display("\\frac{1"),), "en")
    assert any(f.startswith("!") for f in complaints(xelatex, broken, tmp_path))


@pytest.mark.slow
def test_a_table_wider_and_longer_than_the_page(xelatex: str, tmp_path: Path) -> None:
    row = tuple(rf"$\frac{{\partial E}}{{\partial w_{{{i}}}}} * n_{{{i}}}$" for i in range(40))
    assert complaints(xelatex, render("T", (Grid(row, (row,) * 100),), "en"), tmp_path) == []


def test_cutting_a_table_loses_no_cell() -> None:
    grid = Grid(
        tuple(f"head {i}" for i in range(30)),
        tuple(tuple(f"{r}/{i}" for i in range(30)) for r in range(90)),
    )
    parts = cut(grid, 40.0, 38, 16.0)
    assert {c for p in parts for row in p.rows for c in row} == {c for r in grid.rows for c in r}
    assert all(p.header[0] == "head 0" and len(p.header) >= 2 for p in parts)
    assert all(len(p.rows) <= 38 for p in parts)
    small = Grid(("a", "b"), (("1", "2"),))
    assert cut(small, 40.0, 38, 16.0) == (small,)


def test_rows_may_part_at_the_end_of_a_page() -> None:
    rows = "\\begin{aligned}\nx &= y \\\\\nz &= w\n\\end{aligned}"
    assert display(rows) == "\\begin{align*}\nx &= y \\\\\nz &= w\n\\end{align*}"
    assert display("x = y") == "\\[\nx = y\n\\]"
    beside = rows + " = " + rows
    assert display(beside) == f"\\[\n{beside}\n\\]"


def test_quotation_marks_and_minus_signs() -> None:
    told = render("T", (Paragraph('"only $x$ through" from -1 to 2, layer-1, $a-1$'),), "en")
    assert "``only $x$ through'' from $-$1 to 2, layer-1, $a-1$" in told
