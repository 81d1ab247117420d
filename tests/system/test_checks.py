"""Each way in which a system can be ill-formed has its own message."""

import pytest
import sympy as sp

from symbackprop.errors import SymbackpropError
from symbackprop.system.model import (
    Axis,
    Equation,
    Fact,
    Function,
    Quantity,
    System,
    entry,
    index,
    size,
)

i, j, k, t = (index(c) for c in "ijkt")
T = size("T")


def axis(letter, upper, **more):
    return Axis(letter, sp.Integer(upper) if isinstance(upper, int) else upper, **more)


X = Quantity("x", "input", (axis(k, 3),))
W = Quantity("W", "weight", (axis(j, 2), axis(k, 3)))
Z = Quantity("z", "intermediate", (axis(j, 2),))
J = Quantity("J", "cost")
FORWARD = Equation("z", (j,), sp.Sum(entry("W", j, k) * entry("x", k), (k, 1, 3)), ((j, 1, 2),))
COST = Equation("J", (), sp.Sum(entry("z", j) ** 2, (j, 1, 2)))

H = Quantity("h", "activation", (axis(t, T, lower=sp.Integer(0), kind="time"),))
H0 = Quantity("h0", "input")
BASE = Equation("h", (sp.Integer(0),), entry("h0"))
STEP = Equation("h", (t,), sp.tanh(entry("h", t - 1)), ((t, sp.Integer(1), T),))
LAST = Equation("J", (), entry("h", T) ** 2)


def net(*equations, quantities=(X, W, Z, J), cost="J", name="n", **more):
    return System(name, tuple(quantities), tuple(equations), cost, **more)


def z_is(rhs, ranges=((j, 1, 2),)):
    return Equation("z", (j,), rhs, ranges)


def test_a_sound_system_is_accepted():
    assert net(FORWARD, COST)["z"].role == "intermediate"


def test_a_shifted_recurrence_is_accepted():
    net(BASE, STEP, LAST, quantities=(H, H0, J), sizes=(T,))


def test_a_recurrence_may_run_backwards():
    g = Quantity("g", "intermediate", (axis(t, T + 1),))
    end = Equation("g", (T + 1,), entry("h0"))
    step = Equation("g", (t,), entry("g", t + 1) ** 2, ((t, sp.Integer(1), T),))
    net(end, step, Equation("J", (), entry("g", 1)), quantities=(g, H0, J), sizes=(T,))


def test_a_recurrence_may_read_all_earlier_steps():
    s = index("s")
    all_earlier = Equation("h", (t,), sp.Sum(entry("h", s), (s, 0, t - 1)), ((t, 1, T),))
    net(BASE, all_earlier, LAST, quantities=(H, H0, J), sizes=(T,))


CASES = {
    "a quantity defined twice": (
        lambda: net(FORWARD, COST, quantities=(X, W, Z, J, X)),
        "the name 'x' is defined twice",
    ),
    "two equations for one quantity": (
        lambda: net(FORWARD, FORWARD, COST),
        "'z' is defined twice",
    ),
    "a base case inside the family": (
        lambda: net(
            Equation("h", (sp.Integer(1),), entry("h0")),
            BASE,
            STEP,
            LAST,
            quantities=(H, H0, J),
            sizes=(T,),
        ),
        "'h' is defined twice",
    ),
    "an undefined name": (
        lambda: net(FORWARD, Equation("J", (), sp.Sum(entry("v", j), (j, 1, 2)))),
        "unknown name 'v'",
    ),
    "an undefined scalar": (
        lambda: net(FORWARD, Equation("J", (), COST.rhs * entry("mu"))),
        "unknown name 'mu'",
    ),
    "an index without an axis": (
        lambda: net(FORWARD, Equation("J", (), entry("z", j))),
        "the index j has no range: it is neither an index of 'J' nor summed",
    ),
    "too many indices": (
        lambda: net(z_is(sp.Sum(entry("W", j, k) * entry("x", k, j), (k, 1, 3))), COST),
        "'x' has 1 index (k), but is used with 2 indices",
    ),
    "no indices": (
        lambda: net(z_is(entry("W", j, 1) * entry("x")), COST),
        "'x' has 1 index (k), but stands without any",
    ),
    "sizes that do not fit": (
        lambda: net(FORWARD, Equation("J", (), sp.Sum(entry("z", j) ** 2, (j, 1, 3)))),
        "the sizes do not fit: 'z' has the index j with j = 1..3, but its axis j runs from 1 to 2",
    ),
    "swapped indices": (
        lambda: net(z_is(sp.Sum(entry("W", k, j) * entry("x", k), (k, 1, 3))), COST),
        "the sizes do not fit: 'W' has the index k with k = 1..3",
    ),
    "symbolic sizes that differ": (
        lambda: net(
            Equation("z", (j,), entry("x", j), ((j, 1, T),)),
            COST,
            quantities=(
                Quantity("x", "input", (axis(k, size("D")),)),
                Quantity("z", "intermediate", (axis(j, T),)),
                J,
            ),
            sizes=(T, size("D")),
        ),
        "the sizes do not fit: 'x' has the index j with j = 1..T, but its axis k runs from 1 to D",
    ),
    "one space of two sizes": (
        lambda: net(
            FORWARD,
            COST,
            quantities=(
                Quantity("x", "input", (axis(k, 3, space="0"),)),
                Quantity("W", "weight", (axis(j, 2), axis(k, 4, space="0"))),
                Z,
                J,
            ),
        ),
        "'x' and 'W' share an axis, but its size is 3 in one and 4 in the other",
    ),
    "a missing base case": (
        lambda: net(STEP, LAST, quantities=(H, H0, J), sizes=(T,)),
        "'h' has no equation for its first entries, t = 0",
    ),
    "a base case outside the axis": (
        lambda: net(
            STEP,
            LAST,
            quantities=(Quantity("h", "activation", (axis(t, T, kind="time"),)), H0, J),
            sizes=(T,),
        ),
        "is a base case missing, for example h[0, ...] = ...?",
    ),
    "a cycle of one": (
        lambda: net(
            BASE,
            Equation("h", (t,), entry("h", t) / 2, ((t, 1, T),)),
            LAST,
            quantities=(H, H0, J),
            sizes=(T,),
        ),
        "a cycle: h -> h; it needs itself first",
    ),
    "a cycle of two": (
        lambda: net(
            Equation("z", (j,), entry("u", j), ((j, 1, 2),)),
            Equation("u", (j,), entry("z", j), ((j, 1, 2),)),
            COST,
            quantities=(Z, Quantity("u", "intermediate", (axis(j, 2),)), J),
        ),
        "a cycle: ",
    ),
    "a cycle with shifts in both directions": (
        lambda: net(
            BASE,
            Equation("h", (T,), entry("h0")),
            Equation("h", (t,), entry("h", t - 1) + entry("h", t + 1), ((t, 1, T - 1),)),
            LAST,
            quantities=(H, H0, J),
            sizes=(T,),
        ),
        "a cycle: h -> h",
    ),
    "a use before the definition": (
        lambda: net(COST, FORWARD),
        "'J' uses 'z' before 'z' is defined",
    ),
    "an input that an equation defines": (
        lambda: net(FORWARD, COST, Equation("x", (k,), entry("x", k), ((k, 1, 3),))),
        "'x' has the role input, so its value is given, but an equation defines it",
    ),
    "a computed quantity without an equation": (
        lambda: net(COST),
        "'z' has the role intermediate, but no equation defines it",
    ),
    "an unknown role": (
        lambda: net(FORWARD, COST, quantities=(Quantity("x", "inptu", X.axes), W, Z, J)),
        "unknown role 'inptu'\n  did you mean input?",
    ),
    "a cost with axes": (
        lambda: net(FORWARD, cost="z", quantities=(X, W, Quantity("z", "cost", Z.axes))),
        "the cost must be one number, but 'z' has the axes j",
    ),
    "no cost": (lambda: net(FORWARD, COST, cost="C"), "the cost 'C' is no quantity of the system"),
    "an unknown function": (
        lambda: net(
            FORWARD,
            Equation("J", (), sp.Function("sigmod")(entry("z", 1))),
            functions=(Function("sigmoid", sp.Symbol("z", real=True), None),),
        ),
        "unknown function 'sigmod'\n  did you mean sigmoid",
    ),
    "a function that no equation may have": (
        lambda: net(FORWARD, Equation("J", (), sp.gamma(entry("z", 1)))),
        "the function gamma cannot stand in an equation",
    ),
    "a captured letter": (
        lambda: net(z_is(sp.Sum(entry("W", j, 1) * entry("x", 1), (j, 1, 2))), COST),
        "the letter j is already taken where the sum over j stands",
    ),
    "a function without its constant": (
        lambda: net(
            FORWARD,
            COST,
            functions=(Function("g", sp.Symbol("z", real=True), None, constants=("alpha",)),),
        ),
        "needs the constant 'alpha'",
    ),
    "an unknown fact": (
        lambda: net(
            FORWARD,
            COST,
            quantities=(
                Quantity("x", "input", X.axes, facts=frozenset({Fact("positiv")})),
                W,
                Z,
                J,
            ),
        ),
        "unknown fact 'positiv'\n  did you mean positive?",
    ),
    "a fact over a letter that is no axis": (
        lambda: net(
            FORWARD,
            COST,
            quantities=(
                Quantity("x", "input", X.axes, facts=frozenset({Fact("sums to 1", "o")})),
                W,
                Z,
                J,
            ),
        ),
        "the fact 'sums to 1 over o' of 'x' needs an axis o",
    ),
    "a value of the wrong shape": (
        lambda: net(FORWARD, COST, values={"x": [1.0, 2.0]}),
        "the value of 'x' has 2 entries over k, but k = 1..3 needs 3",
    ),
    "a value of no quantity": (
        lambda: net(FORWARD, COST, values={"X": 1.0}),
        "unknown quantity in the values 'X'\n  known: J, W, x, z",
    ),
    "a name that is an index letter too": (
        lambda: net(
            FORWARD,
            COST,
            Equation("k", (), entry("z", 1)),
            quantities=(X, W, Z, J, Quantity("k", "intermediate")),
        ),
        "the name 'k' is a quantity and also an index letter",
    ),
    "a division by zero": (
        lambda: net(FORWARD, Equation("J", (), entry("z", 1) + sp.zoo)),
        "has no real value",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case):
    build, words = CASES[case]
    with pytest.raises(SymbackpropError) as error:
        build()
    assert words in str(error.value)


@pytest.mark.parametrize(
    "name", ["../up", "a/b", "a\\b", "", ".hidden", "a\x00b", "a`b", "$x$", "x" * 101]
)
def test_a_name_that_could_escape_a_path_or_a_formula_is_refused(name):
    with pytest.raises(SymbackpropError, match="cannot be the name of a file"):
        net(FORWARD, COST, name=name)


@pytest.mark.parametrize("name", ["z}", "\\input{x}", "a$b", "a|b", "a b", "<b>"])
def test_a_quantity_cannot_have_a_dangerous_name(name):
    with pytest.raises(SymbackpropError):
        net(FORWARD, COST, quantities=(X, W, Z, J, Quantity(name, "input")))


def test_several_mistakes_are_reported_together():
    with pytest.raises(SymbackpropError) as error:
        net(FORWARD, COST, quantities=(Quantity("x", "inptu", X.axes), X, Z, J, W), cost="C")
    text = str(error.value)
    assert "unknown role" in text
    assert "defined twice" in text
    assert "'C' is no quantity" in text


def test_checking_takes_milliseconds():
    """A network of 100 layers is checked in far less time than it takes to differentiate it."""
    import time

    from symbackprop.networks import mlp
    from symbackprop.system.checks import check

    deep = mlp([3] * 101, "tanh")
    start = time.perf_counter()
    check(deep)
    assert time.perf_counter() - start < 1.0
