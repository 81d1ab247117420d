"""Definitions with all indices written."""

from __future__ import annotations

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import (
    Array,
    Formula,
    Idx,
    MatMul,
    Mul,
    Norm,
    Num,
    Ref,
    Transpose,
    add,
)
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.systems.builder import LETTERS, Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import rename, signed, tidy


def entrywise(builder: Builder, d: Definition) -> Definition:
    """The same definition with all indices written, layer letters unshifted on the left."""
    e = builder.entries()
    open_count = builder.arity.get(d.target, 0) - len(d.indices) if d.whole else 0
    letters = tuple(Idx(LETTERS[i]) for i in range(open_count))
    taken = {affine_of(i)[0] for i in d.indices}
    if any(letter.name in taken for letter in letters):
        letters = tuple(Idx(f"o{i + 1}") for i in range(open_count))
    rhs = d.rhs
    row = d.target in builder.row_vectors
    rhs = one_output(builder, d, rhs)
    rank = e.rank(rhs)
    if rank > open_count:
        # A number said to be a vector, as in the loss of one output: that vector has one entry.
        one_entry(builder, rhs)
        rhs = e.at(rhs, (*letters, *(Num("1"),) * (rank - open_count)))
    else:
        if open_count and not rank and _like_matrix_times_vector(rhs):
            raise ReadingError("a vector is said to be one number")  # all entries would be equal
        rhs = e.at(rhs, letters)
    indices = (*d.indices, *letters)
    if row and open_count == 2:
        indices = (*d.indices, Num("1"), letters[1])
        rhs = rename(rhs, {letters[0].name: Num("1")})
    shifts: dict[str, Formula] = {}
    plain: list[Formula] = []
    for i in indices:
        letter, shift = affine_of(i)
        if letter is not None and shift and letter not in builder.size_names:
            shifts[letter] = add(Idx(letter), signed(-shift))
            plain.append(Idx(letter))
        else:
            plain.append(i)
    rhs = rename(rhs, shifts) if shifts else rhs
    return Definition(d.target, tuple(plain), False, tidy(rhs), d.place, d.label, d.weak)


def _like_matrix_times_vector(f: Formula) -> bool:
    """`W x` of names that were taken for numbers."""
    for n in f.walk():
        names = (
            [x.name for x in n.factors if isinstance(x, Ref) and not x.indices]
            if isinstance(n, Mul)
            else []
        )
        if len(names) > 1 and any(x[0].isupper() for x in names) and names[-1][0].islower():
            return True
    return False


def one_output(builder: Builder, d: Definition, rhs: Formula) -> Formula:
    """`L = -y log a - …` of vectors: a column times a column is no product, so each has one entry."""
    if d.whole or any(isinstance(n, Transpose | Norm) for n in rhs.walk()):
        return rhs
    e = builder.entries()

    def product(n: Formula) -> bool:
        if not isinstance(n, MatMul | Mul):
            return False
        return sum(e.rank(x) == 1 for x in n.factors) > 1

    if not any(product(n) for n in rhs.walk()):
        return rhs
    if any(isinstance(n, Array) and e.rank_of(n) != 1 for n in rhs.walk()):
        return rhs
    one_entry(builder, rhs)

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Array):
            return Ref(n.name, (*n.indices, Num("1")))
        if isinstance(n, MatMul):
            return Mul(tuple(x.rewrite(change) for x in n.factors))
        return None

    return rhs.rewrite(change)


def one_entry(builder: Builder, rhs: Formula) -> None:
    for n in rhs.walk():
        if isinstance(n, Array) and builder.arity.get(n.name, 0) - len(n.indices) == 1:
            builder.single.add((n.name, len(n.indices)))


def in_entries(builder: Builder, f: Formula) -> Formula:
    e = builder.entries()
    try:
        rank = e.rank(f)
        return e.at(f, tuple(Idx(x) for x in LETTERS[:rank]))
    except ReadingError:
        return f
