r"""Derivatives by an operator that the text introduces: `D_j S_i = \frac{\partial S_i}{\partial a_j}`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Deriv, Formula, MatMul, Mul, Sym, mul
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_named_operators(statements: Iterable[Statement]) -> None:
    """Writes `∂f/∂a_j` for `D_j f` in every statement, where one of them says so."""
    statements = list(statements)
    meaning: dict[str, Sym] = {}
    for s in statements:
        c = s.chain
        if c.relations[:1] not in (("=",), (":=",), ("equiv",)):
            continue
        for derived in c.members[1:]:
            match c.members[0], derived:
                case (
                    Mul(factors=(Sym() as operator, of)) | MatMul(factors=(Sym() as operator, of)),
                    Deriv(of=same, by=Sym() as by),
                ) if of == same and operator.sub and operator.sub == by.sub:
                    meaning.setdefault(operator.base, by)
    used = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    for base in list(meaning):
        if any(n.base == base and not n.sub for n in used):
            del meaning[base]
    if not meaning:
        return

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Mul | MatMul):
            return None
        for k, f in enumerate(n.factors[:-1]):
            if isinstance(f, Sym) and f.base in meaning and f.sub:
                of = n.factors[k + 1].rewrite(change)
                one = Deriv(of, replace(meaning[f.base], sub=f.sub, span=None), span=n.span)
                rest = (*n.factors[:k], one, *n.factors[k + 2 :])
                return mul(*(x.rewrite(change) for x in rest)) if len(rest) > 1 else one
        return None

    rewrite_all(statements, change)


__all__ = ["read_named_operators"]
