"""The matrix view: the textbook's table of conventions, and every statement against entries."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from symbackprop.calculus.matrix import CONVENTIONS, Convention, lift
from symbackprop.calculus.views import MatrixView, matrix_view
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import (
    Array,
    Formula,
    Hadamard,
    MatMul,
    Neg,
    Ones,
    Transpose,
    add,
    num,
    ref,
    sub,
)
from symbackprop.formula.tree import Call as F
from symbackprop.formula.tree import Idx as I
from symbackprop.networks.builtins import find, names
from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp, softmax_regression
from symbackprop.system.model import Axis, Equation, Quantity, System, entry, index

from .arrays import Arrays, distance
from .oracle import Net

SMALL = mp.mpf(10) ** -18
SIZES = {"s": {0: 2, 1: 3, 2: 2, 3: 2}, "L": 3, "m": 2}
T = Transpose


def found(view: MatrixView, name: str, case: int = 0) -> Formula:
    lifted = [x for x in (*view.equations, *view.adjoints) if x.name == name]
    return lifted[case].statement.members[1]


def A(name: str, *lead: int | str | Formula) -> Array:
    return Array(name, ref("x", *lead).indices)


TABLE = {
    # convention: forward, gradient for the inputs, gradient for the weights, for the bias
    ("columns", "receiver"): (
        add(MatMul((A("W2"), A("a1"))), MatMul((A("b2"), T(Ones(I("m")))))),
        MatMul((T(A("W2")), A("d.z2"))),
        MatMul((A("d.z2"), T(A("a1")))),
        MatMul((A("d.z2"), Ones(I("m")))),
    ),
    ("columns", "sender"): (
        add(MatMul((T(A("W2")), A("a1"))), MatMul((A("b2"), T(Ones(I("m")))))),
        MatMul((A("W2"), A("d.z2"))),
        MatMul((A("a1"), T(A("d.z2")))),
        MatMul((A("d.z2"), Ones(I("m")))),
    ),
    ("rows", "receiver"): (
        add(MatMul((A("a1"), T(A("W2")))), MatMul((Ones(I("m")), T(A("b2"))))),
        MatMul((A("d.z2"), A("W2"))),
        MatMul((T(A("d.z2")), A("a1"))),
        MatMul((T(A("d.z2")), Ones(I("m")))),
    ),
    ("rows", "sender"): (
        add(MatMul((A("a1"), A("W2"))), MatMul((Ones(I("m")), T(A("b2"))))),
        MatMul((A("d.z2"), T(A("W2")))),
        MatMul((T(A("a1")), A("d.z2"))),
        MatMul((T(A("d.z2")), Ones(I("m")))),
    ),
}


@pytest.mark.parametrize("convention", CONVENTIONS, ids=str)
def test_the_four_conventions_are_the_textbooks(convention: Convention) -> None:
    view = matrix_view(mlp([2, 3, 2], samples="m"), convention)
    forward, inputs, weights, bias = TABLE[convention.samples, convention.weights]
    assert found(view, "z2") == forward
    assert found(view, "d.a1") == inputs
    assert found(view, "d.W2") == weights
    assert found(view, "d.b2") == bias
    assert found(view, "d.z2") == sub(A("a2"), A("y"))
    assert found(view, "d.z1") == Hadamard((A("d.a1"), F("sigmoid", (A("z1"),), 1)))
    assert not view.refused


def test_bp1_to_bp4_for_any_depth() -> None:
    """Nielsen's four equations, layer by layer."""
    view = matrix_view(generic_mlp())
    here, up, down = I("l"), add(I("l"), num(1)), sub(I("l"), num(1))
    assert found(view, "d.a", 0) == MatMul((T(A("w", up)), A("d.z", up)))
    assert found(view, "d.a", 1) == sub(A("a", "L"), A("y"))
    assert found(view, "d.z") == Hadamard((A("d.a", here), F("f", (A("z", here),), 1)))
    assert found(view, "d.w") == MatMul((A("d.z", here), T(A("a", down))))
    assert found(view, "d.b") == A("d.z", here)


def view_errors(view: MatrixView, net: Net) -> list[tuple[mp.mpf, str]]:
    arrays = Arrays(net, view.convention.samples, view.convention.weights)
    errors = []
    for lifted in (*view.equations, *view.adjoints):
        for letters in net.places(lifted.guard):
            left, right = (arrays.value(m, letters) for m in lifted.statement.members)
            errors.append((distance(left, right), lifted.name))
    return errors


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        pytest.param(name, c, marks=[pytest.mark.slow] if name == "elman" else [])
        for name in names()
        for c in CONVENTIONS
    ],
    ids=str,
)
def test_every_matrix_statement_holds_entry_by_entry(name: str, convention: Convention) -> None:
    system = find(name)
    view = matrix_view(system, convention)
    assert not view.refused
    wrong = [e for e in view_errors(view, Net(system, SIZES)) if e[0] > SMALL]
    assert not wrong


@pytest.mark.parametrize("convention", CONVENTIONS, ids=str)
@pytest.mark.parametrize(
    "system",
    [
        softmax_regression(2, 3, samples="m", weight_decay=True),
        mlp([2, 3, 2], activation="relu", cost="mse", samples="m", bias="layer"),
        mlp([2, 3, 2], output_activation="exp", cost="poisson", samples="m", reduction="mean"),
        mlp([2, 2, 3], activation="softplus", cost="mae", bias="none"),
        generic_mlp(activation="sigmoid", cost="bce", samples="m", weight_decay=True),
    ],
    ids=lambda system: system.name,
)
def test_batches_costs_and_activations_in_matrix_form(
    system: System, convention: Convention
) -> None:
    view = matrix_view(system, convention)
    assert not view.refused
    assert not [e for e in view_errors(view, Net(system, SIZES)) if e[0] > SMALL]


def mutants(statement: Formula) -> list[Formula]:
    """The right side with one transpose lost, two factors exchanged, one factor or term lost."""
    found: list[Formula] = []
    for node in statement.walk():
        changed: list[Formula] = []
        if isinstance(node, Transpose):
            changed.append(node.body)
        if isinstance(node, MatMul):
            changed.append(MatMul(node.factors[::-1]))
        if isinstance(node, Hadamard):
            changed += node.factors
        if isinstance(node, Neg):
            changed.append(node.body)
        found += [
            statement.rewrite(lambda n, node=node, new=new: new if n is node else None)
            for new in changed
        ]
    return found


@pytest.mark.parametrize("convention", CONVENTIONS, ids=str)
def test_a_lost_transpose_order_factor_or_sign_is_seen(convention: Convention) -> None:
    system = mlp([3, 2, 4], activation="tanh", cost="half-sse", samples=5)
    net = Net(system)
    arrays = Arrays(net, convention.samples, convention.weights)
    count = 0
    for lifted in matrix_view(system, convention).adjoints:
        left, right = lifted.statement.members
        for mutant in mutants(right):
            count += 1
            try:
                wrong = distance(arrays.value(left, {}), arrays.value(mutant, {})) > SMALL
            except (AssertionError, TypeError):
                wrong = True  # the shapes do not even fit
            assert wrong, (lifted.name, mutant)
    assert count >= 12


def test_the_work_does_not_depend_on_the_widths() -> None:
    """Formulas of a large network are those of a small one, apart from the numbers of ones."""
    small, large = (matrix_view(mlp(s)) for s in ([2, 2, 2, 2], [784, 512, 512, 10**9]))
    assert [x.statement for x in small.adjoints] == [x.statement for x in large.adjoints]


class TestNoMatrixForm:
    j, k, s = index("j"), index("k"), index("s")
    three = sp.Integer(3)

    def quantities(self) -> System:
        j, k, s, three = self.j, self.k, self.s, self.three
        x = Quantity("x", "input", (Axis(k, three),))
        M = Quantity("M", "weight", (Axis(j, three), Axis(k, three)))
        K3 = Quantity("K3", "input", (Axis(j, three), Axis(k, three), Axis(s, three)))
        J = Quantity("J", "cost")
        cost = sp.Sum(entry("M", j, k) * entry("x", k), (k, 1, 3), (j, 1, 3)) + sp.Sum(
            entry("K3", j, k, s), (j, 1, 3), (k, 1, 3), (s, 1, 3)
        )
        return System("own", (x, M, K3, J), (Equation("J", (), cost),), "J")

    def reason(self, expr: sp.Expr, *indices: sp.Symbol) -> str:
        with pytest.raises(UnsupportedForm) as caught:
            lift(expr, indices, self.quantities())
        return caught.value.message

    def test_a_shifted_index(self) -> None:
        j, s = self.j, self.s
        shifted = sp.Sum(entry("x", s) * entry("x", j + s - 1), (s, 1, 3))
        assert "shifted" in self.reason(shifted, j)

    def test_three_axes(self) -> None:
        j, k, s = self.j, self.k, self.s
        assert "3 axes" in self.reason(entry("K3", j, k, s) * entry("x", j), j, k, s)

    def test_a_sum_over_part_of_an_axis(self) -> None:
        j, k = self.j, self.k
        part = sp.Sum(entry("M", j, k) * entry("x", k), (k, 2, 3))
        assert "whole axis" in self.reason(part, j)

    def test_a_diagonal(self) -> None:
        assert "diagonal" in self.reason(entry("M", self.j, self.j), self.j)

    def test_cases(self) -> None:
        x = entry("x", self.k)
        assert "cases" in self.reason(sp.Piecewise((x, x > 0), (0, True)), self.k)

    def test_a_loose_index(self) -> None:
        assert "one side" in self.reason(entry("M", self.j, self.k), self.j)


def test_lift_of_one_expression() -> None:
    """sum(k, W[k,j] d.z[k]) is entry j of W^T d.z."""
    system = mlp([2, 3, 2])
    j, k = index("j"), index("k")
    back = sp.Sum(entry("W2", k, j) * entry("d.z2", k), (k, 1, 2))
    assert lift(back, (j,), system) == MatMul((T(A("W2")), A("d.z2")))
    swapped = lift(back, (j,), system, Convention(weights="sender"))
    assert swapped == MatMul((A("W2"), A("d.z2")))
