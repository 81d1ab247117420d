"""A document with a bad comment does not silence the others of its folder."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from symbackprop.cli.main import cli
from symbackprop.errors import FileError, SymbackpropError
from symbackprop.verifying.verify import verify


def test_the_others_are_judged(tmp_path):
    bad = tmp_path / "bad.md"
    bad.write_text("<!-- symbackprop: notation=zzz -->\n\n$a = 2 b$\n")
    good = r"$z = w x$, $L = z^2$ $$\frac{\partial L}{\partial z} = 2 z$$"
    (tmp_path / "good.md").write_text(good)
    report = verify(tmp_path)
    assert [e.verdict for e in report.equations][-1] == "proved"
    assert [f.code for f in report.findings] == ["N504"]
    assert "zzz" in report.findings[0].message
    assert report.exit_code() == 1
    with pytest.raises(SymbackpropError):
        verify(bad)


@pytest.mark.parametrize("content", ['{"cells": [{"cell_type"', "null", '{"nbformat": 4}'])
def test_a_broken_notebook_is_an_error_and_the_others_are_judged(tmp_path, content):
    bad = tmp_path / "bad.ipynb"
    bad.write_text(content)
    with pytest.raises(FileError, match="not a notebook"):
        verify(bad)
    (tmp_path / "good.md").write_text(r"$z = w x$ $$\frac{\partial z}{\partial w} = x$$")
    report = verify(tmp_path)
    assert [e.verdict for e in report.equations][-1] == "proved"
    assert [f.code for f in report.findings] == ["N505"]
    assert report.exit_code() == 2


def test_a_missing_file_does_not_silence_the_others(tmp_path):
    good = tmp_path / "good.md"
    good.write_text(r"$z = w x$ $$\frac{\partial z}{\partial w} = x$$")
    done = CliRunner().invoke(cli, ["verify", str(tmp_path / "bad.ipynb"), str(good)])
    assert done.exit_code == 2
    assert "N505" in done.output
    assert "1 proved" in done.output
