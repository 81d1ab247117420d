"""Widths of layers that a text gives as numbers: "with one output unit, so n^{[L]} = 1"."""

from __future__ import annotations

from symbackprop.formula.tree import ONE, Array, Chain, Ref, Sym
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.understanding.statement import Understanding

WIDTHS = frozenset("nsdmNDKHS")


def of_one_output(u: Understanding, chain: Chain) -> bool:
    """Whether a claim reads the last layer, and that is said to have one unit: other shapes fit it then."""
    last = any(
        isinstance(n, Array | Ref) and n.indices and affine_of(n.indices[0])[0] in SIZE_LETTERS
        for n in chain.walk()
    )
    return last and _says_one_output(u)


def _says_one_output(u: Understanding) -> bool:
    for s in u.statements:
        head = s.chain.members[0]
        if s.sort != "numeric" or s.chain.members[1:] != (ONE,) or not isinstance(head, Sym):
            continue
        letters = {t for t in (*head.sub, *head.sup) if t.isalnum()}
        if head.base in WIDTHS and len(letters) == 1 and letters <= SIZE_LETTERS:
            return True
    return False


__all__ = ["of_one_output"]
