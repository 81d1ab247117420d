"""Judges by system: statements about equal systems share one judge, with all that it knows already.

Each statement of a document has a system of its own, the part of the network that it speaks of, and many of these
are equal; a document is often verified again after a small edit. Systems are compared by value. What is kept
is bounded, belongs to one thread and ends with the process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from symbackprop.judging.judge import Judge
from symbackprop.judging.memory import Key
from symbackprop.system.model import System

MOST_JUDGES = 256
MOST_NODES = 600_000
"""Nodes of all graphs kept together; the graphs of judges asked long ago are given up first."""


class _Judges(threading.local):
    """The judges of one thread, the one asked last at the end."""

    def __init__(self) -> None:
        self.known: OrderedDict[Key, Judge] = OrderedDict()


_JUDGES = _Judges()


def judge_of(system: System, budget: float, single: bool = False) -> Judge:
    """The judge of a system; of an equal one, if there was one. single: its last layer has one unit."""
    key = (
        system.name,
        system.quantities,
        system.equations,
        system.cost,
        system.functions,
        system.sizes,
        budget,
        single,
    )
    known = _JUDGES.known
    found = known.get(key)
    if found is None:
        _make_room(known)
        found = known[key] = Judge(system, budget, single=single)
    known.move_to_end(key)
    return found


def _make_room(known: OrderedDict[Key, Judge]) -> None:
    while len(known) >= MOST_JUDGES:
        known.popitem(last=False)
    nodes = 0
    for judge in reversed(known.values()):
        nodes += judge.nodes()
        if nodes > MOST_NODES:
            judge.forget_graphs()


__all__ = ["judge_of"]
