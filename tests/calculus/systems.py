"""Random systems of equations: networks from the builders, and graphs that no builder makes."""

from __future__ import annotations

import random

import sympy as sp

from symbackprop.networks.generic import generic_mlp
from symbackprop.networks.mlp import mlp
from symbackprop.networks.recurrent import elman
from symbackprop.networks.skip import residual
from symbackprop.system.model import (
    Axis,
    Equation,
    Function,
    Quantity,
    System,
    entry,
    index,
    size,
)

ANALYTIC = ["identity", "sigmoid", "tanh", "softplus", "silu", "gelu-tanh", "sin", "exp"]
KINKED = ["relu", "leaky-relu", "elu"]
COSTS = {
    "half-sse": None,
    "mse": None,
    "mae": None,
    "huber": None,
    "hinge": None,
    "bce": "sigmoid",
    "poisson": "softplus",
    "softmax-ce": None,
}
Z = sp.Symbol("z", real=True)
SIGMOID = Function("sigmoid", Z, 1 / (1 + sp.exp(-Z)))
ONE = sp.Integer(1)


def random_network(seed: int) -> System:
    """One of the builders with random options."""
    rng = random.Random(seed)
    kind = rng.choice(["mlp", "mlp", "mlp", "mlp", "generic", "elman", "residual"])
    activation = rng.choice(ANALYTIC + KINKED)
    if kind == "residual":
        return residual(rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 3), activation)
    if kind == "elman":
        return elman(rng.randint(1, 4), rng.randint(1, 2), rng.randint(1, 2), 2, activation)
    cost = rng.choice(list(COSTS))
    options = {
        "activation": activation,
        "output_activation": COSTS[cost],
        "cost": cost,
        # Without a bias a layer of dead relus feeds exactly 0, the kink, into the next.
        "bias": "unit" if activation in KINKED else rng.choice(["unit", "layer", "none"]),
        "weight_decay": rng.random() < 0.4,
        "samples": rng.choice([None, 1, 2]),
    }
    if options["samples"]:
        options["reduction"] = rng.choice(["sum", "mean"])
    if kind == "generic":
        return generic_mlp(**options)
    sizes = [rng.randint(1, 3) for _ in range(rng.randint(2, 4))]
    if cost == "softmax-ce":
        sizes[-1] = 2
    return mlp(sizes, **options)


class RandomGraph:
    """A random graph of vectors and numbers: shared and tied weights, skips, products, norms."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.widths = {"A": 2, "B": 3}
        self.quantities: list[Quantity] = []
        self.equations: list[Equation] = []
        self.vectors: dict[str, list[str]] = {"A": [], "B": []}
        self.weights: dict[tuple[str, str], list[str]] = {}
        self.numbers: list[str] = []
        self.j, self.k = index("j"), index("k")

    def axis(self, letter: sp.Symbol, space: str) -> Axis:
        return Axis(letter, sp.Integer(self.widths[space]), space=space)

    def name(self, head: str) -> str:
        return f"{head}{len(self.quantities)}"

    def give(self, role: str, head: str, *spaces: str) -> str:
        name = self.name(head)
        axes = tuple(self.axis(x, s) for x, s in zip((self.j, self.k), spaces, strict=False))
        self.quantities.append(Quantity(name, role, axes))
        return name

    def define(self, space: str | None, rhs: sp.Expr) -> str:
        name = self.give("intermediate", "u", *([space] if space else []))
        indices = (self.j,) if space else ()
        ranges = ((self.j, ONE, sp.Integer(self.widths[space])),) if space else ()
        self.equations.append(Equation(name, indices, rhs, ranges))
        (self.vectors[space] if space else self.numbers).append(name)
        return name

    def over(self, body: sp.Expr, space: str) -> sp.Expr:
        return sp.Sum(body, (self.k, 1, self.widths[space]))

    def vector(self, space: str, letter: sp.Symbol) -> sp.Expr:
        return entry(self.rng.choice(self.vectors[space]), letter)

    def weighted(self, to: str, sender: str) -> sp.Expr:
        """W u, or V^T u with a V that goes the other way; old weights are used again."""
        turned = self.rng.random() < 0.3
        pair = (sender, to) if turned else (to, sender)
        known = self.weights.setdefault(pair, [])
        if not known or self.rng.random() < 0.5:
            known.append(self.give("weight", "W", *pair))
        name = self.rng.choice(known)
        w = entry(name, self.k, self.j) if turned else entry(name, self.j, self.k)
        return self.over(w * self.vector(sender, self.k), sender)

    def step(self) -> None:
        to, sender = self.rng.choice("AB"), self.rng.choice("AB")
        j, k = self.j, self.k
        kind = self.rng.choice(["map", "map", "call", "product", "skip", "norm", "dot", "scale"])
        if kind == "map":
            rhs = self.weighted(to, sender) + entry(self.give("bias", "b", to), j)
        elif kind == "call":
            f = self.rng.choice([SIGMOID, sp.tanh, sp.sin])
            rhs = f(self.vector(to, j))
        elif kind == "product":
            rhs = self.vector(to, j) * self.vector(to, j)
        elif kind == "skip":
            rhs = self.vector(to, j) + self.weighted(to, sender)
        elif kind == "norm":
            v = self.rng.choice(self.vectors[to])
            rhs = entry(v, j) / sp.sqrt(1 + self.over(entry(v, k) ** 2, to))
        elif kind == "dot":
            self.define(None, self.over(self.vector(to, k) * self.vector(to, k), to))
            return
        else:
            if not self.numbers:
                return
            rhs = sp.tanh(entry(self.rng.choice(self.numbers))) * self.vector(to, j)
        self.define(to, rhs)

    def system(self) -> System:
        for space in "AB":
            self.vectors[space].append(self.give("input", "x", space))
        for _ in range(self.rng.randint(3, 7)):
            self.step()
        cost = sp.S.Zero
        for space in "AB":
            y = self.give("target", "y", space)
            last = self.vectors[space][-1]
            cost += self.over((entry(last, self.k) - entry(y, self.k)) ** 2, space) / 2
        for names in self.weights.values():
            for w in names[:1]:
                q = next(q for q in self.quantities if q.name == w)
                limits = [(axis.index, 1, axis.upper) for axis in q.axes]
                cost += sp.Rational(1, 10) * sp.Sum(entry(w, self.j, self.k) ** 2, *limits)
        for number in self.numbers[-1:]:
            cost += entry(number) ** 2
        self.quantities.append(Quantity("J", "cost"))
        self.equations.append(Equation("J", (), cost))
        return System("graph", tuple(self.quantities), tuple(self.equations), "J", (SIGMOID,))


def random_graph(seed: int) -> System:
    return RandomGraph(seed).system()


def two_steps_back() -> System:
    """h[t] depends on h[t-1] and h[t-2]; the cost looks at every state and again at the last."""
    t, j, k, T = index("t"), index("j"), index("k"), size("T")
    time = Axis(t, T, sp.Integer(-1), kind="time", space="time")
    steps = Axis(t, T, kind="time", space="time")
    a, b = Axis(j, sp.Integer(2), space="h"), Axis(k, sp.Integer(2), space="h")
    over_t, over_j, over_k = (t, ONE, T), (j, ONE, sp.Integer(2)), (k, 1, 2)
    back = sum(
        sp.Sum(entry(w, j, k) * entry("h", t - lag, k), over_k) for w, lag in (("U", 1), ("V", 2))
    )
    cost = sp.Sum(entry("h", t, j) ** 2, over_j, over_t) / 2 + sp.Sum(
        sp.sin(entry("h", T, j)), over_j
    )
    return System(
        "two-steps-back",
        (
            Quantity("x", "input", (steps, a)),
            Quantity("h0", "input", (a,)),
            Quantity("h1", "input", (a,)),
            Quantity("U", "parameter", (a, b)),
            Quantity("V", "parameter", (a, b)),
            Quantity("h", "activation", (time, a)),
            Quantity("J", "cost"),
        ),
        (
            Equation("h", (sp.Integer(-1), j), entry("h1", j), (over_j,)),
            Equation("h", (sp.Integer(0), j), entry("h0", j), (over_j,)),
            Equation("h", (t, j), sp.tanh(back + entry("x", t, j)), (over_t, over_j)),
            Equation("J", (), cost),
        ),
        "J",
        sizes=(T,),
    )


def convolution() -> System:
    """z[i] = sum(s, w[s] x[i+s-1]): shifted by a summed index."""
    i, s, p = index("i"), index("s"), index("p")
    n, m = sp.Integer(4), sp.Integer(2)
    return System(
        "convolution",
        (
            Quantity("x", "input", (Axis(p, n + m - 1, space="in"),)),
            Quantity("w", "parameter", (Axis(s, m, space="kernel"),)),
            Quantity("z", "pre-activation", (Axis(i, n, space="out"),)),
            Quantity("J", "cost"),
        ),
        (
            Equation(
                "z",
                (i,),
                sp.Sum(entry("w", s) * entry("x", i + s - 1), (s, 1, m)),
                ((i, ONE, n),),
            ),
            Equation("J", (), sp.Sum(sp.sin(entry("z", i)) ** 2, (i, 1, n))),
        ),
        "J",
    )
