r"""Other letters than l for any layer: `G_i = ∂L/∂Z_i` beside `Z_1 = X W_1 + b_1`, `Z_2 = H_1 W_2 + b_2`, ….

Where the numbers of `Z_1`, `Z_2` count layers (what one computes goes into the next), a letter in their
place that no sum binds, and that stands nowhere else in the statement, is any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.tree import Chain, Deriv, Formula, Grad, Idx, Prod, Sum, Sym
from symbackprop.verifying.understanding.statement import Statement

LETTERS = ("i", "k", "j", "n")
LAYER = "l"


def read_letters_of_layers(statements: Sequence[Statement]) -> None:
    """Writes l for these letters: `G_l = ∂L/∂Z_l`."""
    chains = [s.chain for s in statements if s.chain.relations]
    bases = _numbered(chains)
    if not bases or any(LAYER in s.sub for c in chains for s in _symbols(c)):
        return
    new = {
        n.base for c in chains for letter in LETTERS if _is_any(c, letter, bases)
        for n in _symbols(c) if n.sub[:1] == (letter,)
    }  # fmt: skip
    bases |= {b for b in new if not _has_index(b, chains)}
    for s in statements:
        for letter in LETTERS:
            if s.chain.relations and _is_any(s.chain, letter, bases, len(bases)):
                s.chain = _with_l(s.chain, letter)


def _numbered(chains: Sequence[Chain]) -> set[str]:
    """The bases of what is defined layer by layer, and of the weights there; none has other scripts."""
    heads = {
        c.members[0]: c for c in chains
        if c.relations[:1] in (("=",), (":=",)) and _number(c.members[0]) is not None
        and not any(isinstance(n, Deriv | Grad) for n in c.walk())
    }  # fmt: skip
    passed = any(
        isinstance(n, Sym) and n in heads and (_number(n) or 0) == (_number(head) or 0) - 1
        for head, c in heads.items() for m in c.members[1:] for n in m.walk()
    )  # fmt: skip
    if not passed:
        return set()
    found = {n.base for c in heads.values() for n in _symbols(c) if _number(n) is not None}
    return {b for b in found if not _has_index(b, chains)}


def _has_index(base: str, chains: Sequence[Chain]) -> bool:
    """Whether a letter has more scripts than one number or one letter for it: then the number may be an entry's."""
    return any(
        n.sup or (n.sub and not n.sub[0].isdigit() and n.sub[0] not in LETTERS)
        for c in chains for n in _symbols(c) if n.base == base
    )  # fmt: skip


def _is_any(chain: Chain, letter: str, bases: set[str], least: int = 0) -> bool:
    """Whether a letter stands for any layer in a statement: free, and in the place of the number only."""
    carrying = [n for n in _symbols(chain) if letter in n.sub or letter in n.sup]
    bound = any(isinstance(n, Sum | Prod) and n.index == Idx(letter) for n in chain.walk())
    if bound or not carrying or not all(_in_place(n, letter) for n in carrying):
        return False
    known = [n.base in bases for n in carrying]
    return all(known) if least else any(known)


def _in_place(s: Sym, letter: str) -> bool:
    if s.sup or s.sub[:1] != (letter,):
        return False
    return len(s.sub) == 1 or (len(s.sub) == 3 and s.sub[1] in "+-" and s.sub[2].isdigit())


def _with_l(chain: Chain, letter: str) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.sub[:1] == (letter,):
            return replace(n, sub=(LAYER, *n.sub[1:]))
        return None

    return chain.rewrite_members(change)


def _number(f: Formula) -> int | None:
    """The 2 of `Z_2`."""
    plain = isinstance(f, Sym) and not f.sup and len(f.sub) == 1 and f.sub[0].isdigit()
    return int(f.sub[0]) if isinstance(f, Sym) and plain else None


def _symbols(f: Formula) -> list[Sym]:
    return [n for n in f.walk() if isinstance(n, Sym)]


__all__ = ["read_letters_of_layers"]
