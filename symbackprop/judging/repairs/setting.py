"""What a repair is: a row of the registry, and what its edits may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from symbackprop.formula import tree as t
from symbackprop.system.model import System

if TYPE_CHECKING:
    from symbackprop.judging.guided.missing import Guide
    from symbackprop.judging.screening import Screen

Formulas = Iterator[t.Formula]


@dataclass(frozen=True, slots=True)
class Setting:
    """What an edit may use: the system, the index formulas of the claim, its left side, its numbers.

    numbers: values of formulas at sample points, for edits that look for what is missing; None
    where the statement has no value.
    """

    system: System
    letters: tuple[t.Formula, ...]
    left: t.Formula
    numbers: Screen | None = None
    _guides: list[Guide | None] = field(default_factory=list, compare=False, repr=False)

    def guide(self) -> Guide | None:
        """The search by numbers for what is missing, made once; None without numbers."""
        if not self._guides:
            from symbackprop.judging.guided.missing import Guide

            self._guides.append(None if self.numbers is None else Guide(self.numbers, self.letters))
        return self._guides[0]


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of repair: a stable name, what was wrong in words, its cost and its edits.

    edits: from the formula and the Setting to edited formulas, the likeliest first; most change one
    place. They know nothing of what is true but the Setting's numbers: `diagnose` judges them all.
    """

    name: str
    meaning: str
    cost: int
    edits: Callable[[t.Formula, Setting], Formulas]


def places(f: t.Formula, change: Callable[[t.Formula], Iterator[t.Formula]]) -> Formulas:
    """`f` with one node replaced, for every node and every replacement that `change` offers.

    What is differentiated, and by what, is left alone: it is what the claim is about. So are the
    indices of a quantity: no sum of theirs is a term, no step of theirs a factor.
    """
    yield from change(f)
    if isinstance(f, t.Deriv | t.Grad | t.Ref | t.Array):
        return
    for name in f.__dataclass_fields__:
        if name == "span":
            continue
        value = getattr(f, name)
        if isinstance(value, t.Formula):
            for new in places(value, change):
                yield _with(f, name, new)
        elif isinstance(value, tuple):
            for k, child in enumerate(value):
                if isinstance(child, t.Formula):
                    for new in places(child, change):
                        yield _with(f, name, (*value[:k], new, *value[k + 1 :]))


def _with(f: t.Formula, name: str, value: object) -> t.Formula:
    change: dict[str, Any] = {name: value}
    return replace(f, **change)


def is_term(f: t.Formula) -> bool:
    """Whether a formula is a number, and no index, condition or plain numeral."""
    return not isinstance(f, t.Idx | t.Num | t.Chain)


def without(n: t.Mul | t.Hadamard | t.MatMul, k: int) -> t.Formula:
    """The product without its factor number k."""
    rest = n.factors[:k] + n.factors[k + 1 :]
    return rest[0] if len(rest) == 1 else replace(n, factors=rest)


def entries(name: str, s: Setting, arrays: bool = False) -> Iterator[t.Formula]:
    """The quantity at index formulas of the claim (or as a whole array)."""
    q = s.system.by_name[name]
    if arrays:
        if not q.axes or q.axes[0].kind != "layer":
            yield t.Array(name) if q.axes else t.Ref(name)
        else:
            layers = {n.indices for n in s.left.walk() if isinstance(n, t.Array) and n.indices}
            for indices in sorted(layers, key=str):
                yield t.Array(name, indices[:1])
        return
    if not q.axes:
        yield t.Ref(name)
        return
    choices: list[tuple[t.Formula, ...]] = [()]
    for _ in q.axes:
        choices = [(*c, x) for c in choices for x in s.letters if x not in c]
    for indices in choices[:24]:
        yield t.Ref(name, indices)
