"""A residual block: two layers of weights with a path around them."""

from __future__ import annotations

import sympy as sp

from symbackprop.errors import SpecError
from symbackprop.networks import parts
from symbackprop.networks.activations import Activation, activation
from symbackprop.networks.costs import Cost, admit, cost
from symbackprop.networks.parts import J, K, Size
from symbackprop.system.model import Axis, Description, Equation, Quantity, System, entry


def residual(
    inputs: Size = 2,
    width: Size = 3,
    inner: Size = 2,
    activation: str | Activation = "tanh",
    cost: str | Cost = "half-sse",
    name: str = "residual",
) -> System:
    """A first layer, then a residual block, whose sum r is the output.

        z1 = W1 x + b1,  a1 = f(z1);   z2 = W2 a1 + b2,  a2 = f(z2);   z3 = W3 a2 + b3
        r[j] = a1[j] + z3[j],   J = cost of r and y

    a1 reaches J on two kinds of path: through the block, and around it (local derivative 1).
    """
    f, row = _rows(activation, cost)
    n0, n1, n2 = (
        parts.size_of(given, what)
        for given, what in (
            (inputs, "the number of inputs"),
            (width, "the width"),
            (inner, "the inner width"),
        )
    )
    widths = (n0, n1, n2, n1)
    spaces = ("0", "1", "2", "1")
    quantities = [Quantity("x", "input", (Axis(K, n0, space="0"),), sp.Integer(0), meaning="input")]
    equations: list[Equation] = []
    sender = "x"
    for at in (1, 2, 3):
        layer = sp.Integer(at)
        to = Axis(J, widths[at], space=spaces[at])
        sent = Axis(K, widths[at - 1], space=spaces[at - 1])
        ranges = ((J, sp.Integer(1), widths[at]),)
        weighted = sp.Sum(entry(f"W{at}", J, K) * entry(sender, K), (K, 1, widths[at - 1]))
        quantities += [
            Quantity(f"W{at}", "weight", (to, sent), layer, meaning=f"weights of layer {at}"),
            Quantity(f"b{at}", "bias", (to,), layer, meaning=f"bias of layer {at}"),
            Quantity(
                f"z{at}", "pre-activation", (to,), layer, meaning=f"pre-activation, layer {at}"
            ),
        ]
        equations.append(Equation(f"z{at}", (J,), weighted + entry(f"b{at}", J), ranges))
        if at < 3:
            sender = f"a{at}"
            quantities.append(
                Quantity(sender, "activation", (to,), layer, f.facts, f"activation, layer {at}")
            )
            equations.append(Equation(sender, (J,), f(entry(f"z{at}", J)), ranges))
    out = Axis(J, n1, space="1")
    over_j = ((J, sp.Integer(1), n1),)
    r = Equation("r", (J,), entry("a1", J) + entry("z3", J), over_j)
    total = row.of_outputs(entry("r", J), entry("y", J), J, n1)
    constants, defaults = parts.constants_in([f], row, False)
    quantities += [
        Quantity("r", "intermediate", (out,), sp.Integer(3), meaning="output of the block"),
        Quantity("y", "target", (out,), sp.Integer(3), row.target_facts(J.name), "target"),
        *constants,
        Quantity("J", "cost", meaning="cost"),
    ]
    return System(
        name=name,
        quantities=tuple(quantities),
        equations=(*equations, r, Equation("J", (), total)),
        cost="J",
        functions=parts.functions_in([f]),
        sizes=parts.symbolic_sizes(n0, n1, n2),
        values=defaults,
        about=Description(
            kind="residual",
            title=name,
            cost=row.name,
            activations=(f.name,),
            over_outputs=row.over_outputs,
            bias="unit",
        ),
    )


def _rows(f: str | Activation, given: str | Cost) -> tuple[Activation, Cost]:
    row = cost(given)
    if row.logits:
        # The sum r is the output; a softmax after it would be another network.
        raise SpecError(
            "the residual block has no softmax output", hint="choose half-sse, mse, mae or huber"
        )
    admit(row, frozenset(), "a residual sum", "the real numbers")
    return activation(f), row
