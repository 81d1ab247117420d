"""From a written symbol to what it means: every template is tried, and what fits is written again.

A reading counts if it writes the same symbol; failing that, one that is nearly the same (a comma
more, an upright word for its letters). Where two things fit, the symbol means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from symbackprop.errors import NotationError
from symbackprop.formula.alphabet import GREEK
from symbackprop.formula.tree import Array, Formula, Idx, Num, Ref, Sym
from symbackprop.notation.indices import Tokens, affine, read_index
from symbackprop.notation.rows import Row
from symbackprop.notation.slots import (
    ERROR,
    SIZE,
    Slot,
    index_formula,
    is_family,
    rate_name,
    ref_of,
)
from symbackprop.system.model import ADJOINT

if TYPE_CHECKING:
    from symbackprop.notation.lettering import Lettering


def read(letters: Lettering, sym: Sym) -> Ref | Array | Idx | None:
    if sym == letters.rate:
        return Ref(rate_name(letters.system))
    exact: list[Ref | Array] = []
    near: list[Ref | Array] = []
    for thing in _candidates(letters, sym):
        try:
            same = letters.write(thing) == sym
        except NotationError:
            continue
        where = exact if same else near
        if thing not in where:
            where.append(thing)
    found = exact or near
    if len(found) == 1:
        return found[0]
    if found:
        return None
    spelt = replace(sym, sub=_spelt(sym.sub), sup=_spelt(sym.sup))
    if spelt != sym:
        return letters.read(spelt)
    letter = letters.is_letter(sym)
    if letter is not None:
        return Idx(letter)
    if sym.accent == "bar":
        plain = letters.read(replace(sym, accent=""))
        if isinstance(plain, Ref | Array) and not plain.name.startswith(ADJOINT):
            adjoint = replace(plain, name=ADJOINT + plain.name)
            return adjoint if letters.write(adjoint).accent == "bar" else None
    return None


def _spelt(tokens: Tokens) -> Tokens:
    r"""Words letter by letter: `\text{in}` as `in`."""
    found: list[str] = []
    for token in tokens:
        word = token.isascii() and token.isalpha() and token not in GREEK
        found.extend(token if word else (token,))
    return tuple(found)


def _candidates(letters: Lettering, sym: Sym) -> Iterable[Ref | Array]:
    for row in letters.rows_for(sym.base):
        for bound in row.template.match(sym):
            slot = _slot(letters, row, bound)
            if slot is None:
                continue
            if row.role == "size":
                if slot.layer is not None:
                    yield Ref(SIZE, (slot.layer,))
                continue
            thing = _thing(letters, row, slot)
            if thing is not None and _in_range(letters, thing):
                yield thing


def _thing(letters: Lettering, row: Row, slot: Slot) -> Ref | Array | None:
    if not row.name:
        role = slot.role.removeprefix(ERROR)
        name = letters.quantity_at(role, slot.layer)
        if not name:
            return None
        slot = replace(slot, name=name)
    thing = ref_of(slot, letters.system)
    # A quantity that has its own name is not found by its role.
    if thing is not None and not row.name and letters.has_own_name(thing):
        return None
    return thing


def _slot(letters: Lettering, row: Row, bound: dict[tuple[str, int], Tokens]) -> Slot | None:
    layer = row.layer
    indices: dict[int, Formula] = {}
    sample: Formula | None = None
    for (key, offset), tokens in bound.items():
        index = read_index(tokens)
        if index is None:
            return None
        index = index.renamed(letters.meant_letter)
        if key == "layer":
            meant = index.plus(letters.shift * index.total(lambda name: True) - offset).formula()
            if layer is not None and meant != layer:
                return None
            layer = meant
        elif key == "sample":
            sample = index.formula()
        else:
            indices[int(key)] = index.formula()
    for n, i in enumerate(row.at or (), start=1):
        if i is not None and row.form == "entry":
            indices[n] = Num(str(i))
    found = tuple(indices[i] for i in sorted(indices))
    whole, batch = row.form != "entry", row.form == "batch"
    slot = Slot(row.role, row.name, layer, found, whole, sample, batch)
    if row.name and layer is None:
        quantity = letters.system.by_name[row.name.removeprefix(ADJOINT)]
        if quantity.layer is not None and not is_family(quantity):
            slot = replace(slot, layer=index_formula(quantity.layer))
    return slot


def _known(letters: Lettering, index: Formula) -> bool:
    """Whether the index has letters, and only letters that may be indices here."""
    found = affine(index)
    return (
        found is not None
        and bool(found.letters)
        and all(letters.is_index(name) for name, _ in found.letters)
    )


def _in_range(letters: Lettering, thing: Ref | Array) -> bool:
    """Whether all numbers among the indices lie in their axes."""
    axes = letters.system.by_name[thing.name.removeprefix(ADJOINT)].axes
    for axis, index in zip(axes, thing.indices, strict=False):
        if isinstance(index, Num):
            value = int(index.text)
            if axis.lower.is_Integer and value < int(axis.lower):
                return False
            if axis.upper.is_Integer and value > int(axis.upper):
                return False
        elif not _known(letters, index):
            return False  # a negative number, or a letter that is no index
    return True
