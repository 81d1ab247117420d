"""What matrices cannot write is left out of the matrix view and named; what is false is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop import api
from symbackprop.api.lifted import writable
from symbackprop.errors import UnsupportedForm

SHARES = """
name = "shares"
[axes]
t = "T"
s = "T"
i = "D"
[quantities]
x = { role = "input", axes = "t,i" }
y = { role = "target", axes = "t,i" }
q = { role = "parameter", axes = "t,i" }
v = { role = "parameter", axes = "t,i" }
[system]
cost = "J"
equations = [
 "e[t,s] = sum(i, q[t,i]*x[s,i])",
 "alpha[t,s] = softmax(s, e[t,s])",
 "o[t,i] = sum(s, alpha[t,s]*v[s,i])",
 "J = sum(t,i, (o[t,i]-y[t,i])^2)/2",
]
"""

SCALED = """
name = "scaled"
[axes]
n = "N"
i = "D"
[quantities]
x = { role = "input", axes = "n,i" }
y = { role = "target", axes = "n,i" }
gamma = { role = "parameter", axes = "i" }
[system]
cost = "J"
equations = [
 "mu[i] = mean(n, x[n,i])",
 "s[i] = mean(n, (x[n,i]-mu[i])^2)",
 "r[n,i] = (x[n,i]-mu[i])/sqrt(s[i]+0.001)",
 "u[n,i] = gamma[i]*r[n,i]",
 "J = sum(n,i, (u[n,i]-y[n,i])^2)",
]
"""


@pytest.mark.parametrize(
    ("text", "kept", "left_out"),
    [
        (SHARES, r"\nabla_v J &= \alpha^T \nabla_o J", r"No matrix form is written for $\alpha$"),
        (SCALED, r"\nabla_u J &= 2 (u - y)", "No matrix form is written for"),
    ],
    ids=["attention", "batch norm"],
)
def test_the_rest_is_written(tmp_path: Path, text: str, kept: str, left_out: str) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(text, encoding="utf-8")
    told = api.derive(api.network(str(spec)), views=("matrix",), numbers=False)
    shown = told.text("md")
    assert kept in shown
    assert left_out in shown
    assert all(v.accepted for step in told.told.steps() for v in step.verdicts)
    assert r"\alpha &= \frac{e^e}" not in shown


def test_no_derivative_is_left() -> None:
    from symbackprop.derivation.steps import Section, Step, statement
    from symbackprop.formula.tree import Array
    from symbackprop.judging.verdict import Verdict

    row = statement(Array("a", ()), Array("b", ()))
    part = Section(
        "matrix", (Step("lift to matrix", (row,), topic="matrix adjoints", about={"first": False}),)
    )
    with pytest.raises(UnsupportedForm, match="no derivative"):
        writable(part, lambda chain, step: Verdict("ill_formed"))
    assert writable(part, lambda chain, step: Verdict("refuted")) == part
