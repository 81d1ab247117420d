r"""One output for each example: the A_i of `J = -\frac1m \sum_i (Y_i \log A_i + …)` beside `A = σ(W X + b)`.

Where the examples are the columns of X, such an A is a matrix with one row, and A_i its i-th entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from symbackprop.formula.tree import (
    ONE,
    Add,
    Call,
    Chain,
    Div,
    Formula,
    MatMul,
    Mul,
    Norm,
    Num,
    Pow,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_output_rows(statements: Iterable[Statement]) -> None:
    """Writes `A_{1i}` for `A_i` in every statement, where a cost sums over numbers A_i of a matrix A."""
    statements = list(statements)
    chains = [s.chain for s in statements]
    rows = outputs(chains)
    if not rows:
        return
    letters = {r.sub for r in rows}
    like = {(r.base, r.accent, r.sup) for r in with_arguments(chains, {_whole(r) for r in rows})}

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or n.sub not in letters:
            return None
        return replace(n, sub=("1", *n.sub)) if (owner(n), n.accent, n.sup) in like else None

    rewrite_all(statements, change)


def outputs(chains: Sequence[Chain]) -> set[Sym]:
    """The A_i and Y_i of a cost, where an equation makes one of the matrices out of a product of matrices."""
    rows = set(_rows(chains))
    made = {
        c.members[0] for c in chains
        if c.relations[:1] == ("=",) and isinstance(c.members[0], Sym)
        and any(_is_product(n) or isinstance(n, Call) for m in c.members[1:] for n in m.walk())
    }  # fmt: skip
    products = any(
        c.members[0] in made and any(map(_is_product, c.members[1].walk()))
        for c in chains if c.relations[:1] == ("=",)
    )  # fmt: skip
    if not products or not any(_whole(r) in made for r in rows):
        return set()
    return rows


def one_row(chains: Sequence[Chain]) -> Iterator[tuple[Sym, tuple[Formula, Formula | None]]]:
    r"""The matrices of one row, with their shapes: only entries `A_{1i}` are written, in a sum over i."""
    subs = subscripts(chains)
    for c in chains:
        for total in _means(c):
            for n in total.body.walk():
                if not isinstance(n, Sym) or n.sub != ("1", total.index.name):
                    continue
                if all(len(s) == 2 and s[0] == "1" and s[1].isalpha() for s in subs[_whole(n)]):
                    yield _whole(n), (ONE, total.upper)


def subscripts(chains: Sequence[Chain]) -> dict[Sym, set[tuple[str, ...]]]:
    """All subscripts that each matrix is written with."""
    found: dict[Sym, set[tuple[str, ...]]] = {}
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sym) and n.base[:1].isupper() and n.sub:
                found.setdefault(_whole(n), set()).add(n.sub)
    return found


def owner(s: Sym) -> str:
    """The letter that a symbol belongs to: Z for `dZ_i`."""
    return s.base[1:] if s.base[:1] == "d" and len(s.base) > 1 else s.base


def one_column(chains: Sequence[Chain], rows: set[Sym]) -> dict[Sym, tuple[Formula | None, ...]]:
    """The w of `Z = w^T X + b` where Z is a matrix of one row: a matrix of one column; b is a number."""
    rows = with_arguments(chains, rows)
    found: dict[Sym, tuple[Formula | None, ...]] = {}
    for c in chains:
        if c.relations[:1] != ("=",) or c.members[0] not in rows:
            continue
        terms = c.members[1].terms if isinstance(c.members[1], Add) else (c.members[1],)
        for term in terms:
            left = term.factors[0] if isinstance(term, MatMul) and len(term.factors) == 2 else None
            w = left.body if isinstance(left, Transpose) else None
            if isinstance(w, Sym) and w.base.islower():
                found[replace(w, span=None)] = (None, ONE)
                found |= {t: () for t in terms if isinstance(t, Sym) and t.base.islower()}
    return found


def with_arguments(chains: Sequence[Chain], rows: set[Sym]) -> set[Sym]:
    """With the Z of `A = σ(Z)`."""
    return rows | {
        replace(n, span=None) for c in chains
        if c.relations[:1] == ("=",) and c.members[0] in rows
        for m in c.members[1:] for n in (m.args if isinstance(m, Call) else ())
        if isinstance(n, Sym)
    }  # fmt: skip


def _rows(chains: Sequence[Chain]) -> Iterator[Sym]:
    """The A_i and Y_i of costs that sum over one letter alone, with logarithms or squares of numbers."""
    for c in chains:
        for total in _means(c):
            inside = list(total.body.walk())
            numbers = any(
                (isinstance(n, Call) and n.name in ("log", "ln")) or isinstance(n, Pow)
                for n in inside
            )
            entries = [n for n in inside if isinstance(n, Sym) and n.sub]
            if not numbers or any(isinstance(n, Sum | Norm) for n in inside) or not entries:
                continue
            if all(n.sub == (total.index.name,) and n.base[:1].isupper() for n in entries):
                yield from (replace(n, span=None) for n in entries)


def _means(c: Chain) -> list[Sum]:
    """The sums that a size divides: means over examples. Half a sum of squares goes over outputs."""
    found: list[Sum] = []
    for m in c.members[1:]:
        for n in m.walk():
            if isinstance(n, Mul) and any(map(_divides_by_size, n.factors)):
                found += [f for f in n.factors if isinstance(f, Sum)]
    return found


def _divides_by_size(f: Formula) -> bool:
    """`1/m`, `1/(2m)`."""
    if not isinstance(f, Div) or not isinstance(f.num, Num):
        return False
    return any(isinstance(n, Sym) and n == Sym(n.base) for n in f.den.walk())


def _is_product(f: Formula) -> bool:
    """`W X`, `W_1 X`, `w^T X`: a matrix of examples on the right."""
    if not isinstance(f, Mul | MatMul):
        return False
    plain = [x.body if isinstance(x, Transpose) else x for x in f.factors]
    arrays = [x for x in plain if isinstance(x, Sym) and all(t.isdigit() for t in x.sub)]
    return len(arrays) > 1 and arrays[-1].base[:1].isupper()


def _whole(s: Sym) -> Sym:
    return replace(s, sub=(), span=None)


__all__ = [
    "one_column",
    "one_row",
    "outputs",
    "owner",
    "read_output_rows",
    "subscripts",
    "with_arguments",
]
