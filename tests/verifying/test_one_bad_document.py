"""A document with a bad comment does not silence the others of its folder."""

from __future__ import annotations

import pytest

from symbackprop.errors import SymbackpropError
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
