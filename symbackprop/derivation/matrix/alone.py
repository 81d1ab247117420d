"""What the matrix view says where no other view stands before it: shapes, activations, cost, errors.

Without them its letters would be defined nowhere in the document.
"""

from __future__ import annotations

from symbackprop.calculus.written import written
from symbackprop.derivation.index.equations import with_definition
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.steps import Prose, Step, statement
from symbackprop.formula.tree import (
    Array,
    Call,
    Chain,
    Formula,
    Grad,
    Idx,
    Num,
    Ref,
    num,
)
from symbackprop.system.model import ADJOINT, Quantity, System

Lengths = tuple[Formula, ...]
Ranges = tuple[tuple[Idx, Formula, Formula], ...]


def shapes_of_layers(net: Layers) -> Prose:
    """The lengths of all arrays of the layers, one layer standing for all of a generic network."""
    layers = (net.stated,) if net.generic else _numbered(net)
    rows: list[tuple[Array, Lengths]] = [(Array("x"), (net.width(num(0)),))]
    for layer in layers:
        to, sent = net.width(layer), net.width(net.before(layer))
        weight = (sent, to) if net.sender_first else (to, sent)
        rows.append((net.array("weight", layer), weight))
        if net.system.about.bias == "unit":
            rows.append((net.array("bias", layer), (to,)))
        rows.append((net.array("pre-activation", layer), (to,)))
        rows.append((net.array("activation", layer), (to,)))
    rows.append((Array("y"), (net.width(net.depth),)))
    return Prose("matrix shapes", {"shapes": tuple(rows), "generic": net.generic})


def _numbered(net: Layers) -> tuple[Formula, ...]:
    assert isinstance(net.depth, Num)
    return tuple(num(i) for i in range(1, int(net.depth.value) + 1))


def shapes_of(system: System, sender_first: bool = False) -> list[Prose]:
    """The lengths of all vectors and matrices of a system; nothing where there is none."""
    rows: list[tuple[Array, Lengths]] = []
    for q in system.quantities:
        open_axes = [a for a in q.axes if a.kind not in ("layer", "time")]
        if q.role in ("cost", "constant") or len(open_axes) not in (1, 2):
            continue
        lengths = tuple(written(a.count, system) for a in open_axes)
        if sender_first and q.is_parameter:
            lengths = lengths[::-1]
        rows.append((Array(q.name, _lead(q, system)), lengths))
    return [Prose("matrix shapes", {"shapes": tuple(rows), "generic": False})] if rows else []


def _lead(q: Quantity, system: System) -> tuple[Formula, ...]:
    """The layer or time of an array."""
    pairs = zip(q.axes, q.indices, strict=True)
    return tuple(written(i, system) for a, i in pairs if a.kind in ("layer", "time"))


def activations_of_layers(net: Layers) -> list[Step]:
    """Each activation function written out, at one neuron of the first layer that has it."""
    j = net.letter(0)
    found: dict[str, tuple[Ref, Ref]] = {}
    for layer in (net.stated, net.depth) if net.generic else _numbered(net):
        found.setdefault(net.function_of(layer), (net.a(layer, j), net.z(layer, j)))
    return _activations(net.system, found)


def activations_of(system: System) -> list[Step]:
    """Each activation function written out, in the first equation that applies it."""
    found: dict[str, tuple[Ref, Ref]] = {}
    for e in system.equations:
        body = written(e.rhs, system)
        left = written(e.lhs, system)
        if isinstance(body, Call) and len(body.args) == 1 and isinstance(left, Ref):
            (argument,) = body.args
            if isinstance(argument, Ref):
                found.setdefault(body.name, (left, argument))
    return _activations(system, found)


def _activations(system: System, places: dict[str, tuple[Ref, Ref]]) -> list[Step]:
    chains = [with_definition(system, a, Call(name, (z,))) for name, (a, z) in places.items()]
    rows = tuple(c for c in chains if len(c.members) > 2)
    return [Step("definition", rows, topic="matrix activation")] if rows else []


def errors_of(system: System, errors: tuple[str, ...]) -> list[Step]:
    """What the letters of the errors stand for: gradients of the cost, for each range of steps."""
    found: dict[Ranges, list[Chain]] = {}
    for q in reversed(system.quantities):
        if q.role in errors:
            lead = _lead(q, system)
            name = statement(
                Array(ADJOINT + q.name, lead), Grad(Ref(system.cost), Array(q.name, lead))
            )
            found.setdefault(_ranges(q, system), []).append(name)
    return [
        Step(
            "name",
            tuple(rows),
            topic="matrix errors",
            about={"ranges": ranges},
            ranges={letter.name: (low, high) for letter, low, high in ranges},
        )
        for ranges, rows in found.items()
    ]


def _ranges(q: Quantity, system: System) -> Ranges:
    return tuple(
        (Idx(a.index.name), written(a.lower, system), written(a.upper, system))
        for a in q.axes
        if a.kind in ("layer", "time")
    )


def entries_of(system: System, refused: tuple[str, ...]) -> list[Step]:
    """Equations without a matrix form, entry by entry."""
    rows = [
        statement(written(e.lhs, system), written(e.rhs, system))
        for e in system.equations
        if e.target in refused
    ]
    return [Step("definition", tuple(rows), topic="matrix entries")] if rows else []
