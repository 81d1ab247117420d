"""Equations in the order in which they can be computed."""

from __future__ import annotations

import sympy as sp

from symbackprop.system.check_order import dependencies
from symbackprop.system.model import Equation


def in_order(equations: list[Equation]) -> list[Equation]:
    """Equations so that what one reads is defined before (families together). Raises IllFormedSystem."""
    targets = {e.target for e in equations}
    reads: dict[str, set[str]] = {t: set() for t in targets}
    for e in equations:
        for atom in e.rhs.atoms(sp.Indexed) | {s for s in e.rhs.free_symbols if s.is_Symbol}:
            name = str(atom.base.label) if isinstance(atom, sp.Indexed) else atom.name
            if name in targets and name != e.target:
                reads[e.target].add(name)
    done: list[str] = []
    state: dict[str, int] = {}
    recurs = False

    def visit(name: str) -> None:
        nonlocal recurs
        if state.get(name) == 2:
            return
        if state.get(name) == 1:
            recurs = True  # through a shifted index: within a round the order is another one
            return
        state[name] = 1
        for other in sorted(reads[name]):
            visit(other)
        state[name] = 2
        done.append(name)

    for e in equations:
        visit(e.target)
    rank = {n: i for i, n in enumerate(done)}
    ordered = sorted(equations, key=lambda e: (rank[e.target], not _is_base(e)))
    return _in_rounds(ordered) if recurs else ordered


def _in_rounds(equations: list[Equation]) -> list[Equation]:
    """Each round of a recurrence in an order that can be computed: `h_t` after the `c_t` that it reads.

    Everything else stays where it is; so does a cycle that is no recurrence.
    """
    needs = dependencies(equations)
    waiting = list(range(len(equations)))
    done: list[int] = []
    while waiting:
        ready = next((i for i in waiting if needs[i] <= set(done)), None)
        if ready is None:
            return equations
        waiting.remove(ready)
        done.append(ready)
    return [equations[i] for i in done]


def _is_base(e: Equation) -> bool:
    return bool(e.indices) and not e.indices[0].free_symbols
