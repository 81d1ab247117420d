"""Entries that an equation names by a number: told one by one, every statement judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop import api

SPEC = """
name = "entries"
[axes]
i = {size}
[quantities]
x = {{ role = "input", axes = "i" }}
w = {{ role = "parameter", axes = "i" }}
b = {{ role = "parameter" }}
[system]
cost = "J"
equations = [{equations}]
"""


def derived(tmp_path: Path, equations: str, size: str = "3") -> str:
    spec = tmp_path / "entries.toml"
    spec.write_text(SPEC.format(equations=equations, size=size), encoding="utf-8")
    told = api.derive(api.network(str(spec)))
    assert all(v.accepted for step in told.told.steps() for v in step.verdicts)
    return told.text("md")


@pytest.mark.parametrize(
    ("equations", "results"),
    [
        (
            '"J = sum(i, w[1]*x[i] + b)"',
            [r"w_1} &= \sum_{j=1}^{3} x_j \\", r"w_2} &= 0 \\", r"w_3} &= 0 \\"],
        ),
        (
            '"J = sum(i, w[i]*x[i])*w[1] + b*w[3]"',
            [r"w_1} &= w_1 x_1 + \sum_{i=1}^{3} w_i x_i \\", r"w_2} &= w_1 x_2 \\"],
        ),
        ('"z[i] = w[1]*x[i] + b", "J = sum(i, z[i]^2)"', [r"w_2} &= 0 \\", r"w_3} &= 0 \\"]),
        (
            '"z = w[1]*w[2]*w[3]*x[1]*x[2]*x[3]", "J = (z - b)^2"',
            [r"\frac{\partial J}{\partial w_2}"],
        ),
    ],
    ids=["one entry", "one and all", "through z", "a product written out"],
)
def test_told_entry_by_entry(tmp_path: Path, equations: str, results: list[str]) -> None:
    text = derived(tmp_path, equations)
    for result in results:
        assert result in text


def test_of_any_size_it_is_told_or_refused(tmp_path: Path) -> None:
    from symbackprop.errors import UnsupportedForm

    with pytest.raises(UnsupportedForm, match="named by a number"):
        derived(tmp_path, '"J = sum(i, w[1]*x[i] + b)"', size='"D"')
