"""Where a cost is smallest: the gradient must be a multiple of what the text sets to 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.formula.tree import (
    ONE,
    Array,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Idx,
    Mul,
    Neg,
    Num,
    Ref,
)
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.contexts.cost_in_force import default_cost
from symbackprop.verifying.contexts.session import reads_of
from symbackprop.verifying.understanding.optima import residual
from symbackprop.verifying.understanding.statement import Optimum, Statement
from symbackprop.verifying.verdicts.claims import functions_at
from symbackprop.verifying.verdicts.verifier import Verifier


def of_given(verifier: Verifier, chain: Chain) -> bool:
    """`AᵀA v = Aᵀ b` of what is given alone: no identity, but where a cost is smallest it may hold."""
    defined = {d.target for d in verifier.u.definitions}
    return len(chain.members) == 2 and not any(
        isinstance(n, Deriv | Grad | Call) or (isinstance(n, Ref | Array) and n.name in defined)
        for n in chain.walk()
    )


def judge_optimum(verifier: Verifier, s: Statement, optimum: Optimum) -> Verdict:
    """Proved where the cost's derivative by what is learned is a multiple of the residual, for some factor."""
    session, equation = verifier.session, optimum.equation
    cost = default_cost(session, s.place, equation)
    if cost is None:
        return Verdict("not_understood", reason="it is said to hold only where something is 0")
    rest = residual(equation)
    first: Verdict | None = None
    for by in _learned(verifier, optimum):
        slope = (Grad if isinstance(by, Array) else Deriv)(Ref(cost), by)
        for factor in _factors(verifier, cost):
            claim = Chain((slope, rest if factor == ONE else Mul((factor, rest))), ("=",))
            verdict, _ = ask(session, s, claim, functions_at(verifier, s))
            if verdict.kind in ACCEPTED:
                return verdict
            if verdict.kind == "not_understood":
                return verdict
            first = first or verdict
    if first is None:
        return Verdict("not_understood", reason="it is said to hold only where something is 0")
    if _others(verifier, equation):
        return Verdict("not_understood", reason="several quantities are solved for together")
    wrong = replace(first, reason="the derivative of the cost is not 0 there", members=())
    asked = session.last_asked.get(id(first))
    if asked is not None:
        session.last_asked[id(wrong)] = asked
        session.kept.append(wrong)
    return wrong


def _learned(verifier: Verifier, optimum: Optimum) -> Iterator[Ref | Array]:
    """What the equation may be solved for: on its left side first, defined nowhere."""
    if isinstance(optimum.by, Ref | Array):
        yield optimum.by
        return
    defined = {d.target for d in verifier.u.definitions}
    seen: set[str] = set()
    tables = verifier.u.resolver.symbols
    data = {"x", "y", "X", "Y", "t"}
    for m in optimum.equation.members:
        for n in m.walk():
            if not isinstance(n, Ref | Array) or n.name in seen | defined:
                continue
            seen.add(n.name)
            if tables.bases.get(n.name, n.name) not in data:
                yield replace(n, span=None)


def _others(verifier: Verifier, equation: Chain) -> bool:
    """Whether the text solves for, or differentiates by, something that the equation does not hold."""
    inside = reads_of(equation)
    defined = {d.target for d in verifier.u.definitions}
    asked: set[str] = set()
    for s in verifier.u.statements:
        if s.optimum is not None:
            asked |= {s.optimum.by.name} if isinstance(s.optimum.by, Ref | Array) else set()
        for n in s.meant.walk() if s.meant is not None else ():
            if isinstance(n, Deriv | Grad) and isinstance(n.by, Ref | Array):
                asked.add(n.by.name)
    return bool(asked - inside - defined)


def _factors(verifier: Verifier, cost: str) -> Iterator[Formula]:
    """1, 2, 1/2, the sizes of the document, what the cost is divided by: with both signs."""
    two = Num("2")
    sizes: list[Formula] = [Idx(name) for name in sorted(verifier.u.resolver.sizes)[:3]]
    plain: list[Formula] = [ONE, two, Div(ONE, two)]
    for size in sizes:
        plain += [size, Div(ONE, size), Div(two, size), Mul((two, size)), Div(size, two)]
        plain += [Div(ONE, Mul((two, size)))]
    for d in verifier.u.definitions:
        for n in d.rhs.walk() if d.target == cost else ():
            if isinstance(n, Div) and any(isinstance(x, Ref) for x in n.den.walk()):
                plain += [Div(ONE, n.den), Div(two, n.den)]
                plain += [Div(Mul((*up, size)), n.den) for size in sizes for up in ((), (two,))]
    for f in plain:
        yield f
        yield Neg(f)


__all__ = ["judge_optimum", "of_given"]
