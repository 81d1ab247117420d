"""Section 2: every letter and what it means; and what a partial derivative means."""

from __future__ import annotations

import re

import sympy as sp

from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import expanded, plus
from symbackprop.derivation.steps import Prose, Section, Table
from symbackprop.formula.tree import ONE, Deriv, Idx, Neg, Num, Ref
from symbackprop.notation.base import Notation
from symbackprop.notation.slots import ERROR
from symbackprop.notation.table import SymbolRow
from symbackprop.system.model import System

FACT_KEYS = {
    "in (0,1)": "open unit",
    "in [0,1]": "closed unit",
    "in {0,1}": "binary",
    "in {-1,1}": "signs",
    "in (-1,1)": "open signs",
    "positive": "positive",
    "nonnegative": "nonnegative",
    "sums to 1": "sums to one",
}


NEVER_NEGATIVE = ("bce", "half-sse", "mse", "mae", "huber", "hinge", "softmax-ce")
"""Costs that are 0 or more, whatever the outputs."""


def section(system: System, notation: Notation, example: Ref) -> Section:
    """The symbol table. `example` is a node whose partial derivative the text explains."""
    rows: list[tuple[object, ...]] = []
    for row in notation.symbol_rows(system):
        base = row.key.removeprefix(ERROR)
        kind = "error" if row.key.startswith(ERROR) else base
        about = {"key": row.key, "of": base, **_places(row)}
        if kind == "intermediate" and system.about.kind == "residual":
            kind = "block sum"
        if kind == "parameter":
            about |= _use(system, row.names[0])
        rows.append(
            (
                ("symbols", {"symbols": row.symbols, "layers": row.layers}),
                (f"meaning {kind}", about),
                (f"fact {_fact(system, kind, row.names)}", {}),
            )
        )
    rows += _sizes(system)
    for function in system.functions:
        rows.append(
            (
                ("function name", {"name": function.name}),
                (
                    "meaning function",
                    {"name": function.name, "abstract": function.expression is None},
                ),
                ("fact function", {}),
            )
        )
    cost = Ref(system.cost)
    about = {"example": Deriv(cost, example), "by": example, "cost": cost}
    return Section(
        "symbols",
        (
            Table("symbols", ("symbol", "meaning", "value"), tuple(rows)),
            *_weight_example(system, example),
            Prose("derivative meaning", about),
        ),
        {},
    )


def _places(row: SymbolRow) -> dict[str, object]:
    """What the letters of a pattern count: the neurons, their layer, the step in time."""
    place = row.place if row.units or row.letter else None
    return {
        "units": row.units,
        "place": place,
        "sender": None if place is None else expanded(plus(place, Neg(ONE))),
        "time": row.time,
        "letter": row.letter,
        "range": None if row.letter is None or row.layers is None else (row.letter, *row.layers),
    }


def _use(system: System, name: str) -> dict[str, object]:
    """Where a parameter of a network without layers stands: what it multiplies, in which equation."""
    for equation in system.equations:
        for product in equation.rhs.atoms(sp.Mul):
            factors = [f for f in product.args if isinstance(f, sp.Indexed)]
            mine = [f for f in factors if f.base.label.name == name]
            if len(factors) == 2 and len(mine) == 1:
                (other,) = (f for f in factors if f is not mine[0])
                return {"user": written(equation.lhs, system), "times": written(other, system)}
        if any(e.base.label.name == name for e in equation.rhs.atoms(sp.Indexed)):
            return {"user": written(equation.lhs, system), "times": None}
    return {"user": None, "times": None}


def _sizes(system: System) -> list[tuple[object, ...]]:
    """How far the indices of a network without layers run, where that is a letter."""
    if system.about.widths or system.about.depth is not None:
        return []
    rows: list[tuple[object, ...]] = []
    for size in system.sizes:
        axes = [a for q in system.quantities for a in q.axes if a.upper == size]
        letters = tuple(dict.fromkeys(Idx(a.index.name) for a in axes if a.index.is_Symbol))
        if not letters or axes[0].kind == "sample":
            continue
        about = {"letters": letters, "time": axes[0].kind == "time"}
        rows.append(
            (
                ("symbols", {"symbols": (Idx(size.name),), "layers": None}),
                ("meaning length", about),
                ("fact count", {}),
            )
        )
    return rows


def _fact(system: System, kind: str, names: tuple[str, ...]) -> str:
    if kind == "rate":
        return "chosen"
    if kind in ("size", "sample count", "depth"):
        return "count"
    if kind == "error":
        return "computed"
    if kind in ("weight", "bias", "parameter"):
        return "parameter"
    if kind == "cost":
        return (
            "nonnegative"
            if system.about.cost in NEVER_NEGATIVE and not system.about.decay
            else "real"
        )
    # A row may speak of several layers: what it says holds for each of them.
    of_each = [[f.kind for f in system[n].facts] for n in names if n in system.by_name]
    shared = [f for f in (of_each[0] if of_each else []) if all(f in more for more in of_each)]
    known = [FACT_KEYS[f] for f in shared if f in FACT_KEYS]
    if "sums to one" in known:
        return next((f"{k} sum" for k in known if k != "sums to one"), "sums to one")
    if known:
        return known[0]
    return "given" if kind in ("input", "target", "constant") else "real"


def _weight_example(system: System, weight: Ref) -> tuple[Prose, ...]:
    """Between which neurons a weight stands, where single entries are shown."""
    found = re.fullmatch(r"W([1-9]\d*)", weight.name)
    whole = all(isinstance(i, Num) for i in weight.indices)
    if system.about.kind not in ("mlp", "neuron") or found is None or not whole:
        return ()
    if len(weight.indices) != 2:
        return ()
    layer, (receiver, sender) = int(found[1]), weight.indices
    z = Ref(f"z{layer}", (receiver,))
    a = Ref("x" if layer == 1 else f"a{layer - 1}", (sender,))
    return (Prose("weight example", {"w": weight, "z": z, "a": a}),)
