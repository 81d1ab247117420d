"""Which templates write the quantities of a network: by role, or by their own name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sympy as sp

from symbackprop.errors import printable
from symbackprop.formula.tree import Array, Formula, Idx, Num, Ref
from symbackprop.notation.base import Pattern
from symbackprop.notation.own_names import own_templates
from symbackprop.notation.slots import (
    ERROR,
    LAYERLESS_ROLES,
    Network,
    index_formula,
    is_family,
    role_of,
    unit_axes,
)
from symbackprop.notation.template import Template
from symbackprop.system.model import ADJOINT, Quantity


@dataclass(frozen=True, slots=True)
class Row:
    """One template and when it applies. `name`: only for this quantity (its own name); else by
    role."""

    role: str
    form: str
    template: Template
    name: str = ""
    layer: Formula | None = None
    at: tuple[int | None, ...] | None = None

    @property
    def arity(self) -> int:
        """The number of unit indices of what it writes."""
        return self.template.arity if self.at is None or self.form != "entry" else len(self.at)


def rows_of(
    system: Network, patterns: tuple[Pattern, ...], own: frozenset[str], *, verbatim: bool
) -> Iterator[Row]:
    """The rows of all patterns, then those of the quantities `own`, written by their names."""
    for p in patterns:
        for form, t in p.forms():
            yield Row(p.role, form, t, layer=layer_of(p, system), at=p.at)
    delta = any(p.role == ERROR + "pre-activation" for p in patterns)
    several = sum(q.role == "pre-activation" for q in system.quantities) > 1
    for q in system.quantities:
        if q.name in own:
            error = "" if not (delta and q.role == "pre-activation") else "only"
            error = "named" if error and several else error
            for adjoint, form, t in own_templates(q, verbatim=verbatim, error=error):
                name = (ADJOINT if adjoint else "") + q.name
                yield Row((ERROR if adjoint else "") + role_of(q), form, t, name)


def written_by_name(system: Network, patterns: tuple[Pattern, ...]) -> set[str]:
    """The quantities that no pattern writes, or whose place (role, layer) is not theirs alone."""
    by_role: dict[str, list[Quantity]] = {}
    for q in system.quantities:
        by_role.setdefault(role_of(q), []).append(q)
    weight_layers = len({w.layer for w in by_role.get("weight", ())})
    forms = {
        role: [
            (p, t) for p in patterns if p.role == role for form, t in p.forms() if form == "entry"
        ]
        for role in by_role
    }
    found: set[str] = set()
    for role, quantities in by_role.items():
        places = Counter(q.layer for q in quantities)
        shared = role in LAYERLESS_ROLES or any(is_family(q) for q in quantities)
        for q in quantities:
            alone = len(quantities) == 1 if shared else places[q.layer] == 1
            if not alone or not any(
                _writes(p, t, q, system, one_layer=weight_layers <= 1) for p, t in forms[role]
            ):
                found.add(q.name)
    return found


def _writes(p: Pattern, t: Template, q: Quantity, system: Network, *, one_layer: bool) -> bool:
    """Whether the pattern has places for all that tells the entries of the quantity apart."""
    if unit_axes(q) != (t.arity if p.at is None else len(p.at)):
        return False
    if q.layer is None:
        return not t.layered
    if p.layer is not None:
        return is_family(q) or layer_of(p, system) == index_formula(q.layer)
    return t.layered or role_of(q) in LAYERLESS_ROLES or one_layer


def layer_of(pattern: Pattern, system: Network) -> Formula | None:
    """The layer that a pattern is for, None for all."""
    if isinstance(pattern.layer, int):
        return Num(str(pattern.layer))
    depth = system.about.depth
    return None if pattern.layer is None or depth is None else index_formula(depth)


def samples(quantity: Quantity) -> Iterable[Ref | Array]:
    """Some things that stand for all of a quantity: letters, corners, wholes; and the adjoint's."""
    axes = quantity.axes
    letters = tuple(Idx(str(axis.index)) for axis in axes)
    first = tuple(index_formula(a.lower) if a.lower.is_Integer else Idx(str(a.index)) for a in axes)
    last = tuple(index_formula(a.upper) if a.upper.is_Integer else Idx(str(a.index)) for a in axes)
    for name in (quantity.name, ADJOINT + quantity.name):
        for indices in dict.fromkeys((letters, first, last)):
            yield Ref(name, indices)
        for count in range(len(axes)):
            yield Array(name, letters[:count])


def describe(thing: Ref | Array | Idx) -> str:
    """The thing for a message: W1[1, j]."""
    if isinstance(thing, Idx):
        return f"the letter {printable(thing.name)}"
    parts = ", ".join(
        i.text if isinstance(i, Num) else i.name if isinstance(i, Idx) else "..."
        for i in thing.indices
    )
    whole = "the whole array " if isinstance(thing, Array) else ""
    return f"{whole}{printable(thing.name)}" + (f"[{parts}]" if parts else "")


def layer_letters(system: Network) -> frozenset[str]:
    found: set[str] = set()
    for q in system.quantities:
        for axis in q.axes:
            if axis.kind == "layer":
                found.add(str(axis.index))
                found |= {str(s) for s in axis.upper.free_symbols}
    depth = system.about.depth
    if isinstance(depth, sp.Symbol):
        found.add(depth.name)
    return frozenset(found)


def index_letters(system: Network) -> frozenset[str]:
    found = {str(axis.index) for q in system.quantities for axis in q.axes}
    return frozenset(found | {s.name for s in system.sizes})
