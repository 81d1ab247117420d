"""Section 2: every letter and what it means; and what a partial derivative means."""

from __future__ import annotations

import re

from symbackprop.derivation.steps import Prose, Section, Table
from symbackprop.formula.tree import Deriv, Num, Ref
from symbackprop.notation.base import Notation
from symbackprop.notation.slots import ERROR
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
        if kind == "intermediate" and system.about.kind == "residual":
            kind = "block sum"
        rows.append(
            (
                ("symbols", {"symbols": row.symbols, "layers": row.layers}),
                (f"meaning {kind}", {"layers": row.layers, "key": row.key, "of": base}),
                (f"fact {_fact(system, kind, row.names)}", {}),
            )
        )
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


def _fact(system: System, kind: str, names: tuple[str, ...]) -> str:
    if kind == "rate":
        return "chosen"
    if kind in ("size", "sample count"):
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
    facts = [f.kind for n in names if n in system.by_name for f in system[n].facts]
    known = [FACT_KEYS[f] for f in facts if f in FACT_KEYS]
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
