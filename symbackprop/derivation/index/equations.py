"""What the index view of a layered network starts from: forward pass, cost, Kronecker brackets."""

from __future__ import annotations

from symbackprop.derivation.algebra import expanded, power, times
from symbackprop.derivation.functions import WrittenFunction
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.scale import scale
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import (
    ONE,
    Add,
    Array,
    Bracket,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Idx,
    Norm,
    Num,
    Ref,
    Sum,
    num,
    sub,
)
from symbackprop.system.model import System


def bracket(left: Formula, right: Formula) -> Bracket:
    """[m = j]."""
    return Bracket(Chain((left, right), ("=",)))


def forward(net: Layers) -> Section:
    """z and a at a letter (or at each layer), the input as layer 0."""
    j, k = net.letter(0), net.letter(1)
    rows: list[Chain] = []
    composed: list[Chain] = []
    layers: tuple[Formula, ...]
    if net.generic:
        rows.append(statement(net.a(num(0), j), Ref("x", (j,))))
        layers = (net.stated,)
    else:
        assert isinstance(net.depth, Num)
        layers = tuple(num(i) for i in range(1, int(net.depth.value) + 1))
    for layer in layers:
        rows.append(statement(net.z(layer, j), net.weighted_sum(layer, j, k)))
        if net.is_softmax(layer):
            rows.append(softmax_row(net, layer, j))
        else:
            rows.append(activation(net, layer, j))
            composed.append(
                statement(net.a(layer, j), net.apply(layer, net.weighted_sum(layer, j, k)))
            )
    about = {
        "j": j,
        "k": k,
        "l": net.stated,
        "depth": net.depth,
        "generic": net.generic,
        "layers": layer_range(net, stated=True) if net.generic else None,
        "w": net.w(net.stated if net.generic else net.depth, j, k),
        "functions": tuple(f.name for f in net.system.functions),
    }
    items: list[Step | Prose] = [
        Step("definition", tuple(rows), topic="index forward", about=about)
    ]
    if composed:
        items.append(Step("substitute", tuple(composed), topic="index composed", about=about))
    items.append(Prose("index convention", about))
    return Section("forward", tuple(items), about)


def activation(net: Layers, layer: Formula, j: Idx) -> Chain:
    """`a = f(z) = 1/(1 + e^-z)`; `a = f(z)` where f is abstract or its name says all."""
    a, z = net.a(layer, j), net.z(layer, j)
    return with_definition(net.system, a, net.apply(layer, z))


def with_definition(system: System, left: Formula, right: Formula) -> Chain:
    """`left = right`, and what that is where it is an activation function at one argument."""
    functions = {f.name: f for f in system.functions}
    if not isinstance(right, Call) or len(right.args) != 1 or right.name not in functions:
        return statement(left, right)
    function = functions[right.name]
    if function.expression is None:
        return statement(left, right)
    return statement(
        left, right, By("definition", WrittenFunction(function, system).definition(right.args[0]))
    )


def layer_range(net: Layers, *, stated: bool) -> tuple[Formula, Formula, Formula]:
    """(letter, lower, upper) of the layers at which an equation holds.

    stated: where weighted sums are stated, all layers with weights; else BP2, all hidden layers.
    """
    last = _minus_one(net.depth)
    if not stated:
        return net.layer, ONE, last
    if isinstance(net.stated, Add):
        return net.layer, num(0), last
    return net.layer, ONE, net.depth


def _minus_one(formula: Formula) -> Formula:
    return expanded(sub(formula, ONE))


def softmax_row(net: Layers, layer: Formula, j: Idx) -> Chain:
    r = net.letter(2)
    top = Call("exp", (net.z(layer, j),))
    bottom = net.over(Call("exp", (net.z(layer, r),)), r, layer)
    return statement(net.a(layer, j), Div(top, bottom))


def cost(net: Layers, body: Formula) -> Section:
    """J as a sum over the outputs; for half squared error also as a norm."""
    members: list[Formula | By] = [body]
    if net.system.about.cost == "half-sse":
        # The one cost with a second form that every book uses.
        a, y = net.array("activation", net.depth), Array("y")
        if net.target_first:
            members.append(By("lift to matrix", half_norm(sub(a, y))))
        members.append(
            By("reorder" if net.target_first else "lift to matrix", half_norm(sub(y, a)))
        )
    about = {
        "cost": net.system.about.cost,
        "outputs": 2,
        "over_outputs": net.system.about.over_outputs,
    }
    return Section(
        "cost",
        (
            Step("definition", (statement(net.cost, *members),), topic="cost", about=about),
            Prose("cost scale", {**about, **scale(net.system), "about": net.system.about}),
        ),
        about,
    )


def half_norm(difference: Formula) -> Formula:
    """1/2 times the squared norm."""
    return times(Div(ONE, num(2)), power(Norm(difference), num(2)))


def brackets(net: Layers) -> Section:
    """What [m = j] means and the two things that it does."""
    layer = net.layer if net.generic else net.depth
    m, j = net.letter(2), net.letter(0)
    row = statement(Deriv(net.z(layer, m), net.z(layer, j)), bracket(m, j))
    picked = Sum(times(net.z(layer, m), bracket(m, j)), m, ONE, net.width(layer))
    about = {"m": m, "j": j, "z": net.z(layer, j), "l": layer}
    return Section(
        "brackets",
        (
            Step("local derivative", (row,), topic="bracket", about=about),
            Step(
                "bracket picks",
                (statement(picked, net.z(layer, j)),),
                topic="bracket sum",
                about=about,
            ),
        ),
        about,
    )
