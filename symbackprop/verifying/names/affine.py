"""Index formulas: a letter and a shift."""

from __future__ import annotations

from symbackprop.formula.tree import Add, Formula, Idx, Neg, Num


def affine_of(f: Formula) -> tuple[str | None, int]:
    """(letter, shift) of letter + number; (None, number) of a number; (None, 0) of anything else."""
    if isinstance(f, Num):
        return None, int(f.value) if f.value.denominator == 1 else 0
    if isinstance(f, Idx):
        return f.name, 0
    if isinstance(f, Neg):
        letter, shift = affine_of(f.body)
        return (None, -shift) if letter is None else (None, 0)
    if isinstance(f, Add):
        letters, total = [], 0
        for term in f.terms:
            letter, shift = affine_of(term)
            if letter is None and affine_constant(term) is None:
                return None, 0  # 2 t + k, t - k
            total += shift
            if letter is not None:
                letters.append(letter)
        return (letters[0] if len(letters) == 1 else None), total
    return None, 0


def affine_constant(f: Formula) -> int | None:
    """The value of a number, with its sign, or of a sum of these; None of anything else."""
    if isinstance(f, Add):
        terms = [affine_constant(t) for t in f.terms]
        return None if None in terms else sum(t for t in terms if t is not None)
    if isinstance(f, Neg):
        inner = affine_constant(f.body)
        return None if inner is None else -inner
    return int(f.value) if isinstance(f, Num) and f.value.denominator == 1 else None
