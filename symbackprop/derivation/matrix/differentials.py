"""The transposes once more, without any index: small changes, and what multiplies them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from symbackprop.derivation.algebra import times
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.steps import By, Section, Step, statement
from symbackprop.formula.tree import Array, Chain, Formula, Grad, MatMul, Ref, Transpose
from symbackprop.notation.slots import DIFFERENTIAL
from symbackprop.system.model import System


def section(net: Layers, up: Formula) -> Section:
    """For the weights into layer `up`: a change of what they multiply, then a change of themselves."""
    before = net.before(up)
    w, a = net.array("weight", up), net.array("activation", before)
    z, delta = net.array("pre-activation", up), net.array("pre-activation", up, error=True)
    dw, da, dz = change(w), change(a), change(z)
    cost, whole = _cost(net, up)

    def forwards(matrix: Formula) -> Formula:
        return Transpose(matrix) if net.sender_first else matrix

    def backwards(matrix: Formula) -> Formula:
        return matrix if net.sender_first else Transpose(matrix)

    by_value, by_weight = _moved(net, up)
    # A definition says what a name means at a letter, not at l + 1.
    meant = _moved(net, net.layer) if net.generic else (by_value, by_weight)
    meant_cost = _cost(net, net.layer)[1] if net.generic else whole
    row = Transpose(delta)
    back = MatMul((backwards(w), delta))
    j, k = net.letter(0), net.letter(1)
    entry = net.w(up, k, j)
    head, value = whole.members
    named = statement(head, By("name", value), By("name", MatMul((row, dz))))
    start = statement(dz, By("name", by_value.members[-1]))
    moved = net.over(
        net.over(times(net.delta(up, k), net.a(before, j), change(entry)), j, before), k, up
    )
    about = {
        "a": a,
        "w": w,
        "z": z,
        "da": da,
        "dw": dw,
        "dz": dz,
        "cost": net.cost,
        "entry": entry,
        "factor": times(net.delta(up, k), net.a(before, j)),
        "j": j,
        "k": k,
        "sender": net.sender_first,
    }
    steps = (
        _step(net, (start,), "differential start", about),
        _step(
            net,
            (named,),
            "differential cost",
            about,
            (meant[0], *((meant_cost,) if net.generic else ())),
        ),
        _step(
            net,
            (
                statement(
                    cost,
                    By("substitute", MatMul((row, dz))),
                    By("substitute", MatMul((row, MatMul((forwards(w), da))))),
                    By("reorder", MatMul((Transpose(back), da))),
                ),
            ),
            "differential value",
            about,
            (meant[0], meant_cost),
        ),
        _step(net, (statement(Grad(net.cost, a), back),), "differential gradient", about),
        _step(
            net,
            (
                statement(
                    cost,
                    By("substitute", MatMul((row, dz))),
                    By("substitute", MatMul((row, MatMul((forwards(dw), a))))),
                    By("lift to matrix", moved),
                ),
            ),
            "differential weight",
            about,
            (meant[1], meant_cost),
        ),
    )
    return Section("differentials", steps, about, with_changes(net.system, (a.name, w.name)))


def _moved(net: Layers, layer: Formula) -> tuple[Chain, Chain]:
    """dz = w da, and dz = dw a."""
    w, a = net.array("weight", layer), net.array("activation", net.before(layer))
    dz = change(net.array("pre-activation", layer))

    def forwards(matrix: Formula) -> Formula:
        return Transpose(matrix) if net.sender_first else matrix

    return (
        statement(dz, MatMul((forwards(w), change(a)))),
        statement(dz, MatMul((forwards(change(w)), a))),
    )


def _cost(net: Layers, layer: Formula) -> tuple[Ref, Chain]:
    """dJ where the pre-activations of that layer move, and what it is."""
    z = net.array("pre-activation", layer)
    cost = Ref(DIFFERENTIAL + net.system.cost, (layer,) if net.generic else ())
    return cost, statement(cost, MatMul((Transpose(Grad(net.cost, z)), change(z))))


def _step(
    net: Layers,
    rows: tuple[Chain, ...],
    topic: str,
    about: dict[str, object],
    definitions: tuple[Chain, ...] = (),
) -> Step:
    layout = ("rows", "sender") if net.sender_first else None
    return Step(
        "lift to matrix", rows, topic=topic, about=about, layout=layout, definitions=definitions
    )


Thing = TypeVar("Thing", Array, Ref)


def change(thing: Thing) -> Thing:
    """da: a small change of `a`."""
    return replace(thing, name=DIFFERENTIAL + thing.name)


def with_changes(system: System, names: tuple[str, ...]) -> System:
    """The network with a freely chosen change of each of these quantities beside it."""
    changes = tuple(
        replace(
            q,
            name=DIFFERENTIAL + q.name,
            role="weight" if q.role == "weight" else "input",
            facts=frozenset(),
        )
        for q in system.quantities
        if q.name in names
    )
    return replace(system, quantities=(*system.quantities, *changes))
