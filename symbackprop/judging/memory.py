"""What was judged once is not judged again: the verdicts of one judge, by statement.

Charity, repairs and what a document says twice ask for the same verdicts again. Statements are compared by value;
a verdict for which the time ran out is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.clock import Deadline
from symbackprop.judging.verdict import Verdict

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim

MOST_VERDICTS = 4096
"""Verdicts kept by one judge."""

Key = tuple[object, ...]


class Memory:
    """The verdicts of one judge."""

    def __init__(self) -> None:
        self._known: dict[Key, Verdict] = {}

    def get(self, key: Key | None) -> Verdict | None:
        """A new object for a verdict given before: callers tell statements apart by their verdicts."""
        found = None if key is None else self._known.get(key)
        return None if found is None else replace(found)

    def keep(self, key: Key | None, verdict: Verdict, deadline: Deadline) -> Verdict:
        """Keeps a verdict that was reached within the time."""
        if key is not None and not deadline.passed:
            if len(self._known) >= MOST_VERDICTS:
                self._known.clear()
            self._known[key] = verdict
        return verdict


def statement(claim: Claim, members: Sequence[t.Formula], *rest: object) -> Key | None:
    """All that the verdict on these members depends on, besides the system; None if nested too deeply."""
    named = claim.named
    bodies: dict[str, tuple[tuple[str, ...], t.Formula]] = {}
    todo = list(members)
    while todo:
        for node in todo.pop().walk():
            name = node.name if isinstance(node, t.Ref | t.Array) else ""
            if name in named and name not in bodies:
                bodies[name] = named[name]
                todo.append(named[name][1])
    key = (
        tuple(members),
        tuple(sorted(bodies.items(), key=lambda item: item[0])),
        tuple(sorted(claim.ranges.items(), key=lambda item: item[0])),
        claim.constants,
        *rest,
    )
    try:
        hash(key)
    except RecursionError:
        return None
    return key


__all__ = ["Key", "Memory", "statement"]
