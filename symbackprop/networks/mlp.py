"""Fully connected networks of a fixed depth: `mlp`, `neuron`, `softmax_regression`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp

from symbackprop.errors import SpecError
from symbackprop.networks import parts
from symbackprop.networks.activations import Activation, activation
from symbackprop.networks.costs import Cost, admit, cost
from symbackprop.networks.parts import J, K, N, Size
from symbackprop.system.facts import facts
from symbackprop.system.model import (
    Axis,
    Description,
    Equation,
    Fact,
    Quantity,
    System,
    entry,
)

Activations = str | Activation | Sequence[str | Activation]


def mlp(
    sizes: Sequence[Size],
    activation: Activations = "sigmoid",
    output_activation: str | Activation | None = None,
    cost: str | Cost | None = None,
    bias: str = "unit",
    weight_decay: bool = False,
    reduction: str | None = None,
    samples: Size | None = None,
    name: str = "",
) -> System:
    """A multilayer perceptron.

        z1[j] = sum(k, W1[j,k]*x[k]) + b1[j],  a1[j] = f(z1[j]),  ...,  J = cost of a{L} and y

    sizes          layer sizes, input first: numbers or names ("n0")
    activation     one for all layers, or one for each; `output_activation` overrides the last
    cost           a name or a `Cost`; None: bce where the outputs lie in (0, 1), else half-sse
    bias           'unit' (b1[j]), 'layer' (one b1 for the whole layer), 'none'
    weight_decay   adds lambda/2 times the sum of all squared weights
    samples        None: one sample without a sample axis; a number or a name such as "m"
    reduction      'sum' or 'mean' over the samples; given alone it means m samples

    Raises SpecError, ManyErrors, UnknownName.
    """
    widths = _widths(sizes)
    depth = len(widths) - 1
    row, rows = _rows(cost, activation, output_activation, depth)
    bias = parts.bias_of(bias)
    reduce, count = parts.reduction_of(reduction, samples)
    last = _Layers(widths, count, bias)
    for layer, f in enumerate(rows, start=1):
        last.add(layer, f, softmax=row.logits and layer == depth)
    outputs = widths[-1]
    prefix = () if count is None else (N,)
    a, y = entry(f"a{depth}", *prefix, J), entry("y", *prefix, J)
    total = parts.over_samples(row.of_outputs(a, y, J, outputs), count, reduce)
    if weight_decay:
        total += parts.decay_term(
            sp.Sum(entry(f"W{at}", J, K) ** 2, (K, 1, widths[at - 1]), (J, 1, widths[at]))
            for at in range(1, depth + 1)
        )
    used = rows[:-1] if row.logits else rows
    constants, defaults = parts.constants_in(used, row, weight_decay)
    target = Quantity(
        "y",
        "target",
        (*last.samples, _axis(J, widths, depth)),
        sp.Integer(depth),
        row.target_facts(J.name),
        "target",
    )
    return System(
        name=name or _name_of(widths),
        quantities=(*last.quantities, target, *constants, Quantity("J", "cost", meaning="cost")),
        equations=(*last.equations, Equation("J", (), total)),
        cost="J",
        functions=parts.functions_in(used),
        sizes=parts.symbolic_sizes(*widths, count),
        values=defaults,
        about=Description(
            kind="mlp",
            title=name,
            cost=row.name,
            activations=tuple(f.name for f in used) + (("softmax",) if row.logits else ()),
            over_outputs=row.over_outputs,
            over_samples=reduce,
            bias=bias,
            decay=parts.DECAY if weight_decay else "",
            widths=widths,
            depth=sp.Integer(depth),
        ),
    )


def neuron(
    inputs: Size = 2,
    activation: str | Activation = "sigmoid",
    cost: str | Cost | None = None,
    name: str = "neuron",
) -> System:
    """A single neuron: the `mlp` of sizes (inputs, 1), described as a neuron."""
    net = mlp([inputs, 1], activation=activation, cost=cost, name=name)
    return replace(net, about=replace(net.about, kind="neuron"))


def softmax_regression(
    inputs: Size = 3,
    outputs: Size = 3,
    weight_decay: bool = False,
    reduction: str | None = None,
    samples: Size | None = None,
    name: str = "softmax-regression",
) -> System:
    """Softmax regression: the `mlp` of sizes (inputs, outputs) with the cost softmax-ce."""
    net = mlp(
        [inputs, outputs],
        cost="softmax-ce",
        weight_decay=weight_decay,
        reduction=reduction,
        samples=samples,
        name=name,
    )
    return replace(net, about=replace(net.about, kind="softmax-regression"))


class _Layers:
    """Quantities and equations, layer by layer."""

    def __init__(self, widths: tuple[sp.Expr, ...], count: sp.Expr | None, bias: str) -> None:
        self.widths = widths
        self.bias = bias
        self.samples = () if count is None else (parts.sample_axis(count),)
        self.prefix = tuple(axis.index for axis in self.samples)
        self.sender = "x"
        axes = (*self.samples, _axis(K, widths, 0))
        self.quantities = [Quantity("x", "input", axes, sp.Integer(0), meaning="input")]
        self.equations: list[Equation] = []

    def add(self, at: int, f: Activation, softmax: bool) -> None:
        layer = sp.Integer(at)
        to, sent = _axis(J, self.widths, at), _axis(K, self.widths, at - 1)
        z, a = f"z{at}", f"a{at}"
        weighted = sp.Sum(
            entry(f"W{at}", J, K) * entry(self.sender, *self.prefix, K), (K, 1, self.widths[at - 1])
        )
        self.quantities.append(
            Quantity(f"W{at}", "weight", (to, sent), layer, meaning=f"weights of layer {at}")
        )
        if self.bias != "none":
            own = self.bias == "unit"
            weighted += entry(f"b{at}", J) if own else entry(f"b{at}")
            self.quantities.append(
                Quantity(
                    f"b{at}", "bias", (to,) if own else (), layer, meaning=f"bias of layer {at}"
                )
            )
        axes = (*self.samples, to)
        values = f.facts
        out = f(entry(z, *self.prefix, J))
        if softmax:
            # A softmax over one neuron is 1, and a symbolic width may be 1.
            several = self.widths[at].is_Integer and self.widths[at] > 1
            values = facts("in (0,1)" if several else "positive") | {Fact("sums to 1", J.name)}
            out = parts.softmax(lambda q: entry(z, *self.prefix, q), J, self.widths[at])
        self.quantities += [
            Quantity(z, "pre-activation", axes, layer, meaning=f"pre-activation of layer {at}"),
            Quantity(a, "activation", axes, layer, values, f"activation of layer {at}"),
        ]
        letters = (*self.prefix, J)
        ranges = tuple((axis.index, axis.lower, axis.upper) for axis in axes)
        self.equations += [
            Equation(z, letters, weighted, ranges),
            Equation(a, letters, out, ranges),
        ]
        self.sender = a


def _name_of(widths: tuple[sp.Expr, ...]) -> str:
    """2-2-2; of a very deep network only first and last: the name is also a file's name."""
    name = "-".join(str(w) for w in widths)
    return name if len(name) <= 80 else f"mlp-{len(widths) - 1}-layers"


def _axis(letter: sp.Symbol, widths: tuple[sp.Expr, ...], layer: int) -> Axis:
    return Axis(letter, widths[layer], space=str(layer))


def _widths(sizes: Sequence[Size]) -> tuple[sp.Expr, ...]:
    if isinstance(sizes, str) or len(sizes) < 2:
        raise SpecError(
            "a network needs at least two sizes: its inputs and its outputs",
            hint="for example 2-2-2",
        )
    return tuple(parts.size_of(s, f"size {i}") for i, s in enumerate(sizes, start=1))


def _rows(
    given_cost: str | Cost | None,
    given: Activations,
    output: str | Activation | None,
    depth: int,
) -> tuple[Cost, tuple[Activation, ...]]:
    """The cost row and one activation row for each layer, checked against each other."""
    if isinstance(given, str | Activation):
        rows = [activation(given)] * depth
    else:
        rows = [activation(g) for g in given]
        if len(rows) != depth:
            raise SpecError(
                f"{len(rows)} activations for {depth} layers of weights",
                hint="give one for all layers, or one for each",
            )
    if output is not None:
        rows[-1] = activation(output)
    row = cost(given_cost if given_cost is not None else parts.default_cost(rows[-1]))
    check_output(row, rows[-1], output is not None)
    return row, tuple(rows)


def check_output(row: Cost, last: Activation, named: bool) -> None:
    """Raise SpecError unless the output activation fits the cost."""
    if row.logits:
        if named:
            raise SpecError(
                f"the cost {row.name} takes the last pre-activation as logits, so the output has "
                f"no activation of its own, but {last.name} was given",
                hint="leave out the output activation, or choose another cost",
            )
        return
    admit(row, last.facts, last.name, last.range)
