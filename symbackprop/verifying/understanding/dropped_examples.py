r"""Examples that the text drops for a while: `∂q_c/∂a_d` beside `q_c^{(t)} = …`, which alone is defined.

Every such statement is about one example, any one; the loss `ℓ = -\sum_c r_c \ln q_c` that is made there is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula.tree import Chain, Deriv, Formula, Grad, Sum, Sym
from symbackprop.verifying.understanding.statement import Statement

LAYERS = frozenset({"l", "L", "ell", "n_l"})
EQUALS = ("=", ":=", "equiv")


def read_dropped_examples(statements: Sequence[Statement]) -> None:
    """Writes the example above what the text has defined with it."""
    chains = [s.chain for s in statements if s.chain.relations]
    sups = {n.sup for c in chains for n in _symbols(c) if _example(n)}
    if len(sups) != 1:
        return
    (sup,) = sups
    if any(sup[1] in n.sup and n.sup != sup for c in chains for n in _symbols(c)):
        return  # `a^{(k+1)}`: layers
    heads = [c.members[0] for c in chains if c.relations[0] in EQUALS]
    defined = {h.base for h in heads if isinstance(h, Sym) and h.sup == sup}
    carrying = {(n.base, len(n.sub)) for c in chains for n in _symbols(c) if n.sup == sup}
    bare = {
        (n.base, len(n.sub)) for c in chains for n in _symbols(c)
        if not n.sup and (n.base, len(n.sub)) in carrying
    }  # fmt: skip
    plain = {h.base for h in heads if isinstance(h, Sym) and not h.sup}
    mixed = any(
        n.sup == sup and any((m.base, len(m.sub)) == (n.base, len(n.sub)) and not m.sup for m in _symbols(c))
        for c in chains for n in _symbols(c)
    )  # fmt: skip
    if mixed or not any(base in defined for base, _ in bare) or any(b in plain for b, _ in bare):
        return
    dropped = set(bare)
    for c in chains:
        head = c.members[0]
        made = isinstance(head, Sym) and not head.sup and c.relations[0] in EQUALS
        inside = [n for m in c.members[1:] for n in _symbols(m)]
        if made and not any(isinstance(n, Deriv | Grad) for n in c.walk()):
            assert isinstance(head, Sym)
            if any((n.base, len(n.sub)) in bare and not n.sup for n in inside):
                dropped.add((head.base, len(head.sub)))
    letter = sup[1]
    for s in statements:
        if not s.chain.relations or any(letter in (*n.sup, *n.sub) for n in _symbols(s.chain)):
            continue
        if any(isinstance(n, Sum) and n.index.name == letter for n in s.chain.walk()):
            continue
        s.chain = _with_example(s.chain, dropped, sup)


def _with_example(c: Chain, dropped: set[tuple[str, int]], sup: tuple[str, ...]) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and not n.sup and (n.base, len(n.sub)) in dropped:
            return replace(n, sup=sup)
        return None

    return c.rewrite_members(change)


def _example(s: Sym) -> bool:
    """A letter in round brackets that is no layer."""
    return (
        len(s.sup) == 3
        and (s.sup[0], s.sup[2]) == ("(", ")")
        and s.sup[1].isalpha()
        and s.sup[1] not in LAYERS
    )


def _symbols(f: Formula) -> list[Sym]:
    return [n for n in f.walk() if isinstance(n, Sym)]


__all__ = ["read_dropped_examples"]
