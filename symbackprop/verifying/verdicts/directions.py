"""Whether a step along what is carried goes down: the momentum of `v ← β v + ∂C/∂w`, `w ← w - η v`.

How such a step is made is an algorithm's choice and cannot be proved; that it does not go up can be read off
the signs, where rates and averages are positive.
"""

from __future__ import annotations

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Deriv,
    Div,
    Formula,
    Grad,
    Hadamard,
    Mul,
    Neg,
    Pow,
    Ref,
    Transpose,
)
from symbackprop.system.model import ADJOINT
from symbackprop.verifying.verdicts.verifier import Verifier

UP = "the step goes along the gradient of the cost, not against it"


def direction(
    verifier: Verifier, target: Formula, new: Formula, states: frozenset[str]
) -> int | None:
    """1 for a step along the gradient by the target, -1 against it, None where the signs do not tell."""
    if not isinstance(target, Ref | Array) or not isinstance(new, Add):
        return None
    rest = [t for t in new.terms if not (isinstance(t, Ref | Array) and t.name == target.name)]
    if len(rest) == len(new.terms):
        return None
    signs = _Signs(verifier, target.name, states)
    return signs.of(rest[0] if len(rest) == 1 else Add(tuple(rest))) or None


class _Signs:
    """How formulas grow with the gradient: 1, -1, 0 where they do not depend on it, None if unknown."""

    def __init__(self, verifier: Verifier, by: str, states: frozenset[str]) -> None:
        self.by, self.states = by, states
        self.made: dict[str, Formula] = {}
        self.seen: set[str] = set()
        for s in verifier.u.statements:
            if s.sort == "update" and s.meant is not None:
                head = s.meant.members[0]
                if isinstance(head, Ref | Array) and head.name in states:
                    self.made.setdefault(head.name, s.meant.members[-1])

    def of(self, f: Formula) -> int | None:
        match f:
            case Deriv(by=by) | Grad(by=by):
                return int(isinstance(by, Ref | Array) and by.name == self.by)
            case Ref() | Array():
                return self._name(f.name)
            case Neg(body=body):
                found = self.of(body)
                return None if found is None else -found
            case Transpose(body=body):
                return self.of(body)
            case Add(terms=terms):
                return self._sum([self.of(t) for t in terms])
            case Mul(factors=factors) | Hadamard(factors=factors):
                return self._product([self.of(x) for x in factors])
            case Div(num=num):
                return self.of(num)
            case Pow() | Call():
                return 0  # squares and roots of squares: they scale the step
            case _:
                return 0 if not any(isinstance(n, Deriv | Grad) for n in f.walk()) else None

    def _name(self, name: str) -> int | None:
        if name == f"{ADJOINT}{self.by}":
            return 1
        if name not in self.states or name in self.seen:
            return 0  # a rate, or the value that is carried on
        if name not in self.made:
            return None
        self.seen.add(name)
        found = self.of(self.made[name])
        self.seen.discard(name)
        return found

    @staticmethod
    def _sum(found: list[int | None]) -> int | None:
        signs = {s for s in found if s != 0}
        return next(iter(signs), 0) if len(signs) < 2 else None

    @staticmethod
    def _product(found: list[int | None]) -> int | None:
        signs = [s for s in found if s != 0]
        return (signs[0] if signs else 0) if len(signs) < 2 else 0


__all__ = ["UP", "direction"]
