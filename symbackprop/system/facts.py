"""What one fact says about another: `in (0,1)` implies `positive`."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.system.model import Fact

_IMPLIES: dict[str, tuple[str, ...]] = {
    "in (0,1)": ("in [0,1]", "positive", "in (-1,1)"),
    "in {0,1}": ("in [0,1]",),
    "in [0,1]": ("nonnegative",),
    "in {-1,1}": ("nonzero",),
    "positive": ("nonnegative", "nonzero"),
    "in (-1,1)": (),
    "nonnegative": (),
    "nonzero": (),
    "sums to 1": (),
}
KINDS = tuple(_IMPLIES)
"""Every kind of fact there is."""


def consequences(kind: str) -> frozenset[str]:
    """The kind itself and every kind that follows from it."""
    found = {kind}
    waiting = [kind]
    while waiting:
        for weaker in _IMPLIES.get(waiting.pop(), ()):
            if weaker not in found:
                found.add(weaker)
                waiting.append(weaker)
    return frozenset(found)


def known(kind: str, facts: Iterable[Fact]) -> bool:
    """Whether `kind` (of one entry by itself) follows from the facts."""
    return any(kind in consequences(fact.kind) for fact in facts)


def facts(*kinds: str) -> frozenset[Fact]:
    """`facts("in (0,1)")`: facts about single entries."""
    return frozenset(Fact(kind) for kind in kinds)
