"""Whether the equations that use a quantity influence one another.

The chain rule over all paths needs a list of quantities of which none influences another. The users of a
weight that is shared over time do (z[t] influences z[t+1]), and so do the two users of a skip connection. There
every occurrence has to be counted by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from symbackprop.calculus.adjoint import Contribution
from symbackprop.calculus.letters import mentioned
from symbackprop.system.model import System

Solved = Mapping[sp.Expr, sp.Expr]


def reaches(system: System) -> dict[str, set[str]]:
    """Quantity -> all quantities that depend on it, however far."""
    users: dict[str, set[str]] = {}
    for equation in system.equations:
        for name in mentioned(equation.rhs):
            users.setdefault(name, set()).add(equation.target)
    found: dict[str, set[str]] = {}
    for name in users:
        seen: set[str] = set()
        stack = list(users[name])
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(users.get(node, ()))
        found[name] = seen
    return found


def independent(system: System, uses: Sequence[tuple[Contribution, Solved]]) -> bool:
    """Whether no entry among the users influences another entry among them."""
    below = reaches(system)
    times = [_time(system, c, solved) for c, solved in uses]
    for i, (a, _) in enumerate(uses):
        for j, (b, _) in enumerate(uses):
            one, two = a.consumer.target, b.consumer.target
            if two not in below.get(one, ()):
                continue
            if i == j:
                # The same user at several times or layers: its early entries influence its late ones.
                if _summed_over_course(system, a, uses[i][1]):
                    return False
                continue
            start, end = times[i], times[j]
            # Influence goes forward in time: from z[t+1] to q[t] there is none.
            if start is None or end is None or not (start - end).is_positive:
                return False
    return True


def _time(system: System, c: Contribution, solved: Solved) -> sp.Expr | None:
    for axis, letter in zip(system[c.consumer.target].axes, c.consumer.indices, strict=True):
        if axis.kind in ("time", "layer"):
            return letter.xreplace(dict(solved))
    return None


def _summed_over_course(system: System, c: Contribution, solved: Solved) -> bool:
    axes = system[c.consumer.target].axes
    return any(
        axis.kind in ("time", "layer")
        and letter in {r[0] for r in c.summed}
        and letter not in solved
        for axis, letter in zip(axes, c.consumer.indices, strict=True)
    )
