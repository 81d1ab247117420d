"""Index formulas: a letter and a shift."""

from __future__ import annotations

from symbackprop.formula.tree import Add, Formula, Idx, Mul, Neg, Num


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
            if isinstance(term, Mul):
                return None, 0  # 2 t + k
            letter, shift = affine_of(term)
            total += shift
            if letter is not None:
                letters.append(letter)
        return (letters[0] if len(letters) == 1 else None), total
    return None, 0
