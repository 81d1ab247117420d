"""The matrix view of a layered network of one sample (vectors are columns)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import plus, times
from symbackprop.derivation.index.equations import cost, half_norm
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.matrix import alone as from_alone
from symbackprop.derivation.matrix import differentials
from symbackprop.derivation.steps import By, Prose, Section, Step, statement
from symbackprop.formula.tree import (
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    MatMul,
    Matrix,
    Mul,
    Num,
    Ones,
    Transpose,
    num,
    sub,
)

SMALL = 4
"""Explicit matrices are written for layers of at most so many neurons."""


def section(net: Layers, alone: bool = False, shapes: bool = True) -> Section:
    """Forward pass, where the transpose comes from, the errors and gradients as matrices.

    alone: no other view stands before it, so shapes, activations and cost are told here.
    shapes: the notation writes the widths of the layers.
    """
    layers: tuple[Formula, ...]
    hidden: tuple[Formula, ...]
    if net.generic:
        layers, hidden = (net.stated,), (net.layer,)
    else:
        assert isinstance(net.depth, Num)
        count = int(net.depth.value)
        layers = tuple(num(i) for i in range(1, count + 1))
        hidden = tuple(num(i) for i in range(count - 1, 0, -1))
    start = forward(net, layers)
    if alone:
        told = [from_alone.shapes_of_layers(net)] if shapes or not net.generic else []
        written_out = from_alone.activations_of_layers(net)
        start = replace(start, items=(*start.items, *told, *written_out))
    items: list[Section | Prose] = [start]
    if alone and net.system.about.cost != "half-sse":  # that is told with the output, as a norm
        (equation,) = net.system.equations_of[net.system.cost]
        items.append(cost(net, written(equation.rhs, net.system)))
    items.append(output(net, alone))
    if hidden:
        items.append(transpose(net, hidden[0]))
        items.append(backward(net, hidden))
    items.append(gradients(net, layers))
    if hidden:
        items.append(differentials.section(net, net.after(hidden[0])))
    return Section("matrix", tuple(items), {"generic": net.generic, "depth": net.depth})


def apply(net: Layers, layer: Formula, argument: Formula, primes: int = 0) -> Formula:
    name = net.function_of(layer)
    return argument if name == "identity" else Call(name, (argument,), primes)


def forward(net: Layers, layers: tuple[Formula, ...]) -> Section:
    rows: list[Chain] = []
    if net.generic:
        rows.append(statement(net.array("activation", num(0)), Array("x")))
    for layer in layers:
        w, a = net.array("weight", layer), net.array("activation", net.before(layer))
        z = net.array("pre-activation", layer)
        bias = _bias(net, layer)
        rows.append(statement(z, plus(MatMul((_forwards(net, w), a)), *bias)))
        if not net.is_softmax(layer):
            rows.append(statement(net.array("activation", layer), apply(net, layer, z)))
    about = {
        "w": net.array("weight", layers[-1]),
        "bias": net.system.about.bias,
        "l": layers[-1],
        "sender": net.sender_first,
    }
    return Section("matrix forward", (_lift(net, rows, "matrix forward", about),), about)


def _lift(net: Layers, rows: Sequence[Chain], topic: str, about: Mapping[str, Any]) -> Step:
    """A step whose weight matrices are stored as the book stores them."""
    layout = ("rows", "sender") if net.sender_first else None
    return Step("lift to matrix", tuple(rows), topic=topic, about=about, layout=layout)


def _forwards(net: Layers, w: Array) -> Formula:
    """What multiplies the senders' values: w, transposed where its rows belong to senders."""
    return Transpose(w) if net.sender_first else w


def _backwards(net: Layers, w: Array) -> Formula:
    """What multiplies the receivers' errors: the other of the two."""
    return w if net.sender_first else Transpose(w)


def _bias(net: Layers, layer: Formula) -> tuple[Formula, ...]:
    """The bias as a column: a vector, or one number times a column of ones."""
    match net.system.about.bias:
        case "unit":
            return (net.array("bias", layer),)
        case "layer":
            shared = net.b(layer, net.letter(0))
            assert shared is not None
            return (Mul((shared, Ones(net.width(layer)))),)
    return ()


def output(net: Layers, alone: bool = False) -> Section:
    """BP1 for the whole output layer."""
    layer = net.depth
    delta = net.array("pre-activation", layer, error=True)
    a = net.array("activation", layer)
    z = net.array("pre-activation", layer)
    gradient = Grad(net.cost, a)
    half = net.system.about.cost == "half-sse"
    about = {"delta": delta, "a": a, "half": half, "nabla": gradient}
    if net.is_softmax(layer):
        rows = [statement(delta, sub(a, Array("y")))]
    elif net.function_of(layer) == "identity":
        rows = [statement(delta, gradient)]
    else:
        slope = apply(net, layer, z, 1)
        rows = [statement(delta, Hadamard((gradient, slope)))]
        if net.system.about.cost == "half-sse":
            put = Hadamard((sub(a, Array("y")), slope))
            rows.append(statement(delta, By("substitute", put)))
    if alone or "pre-activation" not in net.errors:
        rows.insert(0, statement(delta, By("name", Grad(net.cost, z))))
    if net.system.about.cost == "half-sse":
        rows.insert(0, statement(net.cost, half_norm(sub(Array("y"), a))))
        rows.insert(1, statement(gradient, sub(a, Array("y"))))
    steps = [_lift(net, rows, "matrix output", about)]
    if not net.generic and not net.is_softmax(layer):
        steps.insert(0, _one_output(net, layer))
    return Section("matrix output", tuple(steps), about)


def _one_output(net: Layers, layer: Formula) -> Step:
    """dJ/dz_j = dJ/da_j da_j/dz_j, for one neuron of the output layer."""
    j = net.letter(0)
    a, z = net.a(layer, j), net.z(layer, j)
    row = statement(
        net.d(z),
        times(net.d(a), Deriv(a, z)),
        By("local derivative", times(net.d(a), net.slope(layer, j))),
    )
    return Step("chain rule", (row,), topic="matrix output entry", about={"j": j, "a": a, "z": z})


def transpose(net: Layers, layer: Formula) -> Section:
    """Two sums over the same weights: what differs is the index that is summed."""
    up = net.after(layer)
    j, k = net.letter(0), net.letter(1)
    forward_sum = statement(net.z(up, k), net.weighted_sum(up, k, j))
    a_j, z_k = net.a(layer, j), net.z(up, k)
    backward_sum = statement(
        net.d(a_j),
        By("chain rule", net.over(times(net.delta(up, k), Deriv(z_k, a_j)), k, up)),
        By("local derivative", net.over(times(net.w(up, k, j), net.delta(up, k)), k, up)),
    )
    w, delta = net.array("weight", up), net.array("pre-activation", up, error=True)
    a = net.array("activation", layer)
    whole = statement(Grad(net.cost, a), MatMul((_backwards(net, w), delta)))
    about = {
        "sender": net.sender_first,
        "equal": net.width(up) == net.width(layer),
        "forward": _forwards(net, w),
        "j": j,
        "k": k,
        "w": w,
        "entry": net.w(up, k, j),
        "delta": delta,
        "a": a,
        "wt": Transpose(w),
        "up": up,
        "layer": layer,
    }
    items: list[Step | Prose] = [
        Step("definition", (forward_sum, backward_sum), topic="two sums", about=about),
        Prose("matrix times vector", about),
        _lift(net, (whole,), "transpose whole", about),
    ]
    small = _explicit(net, layer, up)
    if small is not None:
        items.append(_lift(net, small, "transpose explicit", about))
        items.append(Prose("rows and columns", about))
    items.append(Prose("transpose shapes", about))
    return Section("transpose", tuple(items), about)


def _explicit(net: Layers, layer: Formula, up: Formula) -> tuple[Chain, ...] | None:
    """The matrices with all entries, for a small network with numbers as sizes."""
    receivers, senders = net.width(up), net.width(layer)
    if not (isinstance(receivers, Num) and isinstance(senders, Num)):
        return None
    rows, columns = int(receivers.value), int(senders.value)
    if rows > SMALL or columns > SMALL:
        return None
    r, c = range(1, rows + 1), range(1, columns + 1)

    def column(entries: list[Formula]) -> Matrix:
        return Matrix(tuple((e,) for e in entries))

    z = column([net.z(up, num(i)) for i in r])
    w = Matrix(tuple(tuple(net.w(up, num(i), num(k)) for k in c) for i in r))
    a = column([net.a(layer, num(k)) for k in c])
    forward_sides: list[Formula] = [MatMul((w, a))]
    if net.system.about.bias == "unit":
        forward_sides.append(column([b for i in r if (b := net.b(up, num(i))) is not None]))
    wt = Matrix(tuple(tuple(net.w(up, num(i), num(k)) for i in r) for k in c))
    back = column([net.d(net.a(layer, num(k))) for k in c])
    delta = column([net.delta(up, num(i)) for i in r])
    rows_out = [statement(back, MatMul((wt, delta)))]
    if net.system.about.bias != "layer":
        rows_out.insert(0, statement(z, plus(*forward_sides)))
    return tuple(rows_out)


def backward(net: Layers, hidden: tuple[Formula, ...]) -> Section:
    """BP2 for whole layers."""
    rows = []
    for layer in hidden:
        up = net.after(layer)
        w, delta_up = net.array("weight", up), net.array("pre-activation", up, error=True)
        pulled = MatMul((_backwards(net, w), delta_up))
        delta = net.array("pre-activation", layer, error=True)
        if net.function_of(layer) == "identity":
            rows.append(statement(delta, pulled))
        else:
            slope = apply(net, layer, net.array("pre-activation", layer), 1)
            rows.append(statement(delta, Hadamard((pulled, slope))))
    about = {"generic": net.generic}
    return Section(
        "matrix backward",
        (_lift(net, rows, "matrix backward", about),),
        about,
    )


def gradients(net: Layers, layers: tuple[Formula, ...]) -> Section:
    """BP3 and BP4 for whole layers."""
    rows = []
    for layer in reversed(layers):
        delta = net.array("pre-activation", layer, error=True)
        a = net.array("activation", net.before(layer))
        product = (a, Transpose(delta)) if net.sender_first else (delta, Transpose(a))
        rows.append(statement(Grad(net.cost, net.array("weight", layer)), MatMul(product)))
        if net.system.about.bias == "unit":
            rows.append(statement(Grad(net.cost, net.array("bias", layer)), delta))
    about = {"bias": net.system.about.bias, "sender": net.sender_first}
    return Section(
        "matrix gradients",
        (
            _lift(net, rows, "matrix gradients", about),
            Prose("matrix conventions", about),
        ),
        about,
    )
