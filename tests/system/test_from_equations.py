"""A user's own SymPy equations become a System, whatever symbols they are made of."""

import pytest
import sympy as sp

from symbackprop.errors import SymbackpropError
from symbackprop.networks import Activation, system_from_eqs
from symbackprop.system.model import Fact, entry, index, size

W, U, x, y, z, a, b, h, h0 = (
    sp.IndexedBase(s) for s in ("W", "U", "x", "y", "z", "a", "b", "h", "h0")
)
i, j, k, t, n, m, T = sp.symbols("i j k t n m T", integer=True)
J = sp.Symbol("J")


def test_a_layer_in_any_order_with_sizes_from_the_sums():
    net = system_from_eqs(
        [
            sp.Eq(J, sp.Sum((a[i] - y[i]) ** 2, (i, 1, m)) / 2),
            sp.Eq(a[i], sp.Function("sigmoid")(z[i])),
            sp.Eq(z[i], sp.Sum(W[i, k] * x[k], (k, 1, n)) + b[i]),
        ],
        inputs=["x"],
        targets=["y"],
        facts={"y": ["in [0,1]"]},
    )
    assert [e.target for e in net.equations] == ["z", "a", "J"]
    letter, other = index("i"), index("k")
    assert net.equations[0].rhs == entry("b", letter) + sp.Sum(
        entry("W", letter, other) * entry("x", other), (other, 1, size("n"))
    )
    assert {q.name: q.role for q in net.quantities} == {
        "W": "parameter", "b": "parameter", "x": "input", "y": "target",
        "z": "pre-activation", "a": "activation", "J": "cost",
    }  # fmt: skip
    assert Fact("in (0,1)") in net["a"].facts
    assert Fact("in [0,1]") in net["y"].facts
    assert net.sizes == (size("m"), size("n"))


def test_a_recurrence():
    net = system_from_eqs(
        [
            sp.Eq(h[0, i], h0[i]),
            sp.Eq(h[t, i], sp.tanh(sp.Sum(U[i, j] * h[t - 1, j], (j, 1, 3)) + x[t, i])),
            sp.Eq(J, sp.Sum(h[T, i] ** 2, (i, 1, 3))),
        ],
        inputs=["x", "h0"],
        ranges={t: (0, T)},
    )
    letter = index("t")
    assert net.equations_of["h"][1].ranges[0] == (letter, 1, size("T"))
    assert (net["h"].axes[0].lower, net["x"].axes[0].lower) == (0, 1)
    assert net["h"].axes[0].kind == "time"


def test_idx_carries_its_own_range_from_zero():
    c = sp.Idx("c", 3)
    net = system_from_eqs([sp.Eq(a[c], W[c] ** 2), sp.Eq(J, sp.Sum(a[c], (c, 0, 2)))])
    assert (net["W"].axes[0].lower, net["W"].axes[0].upper) == (0, 2)


def test_shapes_of_an_indexed_base():
    v, u = sp.IndexedBase("v", shape=(4,)), sp.IndexedBase("u", shape=(4,))
    net = system_from_eqs([sp.Eq(u[i], v[i] ** 3), sp.Eq(J, u[1] + u[4])])
    assert net["v"].axes[0].upper == 4


def test_own_activation_and_scalars():
    g = Activation("g", sp.Symbol("z", real=True) ** 3)
    c, w = sp.symbols("c w")
    net = system_from_eqs(
        [sp.Eq(sp.Symbol("u"), w * c), sp.Eq(J, sp.Function("g")(sp.Symbol("u")))],
        activations=[g],
        inputs=["c"],
        values={"c": 2.0},
    )
    assert net["w"].role == "parameter"
    assert net.function_by_name["g"].expression is not None


@pytest.mark.parametrize(
    ("equations", "options", "words"),
    [
        ([sp.Eq(a[i], W[i] ** 2), sp.Eq(J, a[1])], {}, "the index i has no range"),
        (
            [sp.Eq(a[i], W[i]), sp.Eq(J, a[1])],
            {"ranges": {i: 2}, "inputs": ["X"]},
            "unknown quantity 'X'",
        ),
        ([sp.Eq(a[i], W[i]), sp.Eq(J, a[3])], {"ranges": {i: 2}}, "the sizes do not fit"),
        ([sp.Eq(a[i], a[i] ** 2 + 1), sp.Eq(J, a[1])], {"ranges": {i: 2}}, "a cycle: a -> a"),
        ([sp.Eq(J**2, x[1])], {}, "is no equation with a quantity on its left side"),
        ([sp.Eq(J, sp.Function("foo")(x[1]))], {}, "unknown function 'foo'"),
        ([sp.Eq(J, sp.IndexedBase("exp")[1])], {}, "'exp' is a word of the equation language"),
        ([sp.Eq(J, x[1])], {"facts": {"x": ["posit"]}}, "unknown fact 'posit'"),
    ],
)
def test_a_clear_message(equations, options, words):
    with pytest.raises(SymbackpropError) as error:
        system_from_eqs(equations, **options)
    assert words in str(error.value)
