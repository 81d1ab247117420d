"""The symbol table as data: which symbols, standing for what. Templates put it into words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from symbackprop.errors import NotationError
from symbackprop.formula.tree import Formula, Idx, Num, Ref, Sym
from symbackprop.notation.base import Notation, lettering
from symbackprop.notation.indices import Affine, letter_symbol
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.settling import written_range
from symbackprop.notation.slots import (
    ERROR,
    SIZE,
    Network,
    Slot,
    has_samples,
    index_formula,
    is_family,
    rate_name,
    role_of,
    unit_axes,
)
from symbackprop.system.model import ADJOINT, Quantity

ENTRIES = 6
"""How many entries a row lists; of more it shows the pattern with letters."""

ORDER = (
    "input",
    "target",
    "weight",
    "bias",
    "parameter",
    "pre-activation",
    "activation",
    "intermediate",
    "cost",
    "sample cost",
    "constant",
)


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """One row of a symbol table.

    symbols     the written symbols, one or several
    key         what they are: a role, ERROR + role, 'rate', 'size', 'depth', 'sample count'
    names       the quantities that the row speaks of
    layers      lower and upper bound of the layer letter as written, for several layers
    example     whether the symbols are examples rather than all or a pattern
    place       the written layer of the neurons that a pattern speaks of (of a weight: the receiver's)
    letter      the letter in which `layers` is told
    units       the written letters of the neurons: of a weight, receiver and sender
    time        the written letter of the step in time
    """

    symbols: tuple[Sym, ...]
    key: str
    names: tuple[str, ...] = ()
    layers: tuple[Formula, Formula] | None = None
    example: bool = False
    place: Formula | None = None
    letter: Sym | None = None
    units: tuple[Sym, ...] = ()
    time: Sym | None = None


def rows(notation: Notation, system: Network) -> tuple[SymbolRow, ...]:
    """The rows, in the order of `ORDER`, each role's adjoint after the cost."""
    letters = lettering(notation, system)
    found: list[SymbolRow] = []
    for role in ORDER:
        found.extend(_role(letters, role, adjoint=False))
        if role == "cost":
            for named in notation.written.errors:
                if _has_error_letter(letters, named):
                    found.extend(_role(letters, named, adjoint=True))
    found.append(SymbolRow((letters.rate,), "rate", (rate_name(system),)))
    if any(is_family(q) for q in system.quantities) and SIZE not in system.by_name:
        width = letters.write(Ref(SIZE, (Idx("l"),)))
        found.append(SymbolRow((width,), "size", (SIZE,), letter=Sym("l")))
        depth = str(system.about.depth)
        found.append(SymbolRow((_letter(letters, depth),), "depth", (depth,)))
    for axis in (a for q in system.quantities for a in q.axes if a.kind == "sample"):
        if axis.upper.is_Symbol:
            name = str(axis.upper)
            found.append(SymbolRow((_letter(letters, name),), "sample count"))
            break
    return tuple(found)


def _has_error_letter(letters: Lettering, role: str) -> bool:
    """Whether the notation has a letter of its own for the adjoint (delta, not a bar)."""
    for q in letters.system.quantities:
        if q.role == role:
            for sym in _entries(letters, q, adjoint=True, count=1):
                return sym.accent != "bar"
    return False


def _role(letters: Lettering, role: str, *, adjoint: bool) -> Iterator[SymbolRow]:
    key = ERROR + role if adjoint else role
    quantities = [q for q in letters.system.quantities if role_of(q) == role]
    rest: list[Quantity] = []
    groups: dict[tuple[int, bool], list[Quantity]] = {}
    show = letters.notation.table.get(role, "letters")
    for q in quantities:
        if show == "letters" and letters.by_role(q) and q.layer is not None:
            groups.setdefault((unit_axes(q), has_samples(q)), []).append(q)
        else:
            rest.append(q)
    for group in groups.values():
        found = _grouped(letters, group[0], key)
        if found is None or (len(group) == 1 and not is_family(group[0])):
            rest.extend(group)
            continue
        sym, place = found
        names = tuple(q.name for q in group)
        layer, *units = letters.notation.table_letters
        yield SymbolRow(
            (sym,),
            key,
            names,
            _range(letters, group, key),
            place=place,
            letter=Sym(layer),
            units=tuple(_letter(letters, u) for u in units[: unit_axes(group[0])]),
        )
    for q in rest:
        row = _one(letters, q, key, show, adjoint=adjoint)
        if row is not None:
            yield row


def _one(
    letters: Lettering, q: Quantity, key: str, show: str, *, adjoint: bool
) -> SymbolRow | None:
    if show == "example":
        symbols = tuple(_entries(letters, q, adjoint=adjoint, count=1))
        return SymbolRow(symbols, key, (q.name,), example=_count(q) != 1)
    count = _count(q)
    if show == "entries" and count is not None:
        shown = count if count <= ENTRIES else 2
        symbols = tuple(_entries(letters, q, adjoint=adjoint, count=shown))
        return SymbolRow(symbols, key, (q.name,), example=shown < count)
    name = (ADJOINT if adjoint else "") + q.name
    try:
        sym = letters.write(Ref(name, tuple(Idx(str(a.index)) for a in q.axes)))
    except NotationError:
        symbols = tuple(_entries(letters, q, adjoint=adjoint, count=2))
        return (
            SymbolRow(symbols, key, (q.name,), example=count != len(symbols)) if symbols else None
        )
    return SymbolRow((sym,), key, (q.name,), **_places(letters, q))


def _places(letters: Lettering, q: Quantity) -> dict[str, Any]:
    """Layer, units and time of the entry that stands for all."""
    written = [(a.kind, _letter(letters, str(a.index))) for a in q.axes]
    place: Formula | None = None
    if q.layer is not None and not is_family(q):
        place = index_formula(q.layer + letters.shift)
    return {
        "place": place,
        "units": tuple(sym for kind, sym in written if kind == "unit"),
        "time": next((sym for kind, sym in written if kind == "time"), None),
    }


def _letter(letters: Lettering, name: str) -> Sym:
    return letter_symbol(letters.written_letter(name))


def _count(q: Quantity) -> int | None:
    """The number of entries of one sample; None where sizes are symbols."""
    total = 1
    for axis in q.axes:
        if axis.kind != "sample":
            if not axis.count.is_Integer:
                return None
            total *= int(axis.count)
    return total


def _entries(letters: Lettering, q: Quantity, *, adjoint: bool, count: int) -> Iterator[Sym]:
    """The first entries, of the sample with the canonical letter."""
    ranges: list[list[Formula]] = []
    for axis in q.axes:
        if axis.kind == "sample" or not (axis.lower.is_Integer and axis.upper.is_Integer):
            ranges.append([Idx(str(axis.index))])
        else:
            low, high = int(axis.lower), min(int(axis.upper), int(axis.lower) + count)
            ranges.append([Num(str(i)) for i in range(low, high + 1)])
    name = (ADJOINT if adjoint else "") + q.name
    for indices in islice(product(*ranges), count):
        try:
            yield letters.write(Ref(name, indices))
        except NotationError:
            return


def _grouped(letters: Lettering, q: Quantity, key: str) -> tuple[Sym, Formula] | None:
    """The symbol with the layer as a bare letter, and the layer of its neurons as written."""
    layer, *units = letters.notation.table_letters
    sample = next((Idx(str(a.index)) for a in q.axes if a.kind == "sample"), None)
    indices = tuple(Idx(letter) for letter in units[: unit_axes(q)])
    offset = letters.role_offset(key, indices, sample)
    if offset is None:
        return None
    at = Affine(((layer, 1),), letters.shift - offset).formula()
    place = at.rewrite(lambda node: Sym(layer) if node == Idx(layer) else None)
    sym = letters.render(Slot(key, "", at, indices, sample=sample))
    return None if sym is None else (sym, place)


def _range(letters: Lettering, group: list[Quantity], key: str) -> tuple[Formula, Formula] | None:
    """First and last layer of the group, as written."""
    sample = next((Idx(str(a.index)) for a in group[0].axes if a.kind == "sample"), None)
    units = letters.notation.table_letters[1:]
    offset = letters.role_offset(key, tuple(Idx(u) for u in units[: unit_axes(group[0])]), sample)
    if offset is None:
        return None
    by = letters.shift - offset
    if is_family(group[0]):
        axis = group[0].axes[0]
        first, last = index_formula(axis.lower), index_formula(axis.upper)
    else:
        layers = [index_formula(q.layer) for q in group if q.layer is not None]
        first, last = layers[0], layers[-1]
    return written_range(first, last, letters.notation, letters.system, by)
