"""The algorithm in index form: forward, errors from the cost backwards (and through time), updates last."""

from __future__ import annotations

from symbackprop.calculus.adjoint import AdjointSystem
from symbackprop.calculus.written import written
from symbackprop.derivation.descent import descent
from symbackprop.derivation.index import softmax
from symbackprop.derivation.index.general import values_of
from symbackprop.derivation.index.teller import Teller
from symbackprop.derivation.steps import Prose, Section, Step, statement
from symbackprop.formula.tree import Chain, Deriv, Formula, Idx, Num, Ref
from symbackprop.notation.slots import rate_name
from symbackprop.system.model import ADJOINT, System


def algorithm(adjoints: AdjointSystem, errors: tuple[str, ...]) -> Section:
    """Forward, derivatives from the cost backwards, updates last."""
    teller = Teller(adjoints, errors)
    system = adjoints.system
    rate = Ref(rate_name(system))
    inner: list[Chain] = []
    found: list[Chain] = []
    updates: list[Chain] = []
    needless = _passed_over(teller)
    for adjoint in adjoints.adjoints:
        q = adjoint.quantity
        if q.name in (system.cost, *needless) or q.role in ("input", "target", "constant"):
            continue
        told = softmax.result(teller, adjoint)
        pairs = [told] if told is not None else values_of(teller, adjoint)
        for node, value in pairs:
            left = Deriv(teller.cost, node)
            if q.role in errors:
                inner.append(statement(Ref(ADJOINT + node.name, node.indices), value))
            elif not q.is_parameter:
                inner.append(statement(left, value))
            else:
                found.append(statement(left, value))
                updates.append(descent(node, left, value, rate=rate))
    return Section(
        "algorithm",
        (
            Prose("algorithm forward", {}),
            *_backwards(system, tuple(inner or found)),
            Prose("algorithm update", {}),
            Step("update", tuple(updates), topic="algorithm updates", about={}),
        ),
        {},
    )


def _passed_over(teller: Teller) -> tuple[str, ...]:
    """The outputs of a softmax whose entrance has output minus target as its error."""
    return tuple(
        c.consumer.target
        for adjoint in teller.adjoints.adjoints
        if softmax.result(teller, adjoint) is not None
        for c in adjoint.contributions
    )


def _backwards(system: System, rows: tuple[Chain, ...]) -> tuple[Step | Prose, ...]:
    """The errors in the order in which they can be computed; through time, one step after the other."""
    time = next((a for q in system.quantities for a in q.axes if a.kind == "time"), None)
    placed = [(row, _time_of(system, row)) for row in rows]
    if time is None or all(at in (None, Idx(time.index.name)) for _, at in placed):
        return (
            Prose("algorithm errors", {}),
            Step("result", rows, topic="algorithm backwards", about={}),
        )
    last = written(time.upper, system)
    about = {
        "t": Idx(time.index.name),
        "last": last,
        "only": tuple(row.members[0] for row, at in placed if at == last),
    }
    each = tuple(row for row, at in placed if not isinstance(at, Num) or at == last)
    start = tuple(row for row, at in placed if isinstance(at, Num) and at != last)
    told: list[Step | Prose] = [
        Prose("algorithm errors in time", about),
        Step("result", each, topic="algorithm one step", about=about),
    ]
    if start:
        told.append(Step("result", start, topic="algorithm start", about=about))
    return tuple(told)


def _time_of(system: System, row: Chain) -> Formula | None:
    """The time that the left side of a row speaks of."""
    left = row.members[0]
    node = left.by if isinstance(left, Deriv) else left
    assert isinstance(node, Ref)
    axes = system[node.name.removeprefix(ADJOINT)].axes
    return next((i for a, i in zip(axes, node.indices, strict=True) if a.kind == "time"), None)
