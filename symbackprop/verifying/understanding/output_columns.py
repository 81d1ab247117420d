r"""One output for each example where the examples are rows: the A_i of `J = -\frac1m \sum_i Y_i \log A_i …`.

Beside `Z = X W + b` and `A = σ(Z)` such an A is a matrix with one column, and A_i its i-th entry. The W before it
has one column, too (`W_j` is its j-th entry), and its b is a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symbackprop.formula.tree import (
    ONE,
    Add,
    Chain,
    Formula,
    MatMul,
    Mul,
    Sum,
    Sym,
)
from symbackprop.verifying.understanding.output_rows import (
    outputs,
    owner,
    subscripts,
    with_arguments,
)
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

Lengths = tuple[Formula | None, ...]


def read_output_columns(statements: Sequence[Statement]) -> None:
    """Writes `A_{i1}` for `A_i`, and `W_{j1}` for `W_j`, where a cost sums over numbers A_i of a matrix A."""
    chains = [s.chain for s in statements]
    rows = outputs(chains)
    if not rows:
        return
    letters = {r.sub for r in rows}
    columns = with_arguments(chains, {replace(r, sub=()) for r in rows})
    weights = {w for w, _ in _weights(chains, columns)}

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or len(n.sub) != 1 or not n.sub[0].isalpha():
            return None
        whole = replace(n, base=owner(n), sub=(), span=None)
        if whole in weights or (whole in columns and n.sub in letters):
            return replace(n, sub=(*n.sub, "1"))
        return None

    rewrite_all(statements, change)


def columns_of(chains: Sequence[Chain]) -> dict[Sym, Lengths]:
    """The shapes that this tells: of the outputs, of the weights before them, and their biases."""
    found: dict[Sym, Lengths] = {}
    subs = subscripts(chains)
    for c in chains:
        for total in (n for m in c.members[1:] for n in m.walk() if isinstance(n, Sum)):
            for n in total.body.walk():
                if not isinstance(n, Sym) or n.sub != (total.index.name, "1"):
                    continue
                whole = replace(n, sub=(), span=None)
                alone = all(
                    len(s) == 2 and s[1] == "1" and s[0].isalpha() for s in subs.get(whole, ())
                )
                if whole in subs and alone:
                    found.setdefault(whole, (total.upper, ONE))
    for weight, bias in _weights(chains, with_arguments(chains, set(found))):
        found.setdefault(weight, (None, ONE))
        if bias is not None:
            found[bias] = ()
    return found


def _weights(chains: Sequence[Chain], columns: set[Sym]) -> Iterator[tuple[Sym, Sym | None]]:
    """W and b of `Z = X W + b` where Z has one column."""
    for c in chains:
        if c.relations[:1] != ("=",) or c.members[0] not in columns:
            continue
        terms = c.members[1].terms if isinstance(c.members[1], Add) else (c.members[1],)
        products = [t for t in terms if isinstance(t, MatMul | Mul) and len(t.factors) == 2]
        rest = [t for t in terms if t not in products]
        if len(products) != 1 or len(rest) > 1 or not all(isinstance(t, Sym) for t in rest):
            continue
        left, right = products[0].factors
        if isinstance(left, Sym) and isinstance(right, Sym) and left.base[:1].isupper():
            bias = rest[0] if rest and isinstance(rest[0], Sym) and rest[0].base.islower() else None
            bias = None if bias is None else replace(bias, span=None)
            if right.base[:1].isupper():
                yield replace(right, span=None), bias


__all__ = ["columns_of", "read_output_columns"]
