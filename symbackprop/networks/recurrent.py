"""The Elman network: one hidden layer that reads its own last value, T steps, shared weights."""

from __future__ import annotations

import sympy as sp

from symbackprop.networks import parts
from symbackprop.networks.activations import Activation, activation
from symbackprop.networks.parts import Size
from symbackprop.system.facts import facts
from symbackprop.system.model import (
    Axis,
    Description,
    Equation,
    Fact,
    Quantity,
    System,
    entry,
    index,
)

T_, I_, J_, K_, O_ = (index(letter) for letter in "tijko")


def elman(
    steps: Size = "T",
    inputs: Size = "D",
    hidden: Size = "H",
    outputs: Size = "K",
    activation: str | Activation = "tanh",
    name: str = "elman",
) -> System:
    """An Elman network with a softmax output at every step, cost summed over steps and outputs.

    z[t,i] = sum(k, W[i,k]*x[t,k]) + sum(j, U[i,j]*h[t-1,j]) + b[i],   h[t,i] = tanh(z[t,i])
    q[t,o] = sum(i, V[o,i]*h[t,i]) + c[o],   p[t,o] = softmax(o, q[t,o])
    J_ = -sum(t,o, y[t,o]*log(p[t,o])),   h[0,i] = h0[i]
    """
    f = _activation(activation)
    steps_, width_in, width, width_out = (
        parts.size_of(given, what)
        for given, what in (
            (steps, "the number of steps"),
            (inputs, "the number of inputs"),
            (hidden, "the number of hidden neurons"),
            (outputs, "the number of outputs"),
        )
    )
    one = sp.Integer(1)
    time = Axis(T_, steps_, kind="time", space="time")
    from_start = Axis(T_, steps_, sp.Integer(0), kind="time", space="time")
    i, j = Axis(I_, width, space="hidden"), Axis(J_, width, space="hidden")
    k, o = Axis(K_, width_in, space="inputs"), Axis(O_, width_out, space="outputs")
    over_t, over_i, over_o = (T_, one, steps_), (I_, one, width), (O_, one, width_out)

    incoming = sp.Sum(entry("W", I_, K_) * entry("x", T_, K_), (K_, 1, width_in))
    remembered = sp.Sum(entry("U", I_, J_) * entry("h", T_ - 1, J_), (J_, 1, width))
    read = sp.Sum(entry("V", O_, I_) * entry("h", T_, I_), (I_, 1, width)) + entry("c", O_)
    share = parts.softmax(lambda r: entry("q", T_, r), O_, width_out)
    loss = -sp.Sum(
        entry("y", T_, O_) * sp.log(entry("p", T_, O_)), (O_, 1, width_out), (T_, 1, steps_)
    )
    equations = (
        Equation("h", (sp.Integer(0), I_), entry("h0", I_), (over_i,)),
        Equation("z", (T_, I_), incoming + remembered + entry("b", I_), (over_t, over_i)),
        Equation("h", (T_, I_), f(entry("z", T_, I_)), (over_t, over_i)),
        Equation("q", (T_, O_), read, (over_t, over_o)),
        Equation("p", (T_, O_), share, (over_t, over_o)),
        Equation("J", (), loss),
    )
    likely = "in (0,1)" if width_out.is_Integer and width_out > 1 else "positive"
    constants, defaults = parts.constants_in([f], None, False)
    quantities = (
        Quantity("x", "input", (time, k), meaning="input at step t"),
        Quantity("h0", "input", (i,), meaning="hidden state before the first step"),
        Quantity("W", "parameter", (i, k), meaning="weights from the input"),
        Quantity("U", "parameter", (i, j), meaning="weights from the last hidden state"),
        Quantity("b", "parameter", (i,), meaning="bias of the hidden layer"),
        Quantity("V", "parameter", (o, i), meaning="weights to the output"),
        Quantity("c", "parameter", (o,), meaning="bias of the output"),
        Quantity("z", "pre-activation", (time, i), meaning="pre-activation at step t"),
        Quantity("h", "activation", (from_start, i), meaning="hidden state at step t"),
        Quantity("q", "pre-activation", (time, o), meaning="logits at step t"),
        Quantity(
            "p",
            "activation",
            (time, o),
            facts=facts(likely) | {Fact("sums to 1", O_.name)},
            meaning="output at step t",
        ),
        Quantity(
            "y",
            "target",
            (time, o),
            facts=facts("in [0,1]") | {Fact("sums to 1", O_.name)},
            meaning="target at step t",
        ),
        *constants,
        Quantity("J", "cost", meaning="cost"),
    )
    return System(
        name=name,
        quantities=quantities,
        equations=equations,
        cost="J",
        functions=parts.functions_in([f]),
        sizes=parts.symbolic_sizes(steps_, width_in, width, width_out),
        values=defaults,
        about=Description(
            kind="rnn",
            title=name,
            cost="softmax-ce",
            activations=(f.name, "softmax"),
            over_outputs="sum",
            bias="unit",
        ),
    )


def _activation(given: str | Activation) -> Activation:
    return activation(given)
