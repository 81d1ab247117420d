"""Scopes apart: where a document writes its network another way, names and cost are those of that place."""

from __future__ import annotations

from symbackprop.formula.tree import Deriv, Grad, Ref
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.scopes import Scope
from symbackprop.verifying.understanding.statement import Understanding, base_letter, names_of


def find_apart(u: Understanding) -> dict[Scope, str]:
    """Scopes that write the network another way and differentiate the cost there: scope -> cost."""
    found: dict[Scope, str] = {}
    for scope in u.scopes.scopes:
        if not scope.another:
            continue
        own = [d for d in u.definitions if d.place in scope]
        reads = {n for d in own for n in names_of(d.rhs)}
        if not reads:
            continue
        for s in u.statements:
            if s.place not in scope or s.meant is None:
                continue
            for n in s.meant.walk():
                if not isinstance(n, Deriv | Grad) or not isinstance(n.of, Ref) or n.of.indices:
                    continue
                if base_letter(n.of, u) in COSTS and names_of(n.by) & reads:
                    found.setdefault(scope, n.of.name)
    return found


def find_late(u: Understanding) -> set[str]:
    """Costs that a later section defines anew: before, they are differentiated by what these lack.

    `J = Σ_n J_n` of many samples, after a section that differentiates the J of one.
    """
    made: dict[str, set[str]] = {}
    for d in u.definitions:
        made.setdefault(d.target, set()).update(names_of(d.rhs))
    found: set[str] = set()
    for d in u.definitions:
        if d.indices or base_letter(Ref(d.target), u) not in COSTS or d.target in found:
            continue
        start = u.scopes.at(d.place).start
        if any(o.target == d.target and u.scopes.at(o.place).start < start for o in u.definitions):
            continue
        reach: set[str] = set()
        stack = [d.target]
        while stack:
            name = stack.pop()
            if name not in reach:
                reach.add(name)
                stack.extend(made.get(name, ()))
        for s in u.statements:
            if s.meant is None or s.place >= start:
                continue
            for n in s.meant.walk():
                if (
                    isinstance(n, Deriv | Grad)
                    and n.of == Ref(d.target)
                    and not names_of(n.by) & reach
                ):
                    found.add(d.target)
    return found


def visible(u: Understanding, place: int, definitions: list[Definition]) -> list[Definition]:
    """The definitions that can hold at a place: those of a scope apart hold there only.

    In a scope apart the cost is a function of what is defined there, whatever it was before.
    """
    if not u.apart and not u.late:
        return definitions
    here = u.scopes.at(place)
    definitions = [
        d for d in definitions
        if d.target not in u.late or u.scopes.at(d.place).start <= here.start
    ]  # fmt: skip
    if here not in u.apart:
        return [d for d in definitions if u.scopes.at(d.place) not in u.apart]
    own = [d for d in definitions if d.place in here]
    taken = {d.target for d in own} | {u.apart[here]}
    wanted = {n for d in own for n in names_of(d.rhs)} - taken
    outside = [
        d for d in definitions
        if d.place not in here and u.scopes.at(d.place) not in u.apart and d.target not in taken
    ]  # fmt: skip
    grown = True
    while grown:
        more = {n for d in outside if d.target in wanted for n in names_of(d.rhs)} - wanted
        grown = bool(more)
        wanted |= more
    return own + [d for d in outside if d.target in wanted]
