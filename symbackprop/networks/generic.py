"""A fully connected network of any depth: families of equations over the layer letter l."""

from __future__ import annotations

import sympy as sp

from symbackprop.networks import parts
from symbackprop.networks.activations import Activation, activation
from symbackprop.networks.costs import Cost, cost
from symbackprop.networks.mlp import check_output
from symbackprop.networks.parts import LAYER, J, K, N, Size
from symbackprop.system.model import Axis, Description, Equation, Quantity, System, entry

WIDTH = sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))
"""s[l], the number of neurons of layer l."""


def generic_mlp(
    activation: str | Activation = "f",
    output_activation: str | Activation | None = None,
    cost: str | Cost | None = None,
    bias: str = "unit",
    weight_decay: bool = False,
    reduction: str | None = None,
    samples: Size | None = None,
    depth: Size = "L",
    name: str = "generic-mlp",
) -> System:
    """The MLP with layers l = 1..L of s[l] neurons, s[0] inputs; base case a[0,j] = x[j].

        z[l,j] = sum(k, w[l,j,k]*a[l-1,k]) + b[l,j],   a[l,j] = f(z[l,j]),   l = 1..L

    `activation` is by default the abstract f (only known to be differentiable); the options are
    those of `mlp`.
    """
    f = _activation(activation)
    row = _cost(cost if cost is not None else parts.default_cost(_last(f, output_activation)))
    last = _last(f, output_activation)
    check_output(row, last, output_activation is not None)
    bias = parts.bias_of(bias)
    reduce, count = parts.reduction_of(reduction, samples)
    L = parts.size_of(depth, "the depth")
    batch = () if count is None else (parts.sample_axis(count),)
    n = () if count is None else (N,)
    layers = Axis(LAYER, L, kind="layer", space="layers")
    all_layers = Axis(LAYER, L, sp.Integer(0), kind="layer", space="layers")
    to = Axis(J, WIDTH[LAYER], space="s[l]")
    sent = Axis(K, WIDTH[LAYER - 1], space="s[l-1]")
    first, outputs = Axis(J, WIDTH[0], space="s[0]"), Axis(J, WIDTH[L], space="s[L]")

    weighted = sp.Sum(
        entry("w", LAYER, J, K) * entry("a", LAYER - 1, *n, K), (K, 1, WIDTH[LAYER - 1])
    )
    if bias != "none":
        weighted += entry("b", LAYER, J) if bias == "unit" else entry("b", LAYER)
    over_n = tuple((axis.index, axis.lower, axis.upper) for axis in batch)
    over_j = (J, sp.Integer(1), WIDTH[LAYER])
    one = sp.Integer(1)
    z = Equation("z", (LAYER, *n, J), weighted, ((LAYER, one, L), *over_n, over_j))
    base = Equation("a", (sp.Integer(0), *n, J), entry("x", *n, J), (*over_n, (J, one, WIDTH[0])))
    same = last == f and not row.logits
    top = L if same else L - 1
    a = Equation(
        "a", (LAYER, *n, J), f(entry("z", LAYER, *n, J)), ((LAYER, one, top), *over_n, over_j)
    )
    rules = [base, z, a]
    if not same:
        out = (
            parts.softmax(lambda q: entry("z", L, *n, q), J, WIDTH[L])
            if row.logits
            else last(entry("z", L, *n, J))
        )
        rules.append(Equation("a", (L, *n, J), out, (*over_n, (J, one, WIDTH[L]))))
    total = row.of_outputs(entry("a", L, *n, J), entry("y", *n, J), J, WIDTH[L])
    total = parts.over_samples(total, count, reduce)
    if weight_decay:
        squares = sp.Sum(
            entry("w", LAYER, J, K) ** 2,
            (K, 1, WIDTH[LAYER - 1]),
            (J, 1, WIDTH[LAYER]),
            (LAYER, 1, L),
        )
        total += parts.decay_term([squares])
    used = (f,) if same or row.logits else (f, last)
    constants, defaults = parts.constants_in(used, row, weight_decay)
    quantities = [
        Quantity("x", "input", (*batch, first), sp.Integer(0), meaning="input"),
        Quantity("w", "weight", (layers, to, sent), LAYER, meaning="weights of layer l"),
        Quantity("z", "pre-activation", (layers, *batch, to), LAYER, meaning="pre-activation"),
        Quantity("a", "activation", (all_layers, *batch, to), LAYER, meaning="activation"),
        Quantity("y", "target", (*batch, outputs), L, row.target_facts(J.name), "target"),
        *constants,
        Quantity("J", "cost", meaning="cost"),
    ]
    if bias != "none":
        axes = (layers, to) if bias == "unit" else (layers,)
        quantities.insert(2, Quantity("b", "bias", axes, LAYER, meaning="bias of layer l"))
    return System(
        name=name,
        quantities=tuple(quantities),
        equations=(*rules, Equation("J", (), total)),
        cost="J",
        functions=parts.functions_in(used),
        sizes=parts.symbolic_sizes(L, count),
        values=defaults,
        about=Description(
            kind="generic-mlp",
            title=name,
            cost=row.name,
            activations=tuple(g.name for g in used) + (("softmax",) if row.logits else ()),
            over_outputs=row.over_outputs,
            over_samples=reduce,
            bias=bias,
            decay=parts.DECAY if weight_decay else "",
            widths=(WIDTH[LAYER],),
            depth=L,
        ),
    )


def _activation(given: str | Activation) -> Activation:
    return activation(given)


def _cost(given: str | Cost) -> Cost:
    return cost(given)


def _last(f: Activation, output: str | Activation | None) -> Activation:
    return f if output is None else activation(output)
