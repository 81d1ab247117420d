"""Random systems: perceptrons, recurrences, convolutions, graphs with sharing and products.

Every system is made from one seed; sizes are small and differ, so that a swapped index shows.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import sympy as sp

from symbackprop.errors import SymbackpropError
from symbackprop.networks import elman, generic_mlp, mlp, residual, softmax_regression
from symbackprop.networks.activations import ACTIVATIONS, activation
from symbackprop.networks.costs import COSTS
from symbackprop.system.model import Axis, Equation, Function, Quantity, System, entry, index

NAMED = [name for name in ACTIVATIONS if name not in ("f", "identity")]
SMOOTH = ["sigmoid", "tanh", "softplus", "silu", "sin"]


def random_system(seed: int) -> System:
    """The system of that number."""
    r = random.Random(seed)
    return r.choice(
        [perceptron, perceptron, perceptron, graph, graph, recurrence, convolution, other]
    )(r)


def perceptron(r: random.Random) -> System:
    """Any admissible activation, cost, bias, decay, sample axis and reduction."""
    while True:
        sizes = [r.randint(1, 4) for _ in range(r.randint(2, 4))]
        options: dict[str, object] = {
            "activation": r.choice(NAMED),
            "cost": r.choice(list(COSTS)),
            "bias": r.choice(["unit", "layer", "none"]),
            "weight_decay": r.random() < 0.3,
        }
        if r.random() < 0.4 and options["cost"] != "softmax-ce":
            options["output_activation"] = r.choice([*NAMED, "identity"])
        if r.random() < 0.4:
            options["samples"] = r.choice(["m", 3])
            options["reduction"] = r.choice(["sum", "mean"])
        try:
            return mlp(sizes, **options)  # type: ignore[arg-type]
        except SymbackpropError:
            continue


def other(r: random.Random) -> System:
    """The remaining builders."""
    build: list[Callable[[], System]] = [
        lambda: elman(r.randint(1, 4), 2, 3, 2, activation=r.choice(SMOOTH)),
        lambda: residual(2, 3, r.randint(1, 4), activation=r.choice(SMOOTH)),
        lambda: softmax_regression(r.randint(1, 4), r.randint(2, 4)),
        lambda: generic_mlp(
            r.choice(SMOOTH),
            cost="half-sse",
            bias=r.choice(["unit", "layer"]),
            weight_decay=r.random() < 0.5,
            reduction=r.choice([None, "mean"]),
        ),
    ]
    return r.choice(build)()


def axis(letter: str, count: int, kind: str = "unit", lower: int = 1) -> Axis:
    return Axis(index(letter), sp.Integer(lower + count - 1), sp.Integer(lower), kind)


def ranges(axes: tuple[Axis, ...]) -> tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]:
    return tuple((a.index, a.lower, a.upper) for a in axes)


class Maker:
    """Quantities and equations as they come."""

    def __init__(self, r: random.Random) -> None:
        self.r = r
        self.quantities: list[Quantity] = []
        self.equations: list[Equation] = []
        self.functions: dict[str, Function] = {}

    def given(self, name: str, role: str, *axes: Axis) -> str:
        self.quantities.append(Quantity(name, role, axes))
        return name

    def define(self, name: str, axes: tuple[Axis, ...], rhs: sp.Expr, role: str = "") -> str:
        if name not in {q.name for q in self.quantities}:
            self.quantities.append(Quantity(name, role or "intermediate", axes))
        letters = tuple(a.index for a in axes)
        self.equations.append(Equation(name, letters, rhs, ranges(axes)))
        return name

    def apply(self, name: str, argument: sp.Expr) -> sp.Expr:
        row = activation(name)
        value = row(argument)
        if value.func.__name__ == row.function_name:
            self.functions[row.function_name] = row.function()
        return value

    def system(self, name: str, cost: sp.Expr) -> System:
        self.define("J", (), cost, "cost")
        return System(
            name,
            tuple(self.quantities),
            tuple(self.equations),
            "J",
            functions=tuple(self.functions.values()),
        )


def graph(r: random.Random) -> System:
    """Vectors made from earlier vectors: shared weights, skips, products, gates, softmax."""
    m = Maker(r)
    j, k, q = index("j"), index("k"), index("q")
    sizes = {"x": r.randint(2, 4)}
    m.given("x", "input", axis("k", sizes["x"]))
    weights: dict[tuple[int, int], str] = {}
    total = sp.Integer(0)
    for step in range(r.randint(2, 6)):
        name = f"v{step}"
        source = r.choice(list(sizes))
        n = sizes[source]
        kind = r.choice(["linear", "linear", "function", "product", "sum", "gate", "softmax"])
        if kind == "linear":
            out = r.randint(2, 4)
            if (out, n) not in weights:
                weight = f"W{len(weights)}"
                m.given(weight, "parameter", axis("j", out), axis("k", n))
                weights[(out, n)] = weight
            rhs = sp.Sum(entry(weights[(out, n)], j, k) * entry(source, k), (k, 1, n))
            if r.random() < 0.5:
                m.given(f"c{step}", "parameter", axis("j", out))
                rhs += entry(f"c{step}", j)
            n = out
        elif kind == "function":
            rhs = m.apply(r.choice(SMOOTH), entry(source, j))
        elif kind in ("product", "sum"):
            partner = r.choice([s for s in sizes if sizes[s] == n])
            one, two = entry(source, j), entry(partner, j)
            rhs = one * two if kind == "product" else one - 2 * two
        elif kind == "gate":
            m.given(f"g{step}", "parameter")
            rhs = (
                entry(source, j) * sp.tanh(entry(f"g{step}")) * sp.Sum(entry(source, q), (q, 1, n))
            )
        else:
            rhs = sp.exp(entry(source, j)) / sp.Sum(sp.exp(entry(source, q)), (q, 1, n))
        m.define(name, (axis("j", n),), rhs)
        sizes[name] = n
        total += sp.Sum(entry(name, j) ** 2, (j, 1, n)) / (step + 2)
    last = list(sizes)[-1]
    m.given("y", "target", axis("j", sizes[last]))
    total += sp.Sum(sp.tanh(entry(last, j)) * entry("y", j), (j, 1, sizes[last]))
    for (out, n), weight in weights.items():
        total += sp.Sum(entry(weight, j, k) ** 2, (k, 1, n), (j, 1, out)) / 7
    if not m.quantities or not any(x.is_parameter for x in m.quantities):
        return graph(r)
    return m.system("graph", total)


def recurrence(r: random.Random) -> System:
    """h[t] from h[t-1], from h[t-2] too, or backwards from h[t+1]; a cost at every step or the last."""
    m = Maker(r)
    t, i, j, k = (index(x) for x in "tijk")
    steps, width, inputs = r.randint(2, 4), r.randint(1, 3), r.randint(1, 3)
    backwards, second = r.random() < 0.4, r.random() < 0.4
    time = axis("t", steps, "time")
    m.given("x", "input", time, axis("k", inputs))
    m.given("y", "target", time, axis("i", width))
    m.given("W", "parameter", axis("i", width), axis("k", inputs))
    m.given("U", "parameter", axis("i", width), axis("j", width))
    extra = 2 if second and not backwards else 1
    first = 1 - extra if not backwards else 1
    long_time = axis("t", steps + extra, "time", first)
    m.quantities.append(Quantity("h", "intermediate", (long_time, axis("i", width))))
    unit = ranges((axis("i", width),))
    starts = [steps + 1] if backwards else [0, -1][:extra]
    for start in starts:
        m.equations.append(Equation("h", (sp.Integer(start), i), sp.Integer(0), unit))
    before = t + 1 if backwards else t - 1
    inner = sp.Sum(entry("W", i, k) * entry("x", t, k), (k, 1, inputs))
    inner += sp.Sum(entry("U", i, j) * entry("h", before, j), (j, 1, width))
    if second and not backwards:
        inner += entry("h", t - 2, i) / 2
    body = (time, axis("i", width))
    if r.random() < 0.5:
        m.quantities.append(Quantity("z", "pre-activation", body))
        m.equations.append(Equation("z", (t, i), inner, ranges(body)))
        inner = entry("z", t, i)
    m.equations.append(Equation("h", (t, i), m.apply(r.choice(SMOOTH), inner), ranges(body)))
    if r.random() < 0.5:
        gap = entry("h", t, i) - entry("y", t, i)
        cost = sp.Sum(gap**2 / 2, (i, 1, width), (t, 1, steps))
    else:
        at = sp.Integer(1 if backwards else steps)
        gap = entry("h", at, i) - entry("y", at, i)
        cost = sp.Sum(gap**2 / 2, (i, 1, width))
    return m.system("recurrence", cost)


def convolution(r: random.Random) -> System:
    """c[t] = sum(s, K[s] x[t+s-1]), then a function, then a weighted sum."""
    m = Maker(r)
    t, s = index("t"), index("s")
    length, width = r.randint(3, 5), r.randint(2, 3)
    out = length - width + 1
    m.given("x", "input", axis("t", length))
    m.given("y", "target", axis("t", out))
    m.given("K", "parameter", axis("s", width))
    m.given("b", "parameter")
    m.define(
        "c",
        (axis("t", out),),
        sp.Sum(entry("K", s) * entry("x", t + s - 1), (s, 1, width)) + entry("b"),
    )
    m.define("a", (axis("t", out),), m.apply(r.choice([*SMOOTH, "relu"]), entry("c", t)))
    return m.system("convolution", sp.Sum((entry("a", t) - entry("y", t)) ** 2, (t, 1, out)))
