"""Statements for all layers, moved to the layer at which a book states them; ranges of layers."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Add, Array, Formula, Idx, Mul, Neg, Num, Prod, Ref, Sum
from symbackprop.notation.base import Notation, lettering
from symbackprop.notation.indices import affine
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.rewriting import Writer
from symbackprop.notation.slots import Network, slot_of
from symbackprop.system.model import PARAMETER_ROLES


def settle(formula: Formula, notation: Notation, system: Network) -> tuple[Formula, int]:
    """The statement, true for all layers, moved by some layers so that the book's parameters have
    the letter l.

    `z[l] = w[l] a[l-1] + b[l]` becomes `z[l+1] = w[l+1] a[l] + b[l+1]` for UFLDL, whose weights
    have the number of the layer that they leave. Also gives by how many layers: its ranges have to
    be moved down by that.
    """
    letters = lettering(notation, system)
    by = 0
    free = _family_letters(letters)
    for node in formula.walk():
        if not isinstance(node, Ref | Array) or not node.indices:
            continue
        offset = letters.layer_offset(node)
        index = affine(node.indices[0]) if offset is not None else None
        if index is None or len(index.letters) != 1 or index.letters[0][0] not in free:
            continue
        role = slot_of(node, system).role
        if role in PARAMETER_ROLES:
            assert offset is not None
            by = max(by, letters.shift - offset - index.number)
    return (moved(formula, free, by), by) if by else (formula, 0)


def moved(formula: Formula, free: frozenset[str], by: int) -> Formula:
    """The formula with each of the letters `free` replaced by itself plus `by`; bounds of sums
    move back."""

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Sum | Prod) and node.index.name in free:
            return replace(
                node,
                body=node.body.rewrite(change),
                lower=None if node.lower is None else _plus(node.lower, -by),
                upper=None if node.upper is None else _plus(node.upper, -by),
            )
        if isinstance(node, Idx | Add | Neg | Mul):
            index = affine(node)
            if index is not None and (total := index.total(free.__contains__)):
                return index.plus(by * total).formula()
        return None

    return formula.rewrite(change)


def written_range(
    lower: Formula, upper: Formula, notation: Notation, system: Network, by: int = 0
) -> tuple[Formula, Formula]:
    """The range of a layer letter as the book writes it: 1..L becomes 2..L for Nielsen.

    `by`: what `settle` moved the statement by.
    """
    letters = lettering(notation, system)
    write = Writer(letters, {}, letters.layer_letters)
    low, high = (write.layer(_plus(bound, -by)) for bound in (lower, upper))
    return low, high


def _plus(formula: Formula, number: int) -> Formula:
    index = affine(formula)
    if index is not None:
        return index.plus(number).formula()
    return Add((formula, Num(str(number)) if number > 0 else Neg(Num(str(-number)))))


def _family_letters(letters: Lettering) -> frozenset[str]:
    """Letters of layer axes (not the depth)."""
    return frozenset(
        str(axis.index)
        for q in letters.system.quantities
        for axis in q.axes
        if axis.kind == "layer"
    )
