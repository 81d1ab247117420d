"""Which definitions a proof for all depths opens, counted in rounds from the claim's difference.

Round 0 looks at what the difference names, round n at what the definitions opened in round n-1 name.
Everything that is not opened is an atom. Opening fewer definitions proves more: an identity that holds
with an atom holds for whatever the atom stands for. So it does no harm if, at small sizes, an entry is
reached later than at large ones, or not at all.

With `keep` the derivatives that the right side names stay atoms: which, is decided by the names of the
quantities and by layers alone, so that it is the same at all sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.judging.arena import Node
from symbackprop.judging.closing import Resolve
from symbackprop.judging.instance import Instance
from symbackprop.judging.marks import ONE
from symbackprop.judging.one_step import OneStep

FUNCTIONS = 3
"""Rounds in which equations that hold a function, and plain copies, are opened."""


@dataclass(frozen=True, slots=True)
class Opening:
    """sums: rounds in which weighted sums are opened. steps: rounds of the one-step chain rule;
    `above`: derivatives of the cost that the difference names take their step from the cost down."""

    sums: int
    steps: int
    keep: bool = False
    above: bool = False

    @property
    def rounds(self) -> int:
        return max(self.sums, self.steps, FUNCTIONS)


OPENINGS = (
    Opening(0, 1, keep=True),
    Opening(0, 2, keep=True),
    Opening(0, 1),
    Opening(0, 2),
    Opening(1, 1, keep=True),
    Opening(1, 2, keep=True),
    Opening(1, 2),
    Opening(0, 1, above=True),
    Opening(0, 4, keep=True),
    Opening(1, 3, keep=True),
    Opening(2, 2),
    Opening(1, 3),
    Opening(1, 2, above=True),
    Opening(0, 4),
)

Group = tuple[str, str, int | None]
"""A kind of derivatives: of what, by what, in which layer."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What each opened atom stands for; how far down and up the definitions lead from the layers of the
    difference."""

    meant: dict[Node, Node]
    down: int
    up: int

    def resolve(self, instance: Instance) -> Resolve:
        marks = instance.marks
        assert marks is not None

        def resolve(v: Node) -> Node | None:
            if v in marks.definition:
                one = instance.arena.args[v][0].startswith(ONE)
                return marks.definition[v] if one else None
            return self.meant.get(v)

        return resolve


def groups(instance: Instance, node: Node) -> set[Group]:
    """The kinds of derivatives that a node names."""
    arena, derivatives = instance.arena, instance.derivatives
    assert isinstance(derivatives, OneStep)
    return {_group(derivatives, v) for v in arena.variables(node) if v in derivatives.pairs}


def _group(derivatives: OneStep, v: Node) -> Group:
    (of, _), (by, indices) = (derivatives.arena.args[x] for x in derivatives.pairs[v])
    return of, by, derivatives.ladder.place(by, indices)


def opened(
    instance: Instance, difference: Node, opening: Opening, kept: frozenset[Group]
) -> Opened:
    """The definitions that an opening opens for a difference; derivatives of a `kept` kind stay atoms."""
    arena, derivatives = instance.arena, instance.derivatives
    assert isinstance(derivatives, OneStep)
    ladder = derivatives.ladder
    cost = instance.entry(instance.system.cost, ())

    def place(v: Node) -> int | None:
        name, indices = arena.args[derivatives.pairs[v][1] if v in derivatives.pairs else v]
        return ladder.place(name, indices)

    def meaning(v: Node, n: int) -> Node | None:
        if v in derivatives.pairs:
            if n >= opening.steps or (opening.keep and _group(derivatives, v) in kept):
                return None
            if opening.above and n == 0 and derivatives.pairs[v][0] == cost:
                return derivatives.above(v)
            return derivatives.below(v)
        if v not in instance.definition or not (instance.functional(v) or n < opening.sums):
            return None
        return instance.definition[v]

    meant: dict[Node, Node] = {}
    down = up = 0
    loose = (
        False  # whether something without a layer was opened: its definition ties layers of its own
    )
    # (atom, the layer in the difference from which it was reached; None behind what has no layer)
    frontier = {(v, place(v)) for v in arena.variables(difference)}
    for n in range(opening.rounds):
        following: set[tuple[Node, int | None]] = set()
        for v, root in frontier:
            if v not in meant:
                found = meaning(v, n)
                if found is None:
                    continue
                meant[v] = found
            # An equation of what has no layer (the cost) ties layers of its own together.
            own = v in derivatives.pairs and opening.above and meant[v] == derivatives.above(v)
            for u in arena.variables(meant[v]):
                here = place(u)
                if root is None or own:
                    following.add((u, here))
                    loose = True
                else:
                    if here is not None:
                        down, up = max(down, root - here), max(up, here - root)
                    following.add((u, root))
        frontier = following
    if loose:
        down += ladder.step
        up += 0 if ladder.forward else ladder.step
    return Opened(meant, down, up)


__all__ = ["OPENINGS", "Group", "Opened", "Opening", "groups", "opened"]
