"""What a quantity or a derivative is worth in a worked example: by the document's network and its printed numbers.

Printed values stand for their quantities, also for those that could be calculated: so the author's rounding on the
way is taken over, and only the step in question is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Chain, Formula, Num, Ref
from symbackprop.judging.arena import Key, Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.judge import values_of
from symbackprop.judging.meaning import Arr
from symbackprop.judging.numbers import Machine, Point
from symbackprop.judging.problems import Problem
from symbackprop.judging.samples import Sample
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.names.resolve import Unclear
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.claims import functions_at
from symbackprop.verifying.verdicts.verifier import Verifier

FAILURES = (SymbackpropError, Problem, Unclear, RecursionError, ValueError, TypeError, LookupError,
            ArithmeticError, AttributeError, AssertionError)  # fmt: skip


class _Given(Sample):
    """Nothing but what the document gives."""

    def value(self, key: Key) -> Fraction:
        raise ValueError(f"{key[0]} has no value")


class _Known(Point):
    """Values without those of functions that nothing is known of."""

    def _unknown(self, name: str, order: int, argument: Any) -> Any:
        raise ValueError(f"{name} has no formula")


def meant(verifier: Verifier, f: Formula) -> Formula | None:
    """A written formula with its symbols resolved; None if one has no meaning."""
    try:
        return verifier.u.resolver(f)
    except FAILURES:
        return None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that follows from the document's network, once its inputs are given."""

    instance: Instance
    node: Node
    constants: frozenset[str] = frozenset()  # rates of learning: no quantities of the network

    def at(self, given: Mapping[Key, Fraction]) -> float | None:
        """Its value; None where it does not follow from these numbers. given: (name, indices) -> value."""
        try:
            point = _Known(self.instance, _Given(self.instance, 0), Machine)
            for (name, indices), value in given.items():
                if name in self.constants:
                    point.values[self.instance.arena.var(name)] = Machine.exact(value)
                elif name in self.instance.system.by_name:
                    point.values[self.instance.entry(name, indices)] = Machine.exact(value)
            worth = point.at(self.node)
            return None if worth is None else float(worth)
        except FAILURES:
            return None


def quantity(verifier: Verifier, s: Statement, head: Formula) -> Quantity | None:
    """A resolved quantity, derivative or formula as a number; None where it has no one value."""
    try:
        chain = Chain((head, Num("0")), ("=",))
        constants: frozenset[str] = frozenset()
        verdict, context = ask(verifier.session, s, chain, functions_at(verifier, s))
        if id(verdict) in verifier.session.last_asked:  # names of errors are derivatives there
            _, asked, free = verifier.session.last_asked[id(verdict)]
            head, constants = asked.members[0], frozenset(free)
        if context is None or context.depth[1] or context.judge.trials != [{}]:
            return None  # how many layers or entries there are is open
        court = context.judge.court({})
        [found] = values_of(court, (head,), context.named, {}, constants)
        if isinstance(found, Problem) or len(found) != 1 or isinstance(found[0], Arr):
            return None
        return Quantity(court.instance, found[0], constants)
    except FAILURES:
        return None


def key_of(f: Formula | None) -> Key | None:
    """The entry that a resolved formula is: a name with numbers as indices."""
    if not isinstance(f, Ref) or not all(isinstance(i, Num) for i in f.indices):
        return None
    return f.name, _numbers(f)


def _numbers(f: Ref) -> tuple[int, ...]:
    return tuple(int(i.value) for i in f.indices if isinstance(i, Num))


__all__ = ["Quantity", "key_of", "meant", "quantity"]
