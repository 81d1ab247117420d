r"""A recurrence written step by step: `h_1 = \tanh(W x_1 + U h_0 + b)`, `h_2 = \tanh(W x_2 + U h_1 + b)`.

In most texts `x_1` is an entry. What a matrix maps at one step and at the next is a vector at each step, and so
is what it is made of, added to and compared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbackprop.formula.tree import (
    Add,
    Chain,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    MatMul,
    Mul,
    Neg,
    Sym,
)
from symbackprop.verifying.names.letters import COSTS


def numbered_times(chains: Iterable[Chain]) -> frozenset[str]:
    """The letters of these vectors; none where no recurrence is written out."""
    rows = [
        c for c in chains
        if c.relations and set(c.relations) <= {"=", ":="}
        and not any(isinstance(n, Deriv | Grad) for n in c.walk())
    ]  # fmt: skip
    found = {c.members[0].base for c in rows if is_step(c) and isinstance(c.members[0], Sym)}
    if not found:
        return frozenset()
    for c in rows:
        if is_step(c):
            found |= {x.base for x in _mapped(c) if x.sub[0].isdigit()}
    grown = True
    while grown:
        before = len(found)
        for c in rows:
            head = c.members[0]
            if isinstance(head, Sym) and _timed(head) and any(x.base in found for x in _mapped(c)):
                found.add(head.base)  # `y_t = V h_t`
            for group in _alike(c):
                if any(x.base in found for x in group):
                    found |= {x.base for x in group}
        grown = len(found) > before
    return frozenset(found)


def is_numbered(s: Sym, letters: frozenset[str]) -> bool:
    """Whether a symbol is one of these letters at one step: `h_1`, `h_t`, `h_{t-1}`."""
    return s.base in letters and _timed(s)


def is_step(c: Chain) -> bool:
    """`h_2 = …` of a matrix times `h_1`."""
    head = c.members[0]
    if not isinstance(head, Sym) or not _timed(head) or not head.sub[0].isdigit():
        return False
    before = str(int(head.sub[0]) - 1)
    return any(x.base == head.base and x.sub == (before,) for x in _mapped(c))


def _timed(s: Sym) -> bool:
    plain = len(s.base) == 1 and s.base.islower() and not s.sup
    return plain and (s.sub[:1] == ("t",) or (len(s.sub) == 1 and s.sub[0].isdigit()))


def _mapped(c: Chain) -> Iterator[Sym]:
    """What stands in a product with one matrix that has no number: `U h_0`."""
    for m in c.members[1:]:
        for n in m.walk():
            if not isinstance(n, Mul | MatMul) or len(n.factors) != 2:
                continue
            for matrix, x in (n.factors, n.factors[::-1]):
                if _is_matrix(matrix) and isinstance(x, Sym) and _timed(x):
                    yield x


def _is_matrix(f: Formula) -> bool:
    return (
        isinstance(f, Sym) and len(f.base) == 1 and f.base.isupper() and f.base not in COSTS
        and not f.sup and not any(t.isdigit() for t in f.sub)
    )  # fmt: skip


def _alike(c: Chain) -> Iterator[list[Sym]]:
    """Symbols that have the same shape: terms of a sum, factors of an entry-wise product, two sides."""
    for f in (c, *(n for m in c.members for n in m.walk())):
        if isinstance(f, Add | Hadamard | Chain):
            parts = f.terms if isinstance(f, Add) else f.children()
            yield [x for p in parts for x in _parts(p) if _timed(x)]


def _parts(f: Formula) -> Iterator[Sym]:
    if isinstance(f, Neg):
        yield from _parts(f.body)
    elif isinstance(f, Add):
        for t in f.terms:
            yield from _parts(t)
    elif isinstance(f, Sym):
        yield f


__all__ = ["is_numbered", "is_step", "numbered_times"]
