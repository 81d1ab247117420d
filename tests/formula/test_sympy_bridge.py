"""Formula <-> SymPy: nothing lost on the way, and textbook order on the way back."""

from __future__ import annotations

from random import Random

import pytest
import sympy as sp

from symbackprop.errors import UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.sympy_bridge import from_sympy, to_sympy
from symbackprop.formula.text_writer import write_text
from symbackprop.formula.tree import Sym, ref
from symbackprop.system.model import Function, entry, index, size

j, k, layer, m, n = index("j"), index("k"), index("l"), size("m"), size("n")
a, y, x = entry("a", j), entry("y", j), entry("x", k)
f = Function("sigmoid", sp.Symbol("z", real=True), None)
width = sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))
SIZES = (m, n, sp.Symbol("s", integer=True, positive=True))

TEXTBOOK = [
    (1 - a, "1 - a[j]"),
    (a - y, "a[j] - y[j]"),
    ((a - y) * x, "x[k]*(a[j] - y[j])"),
    (-y / a + (1 - y) / (1 - a), "(1 - y[j])/(1 - a[j]) - y[j]/a[j]"),
    (sp.Sum((a - y) ** 2, (j, 1, n)) / (2 * m), "1/(2*m)*sum(j=1..n, (a[j] - y[j])^2)"),
    (entry("d.z", k) * entry("W", k, j) * a * (1 - a), "dJ/dz[k]*W[k,j]*a[j]*(1 - a[j])"),
    (f(entry("z", j)), "sigmoid(z[j])"),
    (sp.Function("sigmoid'", real=True)(entry("z", j)), "sigmoid'(z[j])"),
    (sp.KroneckerDelta(j, k) * a, "a[j]*[j = k]"),
    (sp.exp(-a) / (1 + sp.exp(-a)) ** 2, "exp(-a[j])/(1 + exp(-a[j]))^2"),
    (entry("w", layer + 1, j, k), "w[l+1,j,k]"),
    (-3 * a / 2, "-3/2*a[j]"),
    (1 / a, "1/a[j]"),
    (sp.sqrt(a), "sqrt(a[j])"),
    (width[layer] * a, "s[l]*a[j]"),
    (sp.Piecewise((a, a > 0), (0, True)), "{a[j] if a[j] > 0; 0 else}"),
    (
        sp.Sum(entry("W", j, k) * x, (k, 1, n)) + entry("b", j),
        "sum(k=1..n, W[j,k]*x[k]) + b[j]",
    ),
]


@pytest.mark.parametrize(("expr", "text"), TEXTBOOK, ids=[text for _, text in TEXTBOOK])
def test_textbook_order_and_back(expr: sp.Expr, text: str) -> None:
    formula = from_sympy(expr)
    assert write_text(formula) == text
    assert to_sympy(formula, sizes=SIZES) == expr


def _random(r: Random, depth: int) -> sp.Expr:
    if depth == 0:
        return r.choice([a, y, x, entry("b"), sp.Integer(r.randint(1, 4)), sp.Rational(1, 2)])
    parts = [_random(r, depth - 1) for _ in range(2)]
    return r.choice(
        [
            lambda: parts[0] + parts[1],
            lambda: parts[0] * parts[1],
            lambda: parts[0] - parts[1],
            lambda: parts[0] / (parts[1] + 7),
            lambda: parts[0] ** 2,
            lambda: sp.exp(-parts[0]),
            lambda: f(parts[0] + a),
            lambda: sp.Sum(parts[0], (j, 1, n)),
            lambda: sp.Max(parts[0], a),
        ]
    )()


@pytest.mark.parametrize("seed", range(60))
def test_random_expressions_come_back(seed: int) -> None:
    expr = _random(Random(seed), 3)
    assert to_sympy(from_sympy(expr), sizes=SIZES) == expr


def test_a_derivative_of_the_cost_is_the_adjoint() -> None:
    d = t.Deriv(ref("J"), ref("z1", "j"))
    assert to_sympy(d) == entry("d.z1", j)


@pytest.mark.parametrize(
    "formula",
    [
        Sym("x"),
        t.Array("W"),
        t.Deriv(ref("a"), ref("z")),
        t.Sum(ref("x", "k"), t.Idx("k")),
        t.Opaque("?"),
        t.Div(ref("a"), t.Num("0")),
    ],
)
def test_what_has_no_sympy_form_is_refused(formula: t.Formula) -> None:
    with pytest.raises(UnsupportedForm):
        to_sympy(formula)


def test_functions_that_the_system_lacks_are_refused() -> None:
    with pytest.raises(UnsupportedForm):
        from_sympy(f(a), functions=["tanh"])
