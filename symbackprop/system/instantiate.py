"""Numbers for symbolic sizes: from a general system to one of a given size.

A layer axis whose length is a number is unrolled: `z[l,j]` becomes `z1[j]`, `z2[j]`, … and
`w[l,j,k]` becomes `W1[j,k]`, …, the names of the fixed-depth networks. A time axis stays an axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from symbackprop.errors import SpecError, TooLarge, UnknownName
from symbackprop.system.model import Axis, Equation, Quantity, System, entry, index
from symbackprop.system.shapes import Sizes, numbered, size_names

MAX_LAYERS = 10_000


def with_sizes(system: System, sizes: Sizes) -> System:
    """The same network with numbers for its sizes, as in {"m": 4}, {"L": 2, "s": [2, 3, 1]}.

    Sizes that are not given stay symbols. Raises UnknownName for a size the system does not have,
    SpecError for a number below 1.
    """
    known = size_names(system)
    for name, number in sizes.items():
        if name not in known:
            raise UnknownName("size", name, known)
        numbers = [number] if isinstance(number, int) else list(number)
        if any(n < 1 for n in numbers):
            raise SpecError(f"the size {name} must be at least 1")
    if not sizes:
        return system
    filled = _substituted(system, sizes)
    layered = any(_is_layered(q) and q.axes[0].count.is_Integer for q in filled["quantities"])
    if layered:
        filled = _unrolled(filled, system, sizes)
    return replace(system, **filled)


def _is_layered(q: Quantity) -> bool:
    return bool(q.axes) and q.axes[0].kind == "layer"


def _substituted(system: System, sizes: Sizes) -> dict[str, Any]:
    def put(e: sp.Expr) -> sp.Expr:
        return numbered(e, sizes)

    quantities = tuple(
        replace(
            q,
            axes=tuple(replace(a, upper=put(a.upper), lower=put(a.lower)) for a in q.axes),
            layer=None if q.layer is None else put(q.layer),
        )
        for q in system.quantities
    )
    equations = tuple(
        replace(
            e,
            indices=tuple(put(i) for i in e.indices),
            rhs=put(e.rhs),
            ranges=tuple((x, put(lo), put(up)) for x, lo, up in e.ranges),
        )
        for e in system.equations
    )
    about = replace(
        system.about,
        widths=tuple(put(w) for w in system.about.widths),
        depth=None if system.about.depth is None else put(system.about.depth),
    )
    return {
        "quantities": quantities,
        "equations": equations,
        "about": about,
        "sizes": tuple(s for s in system.sizes if s.name not in sizes),
    }


def _unrolled(filled: dict[str, Any], system: System, sizes: Sizes) -> dict[str, Any]:
    layers = {q.name: q for q in filled["quantities"] if _is_layered(q)}
    depth = max(int(q.axes[0].upper) for q in layers.values())
    if depth > MAX_LAYERS:
        raise TooLarge(f"{depth:,} layers cannot be written one by one", hint="keep L a symbol")
    letters = {q.axes[0].index for q in layers.values()}
    equations: list[Equation] = []
    for e in filled["equations"]:
        over = [r for r in e.ranges if r[0] in letters]
        if not over:
            equations.append(_layer_of(e, {}, layers, sizes))
            continue
        letter, lower, upper = over[0]
        equations += [
            _layer_of(e, {letter: sp.Integer(v)}, layers, sizes)
            for v in range(int(lower), int(upper) + 1)
        ]
    equations, same = _without_aliases(equations, system)
    quantities: list[Quantity] = []
    values = {name: v for name, v in system.values.items() if name not in layers}
    for q in filled["quantities"]:
        if q.name not in layers:
            quantities.append(q)
            continue
        axis = q.axes[0]
        for at, v in enumerate(range(int(axis.lower), int(axis.upper) + 1)):
            name = _name(q.name, v)
            if name in same:
                continue
            here = {axis.index: sp.Integer(v)}
            axes = tuple(_axis_at(a, here, sizes) for a in q.axes[1:])
            quantities.append(
                replace(q, name=name, axes=axes, layer=sp.Integer(v), facts=_facts(system, q, v))
            )
            if q.name in system.values:
                values[name] = system.values[q.name][at]
    about = filled["about"]
    if about.kind == "generic-mlp":
        widths = tuple(numbered(_width(v), sizes) for v in range(depth + 1))
        functions = about.activations
        if len(functions) == 1:
            functions *= depth
        elif len(functions) == 2:
            functions = functions[:1] * (depth - 1) + functions[1:]
        about = replace(
            about, kind="mlp", widths=widths, depth=sp.Integer(depth), activations=functions
        )
        quantities = _as_mlp(quantities, depth)
    return {
        **filled,
        "about": about,
        "values": values,
        "quantities": tuple(quantities),
        "equations": tuple(_in_order(equations)),
    }


def _as_mlp(quantities: list[Quantity], depth: int) -> list[Quantity]:
    """The order, letters, spaces and meanings that the builder `mlp` gives."""
    spaces = {"s[0]": "0", "s[L]": str(depth)}
    meanings = {
        "weight": "weights of layer {}",
        "bias": "bias of layer {}",
        "pre-activation": "pre-activation of layer {}",
        "activation": "activation of layer {}",
    }
    found: list[Quantity] = []
    for q in quantities:
        axes = tuple(replace(a, space=spaces.get(a.space, a.space)) for a in q.axes)
        if q.role == "input":
            axes = (*axes[:-1], replace(axes[-1], index=index("k")))
        meaning = meanings.get(q.role, q.meaning).format(q.layer)
        found.append(replace(q, axes=axes, meaning=meaning))
    roles = {role: at for at, role in enumerate(("input", *meanings))}

    def place(q: Quantity) -> tuple[int, int]:
        if q.role not in roles or q.layer is None:
            return depth + 1, 0
        return int(q.layer), roles[q.role]

    return sorted(found, key=place)


def _width(v: int) -> sp.Expr:
    return sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))[v]


def _name(name: str, layer: int) -> str:
    """`w` of layer 2 is W2, as in the networks of fixed depth."""
    return f"{'W' if name == 'w' else name}{layer}"


def _axis_at(axis: Axis, here: Mapping[sp.Basic, sp.Basic], sizes: Sizes) -> Axis:
    upper = numbered(axis.upper.xreplace(here), sizes)
    lower = numbered(axis.lower.xreplace(here), sizes)
    space = axis.space
    if space in ("s[l]", "s[l-1]"):
        layer = int(next(iter(here.values())))
        space = str(layer if space == "s[l]" else layer - 1)
    return replace(axis, upper=upper, lower=lower, space=space)


def _facts(system: System, q: Quantity, layer: int) -> frozenset[Any]:
    """Of an activation: the range of the function that defines this layer."""
    if q.role != "activation":
        return q.facts
    for e in system.equations_of.get(q.name, ()):
        if e.indices[0].is_Integer and int(e.indices[0]) != layer:
            continue
        if not e.indices[0].is_Integer and layer < 1:
            continue
        function = system.function_by_name.get(type(e.rhs).__name__)
        if function is not None:
            return q.facts | function.facts
    return q.facts


def _layer_of(
    e: Equation, here: Mapping[sp.Basic, sp.Basic], layers: Mapping[str, Quantity], sizes: Sizes
) -> Equation:
    """One layer of a family: the letter replaced, layered entries renamed."""
    rhs = numbered(_open_sums(e.rhs.xreplace(here), layers), sizes)
    rhs = _renamed(rhs, layers)
    indices = tuple(i.xreplace(here) for i in e.indices)
    target = e.target
    if target in layers:
        target = _name(target, int(indices[0]))
        indices = indices[1:]
    ranges = tuple(
        (x, numbered(lo.xreplace(here), sizes), numbered(up.xreplace(here), sizes))
        for x, lo, up in e.ranges
        if x not in here
    )
    return Equation(target, indices, rhs, ranges, e.label)


def _open_sums(expression: sp.Expr, layers: Mapping[str, Quantity]) -> sp.Expr:
    """Sums over a layer letter (weight decay) written out, one term for each layer."""
    letters = {q.axes[0].index for q in layers.values()}
    changes: dict[sp.Basic, sp.Basic] = {}
    for node in expression.atoms(sp.Sum):
        for limit in node.limits:
            letter, lower, upper = limit
            if letter in letters and lower.is_Integer and upper.is_Integer:
                inner = tuple(x for x in node.limits if x != limit)
                body = sp.Sum(node.function, *inner) if inner else node.function
                changes[node] = sp.Add(
                    *(body.xreplace({letter: sp.Integer(v)}) for v in range(lower, upper + 1))
                )
    return expression.xreplace(changes) if changes else expression


def _renamed(expression: sp.Expr, layers: Mapping[str, Quantity]) -> sp.Expr:
    changes: dict[sp.Basic, sp.Basic] = {}
    for node in expression.atoms(sp.Indexed):
        name = node.base.label.name
        if name in layers:
            layer, *rest = node.indices
            changes[node] = entry(_name(name, int(layer)), *rest)
    return expression.xreplace(changes) if changes else expression


def _without_aliases(
    equations: list[Equation], system: System
) -> tuple[list[Equation], dict[str, str]]:
    """`a0[j] = x[j]` only gives a second name: the input keeps its own."""
    given = {q.name for q in system.inputs}
    same: dict[str, str] = {}
    for e in equations:
        if (
            isinstance(e.rhs, sp.Indexed)
            and e.rhs.base.label.name in given
            and tuple(e.rhs.indices) == e.indices
        ):
            same[e.target] = e.rhs.base.label.name
    kept = []
    for e in equations:
        if e.target in same:
            continue
        changes = {
            node: entry(same[node.base.label.name], *node.indices)
            for node in e.rhs.atoms(sp.Indexed)
            if node.base.label.name in same
        }
        kept.append(replace(e, rhs=e.rhs.xreplace(changes)) if changes else e)
    return kept, same


def _in_order(equations: list[Equation]) -> list[Equation]:
    """z1, a1, z2, a2, …: each equation after those that it uses."""
    defined = {e.target for e in equations}
    done: set[str] = set()
    order: list[Equation] = []
    waiting = equations
    while waiting:
        later = []
        for e in waiting:
            uses = {n.base.label.name for n in e.rhs.atoms(sp.Indexed)} & defined
            if uses <= done:
                order.append(e)
                done.add(e.target)
            else:
                later.append(e)
        if len(later) == len(waiting):
            return order + later  # a cycle: the checks of System say so
        waiting = later
    return order
