"""Order of computation: every value before its use; a cycle must be a shifted recurrence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from symbackprop.system.bounds import Range, is_width, nonnegative
from symbackprop.system.findings import Finding

if TYPE_CHECKING:
    from symbackprop.system.checks import Parts
    from symbackprop.system.model import Equation


@dataclass(frozen=True, slots=True)
class Use:
    """Equation `by` reads the entry `name[indices]` where `ranges` hold (outermost first)."""

    by: int
    name: str
    indices: tuple[sp.Expr, ...]
    ranges: tuple[Range, ...]


def order_findings(system: Parts) -> Iterator[Finding]:
    """Cycles that are no recurrence, and equations that stand before what they need."""
    equations = system.equations
    defining: dict[str, list[int]] = {}
    for i, e in enumerate(equations):
        defining.setdefault(e.target, []).append(i)
    uses = [u for i, e in enumerate(equations) for u in _uses(i, e) if u.name in defining]
    component = _components(list(defining), uses, equations)
    inside: dict[int, list[Use]] = {}
    for u in uses:
        target = equations[u.by].target
        if component[u.name] == component[target]:
            inside.setdefault(component[target], []).append(u)
            continue
        late = [d for d in defining[u.name] if d > u.by]
        if late:
            yield _too_early(equations[u.by], u.name)
    for edges in inside.values():
        yield from _recurrence(edges, equations, defining)


def dependencies(equations: Sequence[Equation]) -> list[set[int]]:
    """For each equation the numbers of those that must be computed before it.

    Inside a recurrence only the uses that are not shifted count. Where a cycle is no recurrence,
    every use counts.
    """
    defining: dict[str, list[int]] = {}
    for i, e in enumerate(equations):
        defining.setdefault(e.target, []).append(i)
    uses = [u for i, e in enumerate(equations) for u in _uses(i, e) if u.name in defining]
    component = _components(list(defining), uses, equations)
    needs: list[set[int]] = [set() for _ in equations]
    inside: dict[int, list[Use]] = {}
    for u in uses:
        target = equations[u.by].target
        if component[u.name] == component[target]:
            inside.setdefault(component[target], []).append(u)
        else:
            needs[u.by].update(defining[u.name])
    for edges in inside.values():
        now = _direction(edges, equations)
        for u in edges if now is None else now:
            needs[u.by].update(defining[u.name])
    return needs


def _uses(by: int, e: Equation) -> Iterator[Use]:
    stack: list[tuple[sp.Basic, tuple[Range, ...]]] = [(e.rhs, e.ranges)]
    while stack:
        node, ranges = stack.pop()
        if isinstance(node, sp.Indexed):
            if not is_width(node):
                yield Use(by, node.base.label.name, tuple(node.indices), ranges)
        elif isinstance(node, sp.Symbol):
            yield Use(by, node.name, (), ranges)
        elif isinstance(node, sp.Sum | sp.Product):
            bound = tuple((x, lo, up) for x, lo, up in reversed(node.limits))
            stack.append((node.function, (*ranges, *bound)))
        else:
            stack.extend((child, ranges) for child in node.args)


def _components(names: list[str], uses: list[Use], equations: Sequence[Equation]) -> dict[str, int]:
    """Strongly connected components (Tarjan, without recursion): name -> number."""
    reads: dict[str, list[str]] = {name: [] for name in names}
    for u in uses:
        reads[equations[u.by].target].append(u.name)
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    found: dict[str, int] = {}
    path: list[str] = []
    for root in names:
        if root in number:
            continue
        work = [(root, iter(reads[root]))]
        number[root] = low[root] = len(number)
        path.append(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    path.append(other)
                    work.append((other, iter(reads[other])))
                    break
                if other not in found:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    while True:
                        member = path.pop()
                        found[member] = number[node]
                        if member == node:
                            break
    return found


def _recurrence(
    edges: list[Use], equations: Sequence[Equation], defining: dict[str, list[int]]
) -> Iterator[Finding]:
    """Some axis must run in one direction: each round reads earlier entries only."""
    now = _direction(edges, equations)
    if now is not None:
        for u in now:
            if max(defining[u.name]) > u.by:
                yield _too_early(equations[u.by], u.name)
        return
    names = list(dict.fromkeys(equations[u.by].target for u in edges))
    cycle = " -> ".join([*names, names[0]])
    yield Finding(
        f"a cycle: {cycle}; "
        + ("it needs itself" if len(names) == 1 else "each needs the other")
        + " first",
        hint="a recurrence must read an earlier entry, for example h[t-1,i], and have a base case",
        equation=equations[edges[0].by],
        name=edges[0].name,
    )


def _direction(edges: list[Use], equations: Sequence[Equation]) -> list[Use] | None:
    """The uses within one round of the recurrence; None if the cycle is no recurrence."""
    width = min(
        min(len(equations[u.by].indices) for u in edges), min(len(u.indices) for u in edges)
    )
    for axis in range(width):
        for direction in (1, -1):
            now = _same_round(edges, equations, axis, direction)
            if now is not None and _acyclic(now, equations):
                return now
    return None


def _same_round(
    edges: list[Use], equations: Sequence[Equation], axis: int, direction: int
) -> list[Use] | None:
    """The uses that are not shifted along `axis`; None if one is shifted the wrong way."""
    now = []
    for u in edges:
        shift = direction * (equations[u.by].indices[axis] - u.indices[axis])
        if nonnegative(shift - 1, u.ranges):
            continue
        if not nonnegative(shift, u.ranges):
            return None
        now.append(u)
    return now


def _acyclic(now: list[Use], equations: Sequence[Equation]) -> bool:
    names = list({equations[u.by].target for u in now} | {u.name for u in now})
    if any(u.name == equations[u.by].target for u in now):
        return False
    component = _components(names, now, equations)
    return len(set(component.values())) == len(names)


def _too_early(e: Equation, name: str) -> Finding:
    return Finding(
        f"'{e.target}' uses '{name}' before '{name}' is defined",
        hint="put the equations in an order in which they can be computed",
        equation=e,
        name=name,
    )
