"""From a document's definitions to a System: axes, ranges, base cases, order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp

from symbackprop.formula.tree import Formula, Idx, Ref
from symbackprop.judging.clock import WORK
from symbackprop.system.model import Equation, Quantity, System, size
from symbackprop.verifying.systems.axes import carried_along, quantity_of, recursions_of
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.entrywise import entrywise
from symbackprop.verifying.systems.equations import (
    base_case,
    begun_by_numbers,
    equation_of,
    has_base,
)
from symbackprop.verifying.systems.learning import learn_new, name_sizes
from symbackprop.verifying.systems.order import in_order
from symbackprop.verifying.systems.rename import names_in
from symbackprop.verifying.systems.shapes import Sizes
from symbackprop.verifying.systems.stand_ins import abstract_cost, linear_stand_in
from symbackprop.verifying.systems.sympyform import ToSympy
from symbackprop.verifying.systems.told_sizes import learn_listed, learn_told

PRICE = 500
"""The work that one definition is, besides its equation."""


def build(
    builder: Builder,
    name: str,
    definitions: Iterable[Definition],
    used: Sequence[Formula],
    cost: str,
) -> System:
    """The System of these definitions; names in `used` that nothing defines are free.

    Raises ReadingError, IllFormedSystem.
    """
    found = [entrywise(builder, d) for d in definitions]
    WORK.done += PRICE * (2 + len(found))
    builder.sizes = Sizes(
        builder.by_layer,
        builder.size_names | {builder.last, builder.last_time},
        builder.first,
        builder.by_layer & {d.target for d in found},
        frozenset(d.target for d in found if _is_column(d)),
    )
    for d in found:
        builder.sizes.learn((Ref(d.target, d.indices), d.rhs), {})
    mentioned = {n for d in found for n in (d.target, *names_in(d.rhs))}
    for ref, ranges in builder.said:
        if ref.name in mentioned and builder.arity.get(ref.name, 0) == len(ref.indices):
            builder.sizes.learn((ref,), dict(ranges))
    for node in builder.single:
        builder.sizes.exact[builder.sizes.find(node)[0]] = 1
    for node in list(builder.sizes.parent):
        # Axes that the definitions only ever index with numbers have as many entries as these say.
        root, _ = builder.sizes.find(node)
        if node[0] not in builder.by_layer or node[1] > 0:
            least = builder.sizes.least.get(root, 0)
            if least and not builder.sizes.has_letter(node):
                builder.sizes.exact.setdefault(root, least)
    used = list(used)
    name_sizes(builder, used)
    known = set(builder.sizes.parent)
    for f in used:
        learn_new(builder, f, known)
    learn_told(builder, used)
    learn_listed(builder, found)
    defined = {d.target for d in found}
    # In the order of the document: which size gets which number must not change from run to run.
    names = dict.fromkeys([d.target for d in found])
    names |= dict.fromkeys(n for d in found for n in names_in(d.rhs))
    for f in used:
        names.update(dict.fromkeys(names_in(f)))
    for function in builder.functions:
        names.update(dict.fromkeys(c for c in function.constants if c in builder.names))
    if builder.widths:
        names.pop("s", None)
    builder.carried = carried_along(builder, found) if builder.by_layer else frozenset()
    recursive = recursions_of(builder, found)
    quantities: dict[str, Quantity] = {}
    for n in names:
        quantities[n] = quantity_of(builder, n, n in defined, found, recursive)
    sympy = ToSympy(
        builder.size_names | builder.made | {builder.last, builder.last_time},
        frozenset(f.name for f in builder.functions),
        builder.widths,
    )
    builder.own_last = frozenset(
        d.target
        for d in found
        if d.target in builder.by_layer and d.indices[0] == Idx(builder.last)
    )
    equations: list[Equation] = []
    bases: list[Equation] = []
    begun = begun_by_numbers(found, quantities)
    for d in found:
        equations.append(equation_of(builder, d, quantities, sympy, recursive, begun))
    for n in sorted(recursive):
        if n in defined and not has_base(builder, n, found):
            base, free = base_case(builder, n, quantities[n])
            bases.append(base)
            quantities[free.name] = free
    for n, by in builder.unknown.items():
        if n in quantities and n not in defined:
            equations.append(linear_stand_in(builder, n, by, quantities))
    if cost not in quantities:
        quantities[cost] = Quantity(cost, "cost")
        equations.append(Equation(cost, (), abstract_cost(builder, found, quantities, cost)))
    q = quantities[cost]
    quantities[cost] = Quantity(q.name, "cost", q.axes, q.layer, q.facts, q.meaning)
    ordered = in_order(bases + equations)
    symbols: set[sp.Symbol] = {size(name) for name in builder.more_sizes}
    for e in ordered:
        symbols |= {s for s in e.rhs.free_symbols if s.is_Symbol and s.is_positive and s.is_integer}
    for one in quantities.values():
        for axis in one.axes:
            symbols |= {
                s for s in (axis.upper - axis.lower).free_symbols
                if s.is_Symbol and s.is_positive and s.is_integer
            }  # fmt: skip
    return System(
        name=name,
        quantities=tuple(quantities.values()),
        equations=tuple(ordered),
        cost=cost,
        functions=builder.functions,
        sizes=tuple(sorted((s for s in symbols if s.name != "s"), key=lambda s: str(s.name))),
    )


def _is_column(d: Definition) -> bool:
    """`a^{[l](i)}_j = A^{[l]}_{ji}`: the column i of the matrix of layer l."""
    at = d.rhs.indices if isinstance(d.rhs, Ref) else ()
    return len(at) == 3 and (at[0], at[2], at[1]) == d.indices
