r"""`\nabla_a C` of a text whose activations all carry a layer: by those of the output, `\nabla_{a^L} C`.

So in M. Nielsen, Neural Networks and Deep Learning, chapter 2, equation (BP1a), and in all that follow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.tree import Chain, Formula, Grad, Num, Pow, Sym
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.statement import Statement

LAST = (("L",), ("(", "L", ")"), ("[", "L", "]"))


def read_bare_gradients(statements: Sequence[Statement]) -> None:
    """Writes the last layer at such an a, in statements that speak of the last layer and of no other."""
    bare = {
        n.by.base for s in statements for n in s.chain.walk()
        if isinstance(n, Grad) and isinstance(n.by, Sym) and n.by == Sym(n.by.base)
        and isinstance(n.of, Sym) and n.of.base in COSTS
    }  # fmt: skip
    for base in bare:
        others = [_without_gradients(s.chain, base) for s in statements]
        symbols = [n for f in others for n in f.walk() if isinstance(n, Sym) and n.base == base]
        last = next((n.sup for n in symbols if n.sup in LAST), ())
        if not last or any(not n.sup and not n.sub for n in symbols):
            continue
        for s in statements:
            layers = {n.sup for n in s.chain.walk() if isinstance(n, Sym) and n.sup}
            if layers == {last}:
                s.chain = _with_layer(s.chain, base, last)


def _without_gradients(c: Chain, base: str) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Pow) and n.base == Sym(base) and isinstance(n.exponent, Num):
            return n.exponent  # a^0, the inputs
        return n.of if isinstance(n, Grad) and n.by == Sym(base) else None

    return c.rewrite_members(change)


def _with_layer(c: Chain, base: str, last: tuple[str, ...]) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Grad) and n.by == Sym(base):
            return replace(n, by=replace(n.by, sup=last))
        return None

    return c.rewrite_members(change)


__all__ = ["read_bare_gradients"]
