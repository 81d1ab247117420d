"""The state of judging one document, and which definitions hold at a place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from symbackprop.formula.remembered import remembered
from symbackprop.formula.tree import Array, Chain, Formula, Ref
from symbackprop.judging.clock import NEVER, Deadline, within
from symbackprop.judging.judge import Judge
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import System
from symbackprop.verifying.contexts.parts import Part, Parts
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Understanding

T = TypeVar("T")
Pattern = tuple[str, tuple[str, ...]]
Named = dict[str, tuple[tuple[str, ...], Formula]]

NO_COST = "no_cost"

SIZE = "size:"
"""Before the name of a size among the names that a statement uses."""


def pattern_of(d: Definition) -> Pattern:
    """What a definition defines: its name, and which indices are fixed."""
    marks = []
    for i in d.indices:
        letter, shift = affine_of(i)
        marks.append(f"#{shift}" if letter is None else letter if letter in SIZE_LETTERS else "*")
    return d.target, tuple(marks)


@dataclass(slots=True)
class Context:
    """One System with its judge, and the names that stand for formulas there."""

    system: System
    judge: Judge
    named: dict[str, tuple[tuple[str, ...], Formula]]
    defined: frozenset[str]
    upstream: dict[str, frozenset[str]]
    errors: dict[str, str]
    names: dict[str, str]
    depth: tuple[str, int] = ("L", 0)
    dropped: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Split:
    """Definitions in force: equations of the network, with all names in each, and named formulas."""

    chosen: list[Definition]
    forward: list[tuple[Definition, frozenset[str]]]
    named: Named


@dataclass(slots=True)
class Session:
    """Judges the statements of one understood document."""

    u: Understanding
    budget: float = 2.0
    until: Deadline = NEVER
    """When the time of the present statement is spent."""
    contexts: dict[tuple[object, ...], Context | str] = field(default_factory=dict)
    last_asked: dict[int, tuple[Context, Chain, tuple[str, ...]]] = field(default_factory=dict)
    broken: dict[int, Verdict] = field(default_factory=dict)
    """For a verdict on several claims, by its id: that on the first one that does not hold."""
    kept: list[Verdict] = field(default_factory=list)
    accumulated: dict[str, tuple[tuple[str, ...], Formula]] = field(default_factory=dict)
    known_rates: set[str] | None = None
    splits: dict[tuple[int, ...], Split] = field(default_factory=dict)
    general: dict[int, Definition] = field(default_factory=dict)
    parts: Parts | None = None
    wholes: dict[tuple[int, ...], Part] = field(default_factory=dict)
    remembered: dict[tuple[str, int], tuple[object, object]] = field(default_factory=dict)

    def once(self, what: str, about: object, make: Callable[[], T]) -> T:
        """What `make` finds out about an object of the document; it is asked once."""
        found = self.remembered.get((what, id(about)))
        if found is None:
            found = self.remembered[(what, id(about))] = (about, make())
        return found[1]  # type: ignore[return-value]

    def forget(self) -> None:
        """Forgets what was found out with the errors known so far."""
        self.contexts.clear()
        self.splits.clear()
        self.wholes.clear()
        self.parts = None

    def give(self, seconds: float) -> None:
        """Time for the next statement."""
        self.until = within(seconds)

    @property
    def left(self) -> float:
        """What is left of it."""
        return self.until.left

    def reads(self, d: Definition) -> frozenset[str]:
        """The names that a definition reads."""
        return self.once("reads", d.rhs, lambda: frozenset(reads_of(d.rhs)))

    def current(
        self, place: int, definitions: list[Definition], replaced: Mapping[int, Definition]
    ) -> list[Definition]:
        """For every pattern the latest of the definitions up to `place`, else the first after it."""
        chosen: dict[Pattern, Definition] = {}
        for d in definitions:
            if id(d) in replaced:
                d = replaced[id(d)]
            key = self.once("pattern", d, lambda d=d: pattern_of(d))  # type: ignore[misc]
            if key in chosen and d.weak and not chosen[key].weak:
                continue
            if d.place <= place or key not in chosen or (chosen[key].weak and not d.weak):
                chosen[key] = d
        strong = {d.target for d in chosen.values() if not d.weak}
        return [d for d in chosen.values() if not d.weak or d.target not in strong]

    def letter_of(self, name: str) -> str:
        """The letter that a name is written with, without its scripts."""
        return self.u.resolver.symbols.bases.get(name, name)

    def shown(self, name: str) -> str:
        """A name as the document writes it."""
        return self.u.resolver.symbols.names.get(name, name)


def reads_of(f: Formula) -> set[str]:
    """The names of quantities that a formula reads, or whose derivatives it reads."""
    return set(_reads(f))


@remembered
def _reads(f: Formula) -> frozenset[str]:
    return frozenset(n.name.removeprefix("d.") for n in f.walk() if isinstance(n, Ref | Array))
