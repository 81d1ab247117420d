"""Scanners: every delimiter, its place, and hostile input."""

from __future__ import annotations

import json
import time

import pytest

from symbackprop.documents.scan import decode, scan_text
from symbackprop.errors import FileError


def found(text: str, suffix: str = ".md") -> list[tuple[str, int, int, bool]]:
    return [
        (p.latex.strip(), p.line, p.column, p.display) for p in scan_text(text, "t", suffix).pieces
    ]


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("a $x = 1$ b", False),
        ("a $`x = 1`$ b", False),
        (r"a \(x = 1\) b", False),
        ("$$x = 1$$", True),
        ("```math\nx = 1\n```", True),
        (r"\[x = 1\]", True),
        ("$$ $$ x = 1 $$ $$", True),
    ],
)
def test_delimiters(text, display):
    [(latex, line, _, shown)] = found(text)
    assert (latex, line, shown) == ("x = 1", 1, display)


def test_bare_environment_is_kept_whole():
    [(latex, line, column, _)] = found("one\n\n  \\begin{align}\na &= b\n\\end{align}\n")
    assert latex.startswith("\\begin{align}")
    assert (line, column) == (3, 3)


def test_code_and_money_are_no_mathematics():
    assert found("`$a = b$` costs $5 and $10.\n\n```python\nx = '$a$'\n```\n") == []


def test_latex_comments_macros_and_verbatim():
    text = (
        "\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n\\begin{document}\n"
        "% $no = 1$\n$\\pd{J}{w} = 1$ \\verb|$x$|\n\\begin{verbatim}$y$\\end{verbatim}\n\\end{document}"
    )
    [(latex, line, _, _)] = found(text, ".tex")
    assert latex == "\\frac{\\partial J}{\\partial w} = 1"
    assert line == 4


def test_recursive_macro_is_a_problem_not_a_hang():
    pieces = scan_text("\\newcommand{\\a}{\\a\\a}\n$\\a = 1$", "t", ".tex").pieces
    assert pieces[0].problem


def test_notebook_cells():
    book = {"cells": [{"cell_type": "code", "source": ["$a$"]},
                      {"cell_type": "markdown", "source": ["x\n", "$a = b$"]}]}  # fmt: skip
    [piece] = scan_text(json.dumps(book), "n.ipynb", ".ipynb").pieces
    assert (piece.file, piece.line) == ("n.ipynb#cell-2", 2)
    assert scan_text('{"cells": []}', "n.ipynb", ".ipynb").pieces == ()
    with pytest.raises(FileError, match="its JSON is broken"):
        scan_text('{"cells": [', "n.ipynb", ".ipynb")
    with pytest.raises(FileError, match="no list of cells"):
        scan_text('{"nbformat": 4}', "n.ipynb", ".ipynb")
    with pytest.raises(FileError, match="no list of cells"):
        scan_text("null", "n.ipynb", ".ipynb")


def test_plain_text_with_unicode():
    assert [p[0] for p in found("Then we get\n\n∂L/∂z = a - y\n", ".txt")] == ["∂L/∂z = a - y"]


def test_unclosed_display_is_reported():
    [piece] = scan_text("$$ x = 1\n\nmore", "t", ".md").pieces
    assert "never closed" in piece.problem


def test_encodings_never_fail():
    assert decode("神经网络 $a$".encode("gb18030")) == "神经网络 $a$"
    assert decode(b"\xff\xfe" + "é".encode("utf-16-le")) == "é"
    assert decode(b"\x81\xff\x00")


def test_input_is_never_followed(tmp_path):
    (tmp_path / "other.tex").write_text("$secret = 1$")
    assert found("\\input{other.tex} $a = b$", ".tex") == [("a = b", 1, 19, False)]


def test_time_is_linear():
    def seconds(n: int) -> float:
        text = "words $a = b$ and $$c = d$$ \\begin{align} x &= y \\end{align}\n\n" * n
        start = time.process_time()
        scan_text(text, "t", ".md")
        return time.process_time() - start

    seconds(100)
    small, large = (min(seconds(n) for _ in range(3)) for n in (400, 4000))
    assert large < 20 * max(small, 1e-3)
