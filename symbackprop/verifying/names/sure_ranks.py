"""How many axes a written formula has, where that is sure: said, or written with entries elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.formula.tree import (
    Add,
    Call,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    MatMul,
    Mul,
    Neg,
    Num,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.symbols import Symbols


def sure_rank(f: Formula, symbols: Symbols, sure: Mapping[str, int]) -> int | None:
    """0 for a number, 1 for a column, 2 for a matrix; None where it is open, and for a row."""

    def rank(x: Formula) -> int | None:
        return sure_rank(x, symbols, sure)

    match f:
        case Num():
            return 0
        case Sym():
            w = symbols.resolve(f)
            return w.missing or sure.get(w.name)
        case Neg(body=body) | Sum(body=body):
            return rank(body)
        case Call(args=(only,)):
            return rank(only)
        case Deriv(of=Sym(sub=()), by=by) | Grad(of=Sym(sub=()), by=by):
            return rank(by)
        case Transpose(body=body):
            return 2 if rank(body) == 2 else None
        case Add(terms=parts) | Hadamard(factors=parts):
            found = {rank(x) for x in parts}
            return found.pop() if len(found) == 1 else None
        case MatMul(factors=factors):
            ranks = [rank(x) for x in factors]
            return ranks[-1] if all(r == 2 for r in ranks[:-1]) else None
        case Mul(factors=factors):
            ranks = [r for r in map(rank, factors) if r != 0]
            return ranks[0] if len(ranks) == 1 else None if ranks else 0
    return None
