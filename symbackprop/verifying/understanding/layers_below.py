r"""Layers written below: the l of `z_l = W_l a_{l-1} + b_l` is the layer, as in `z^{(l)} = W^{(l)} a^{(l-1)} + …`.

Such a W is a matrix with a number, and no entry of a vector. Where l also counts entries, nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Add, Call, Chain, Formula, MatMul, Mul, Sum, Sym, Transpose
from symbackprop.verifying.names.letters import SIZE_LETTERS

SHIFTED = re.compile(r"_\s*\{\s*(?:l|\\ell|k|i|j|n)\s*[-+]\s*1\s*\}")
"""What a text with such layers holds."""

_LETTERS = ("l", "ell", "k", "i", "j", "n")
_LAYERS = frozenset({"l", "ell"})
_SIZES = frozenset({"n", "d", "m", "s", "D", "N", "M", "R", "mathbb{R}", "mathbb R"})


def layers_below(chains: Iterable[Chain]) -> frozenset[str]:
    """The letters of quantities whose first subscript is their layer; empty where there are none."""
    chains = list(chains)
    symbols = {n for c in chains for n in c.walk() if isinstance(n, Sym)}
    for letter in _LETTERS:
        if not any(_passes_on(c, letter) for c in chains if c.relations[:1] in (("=",), (":=",))):
            continue
        own = {s for s in symbols if _shift(s, letter) is not None and s.base not in _SIZES}
        bases = frozenset(s.base for s in own)
        counted = letter not in _LAYERS and any(
            isinstance(n, Sum) and n.index.name == letter for c in chains for n in c.walk()
        )
        # A letter among others counts entries; a script above is a layer already, or an example.
        mixed = any(letter in s.sub and _shift(s, letter) is None for s in symbols)
        raised = any(s.sup for s in symbols if s.base in bases)
        if not counted and not mixed and not raised:
            return bases
    return frozenset()


def lifted(chain: Chain, bases: frozenset[str]) -> Chain:
    """The chain with these layers above: `W^{(l)}` for `W_l`."""
    if not bases:
        return chain
    return chain.rewrite_members(
        lambda n: lifted_symbol(n, bases) if isinstance(n, Sym) and n.sub else None
    )


def lifted_symbol(s: Sym, bases: frozenset[str]) -> Sym:
    if s.base not in bases or s.sup or not s.sub or not _is_place(s.sub):
        return s
    return replace(s, sub=(), sup=("(", *s.sub, ")"))


def lowered(f: Formula, bases: frozenset[str]) -> Formula:
    """The formula as the document writes it: `W_l` for `W^{(l)}`."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.base in bases and n.sup[:1] == ("(",) and not n.sub:
            return replace(n, sub=n.sup[1:-1], sup=())
        return None

    return f.rewrite(change) if bases else f


def _passes_on(c: Chain, letter: str) -> bool:
    """`z_l = … W_l a_{l-1} …`: weights of the layer, and what another layer gives.

    By the letter l also `h_{l+1} = h_l + F(h_l)`.
    """
    head = c.members[0]
    at = _shift(head, letter) if isinstance(head, Sym) else None
    if at is None or (letter not in _LAYERS and _steps(c, letter)):
        return False
    if letter in _LAYERS and any(
        isinstance(n, Sym) and isinstance(head, Sym) and n.base == head.base
        and _shift(n, letter) == at - 1
        for m in c.members[1:] for n in m.walk()
    ):  # fmt: skip
        return True
    for n in (n for m in c.members[1:] for n in m.walk()):
        if not isinstance(n, Mul | MatMul):
            continue
        plain = [x.body if isinstance(x, Transpose) else x for x in n.factors]
        own = [x for x in plain if isinstance(x, Sym) and _shift(x, letter) is not None]
        weights = [x for x in own if x.base[:1].isupper()]
        given = [x for x in own if not x.base[:1].isupper() or x.base in ("A", "H", "X", "Z")]
        if weights and any(_shift(x, letter) == at - 1 for x in given):
            return True
    return False


def _steps(c: Chain, letter: str) -> bool:
    """`x_{k+1} = x_k - …`: steps of a method, and no layers."""
    head = c.members[0]
    return any(
        isinstance(t, Sym) and isinstance(head, Sym) and t.base == head.base
        for m in c.members[1:] if isinstance(m, Add) for t in m.terms
    ) or not any(isinstance(n, Call | MatMul) for m in c.members[1:] for n in m.walk())  # fmt: skip


def _shift(s: Sym, letter: str) -> int | None:
    """The 1 of `a_{l+1}`, the 0 of `a_l`; None for any other subscript."""
    match s.sub:
        case (x,) if x == letter:
            return 0
        case (x, "+" | "-" as sign, number) if x == letter and number.isdigit():
            return int(f"{sign}{number}")
    return None


def _is_place(sub: tuple[str, ...]) -> bool:
    """A layer's letter or number, or the last layer: `l - 1`, `2`, `L`."""
    first = sub[0]
    known = first.isdigit() or first in _LETTERS or first in SIZE_LETTERS
    return known and (len(sub) == 1 or (len(sub) == 3 and sub[1] in "+-" and sub[2].isdigit()))
