"""Terms like those that stand there, of other neurons: `W_21 d_2` beside `W_11 d_1`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from symbackprop.formula import tree as t
from symbackprop.judging.guided.atoms import Atoms
from symbackprop.judging.guided.needed import Solver
from symbackprop.judging.guided.table import Table
from symbackprop.system.model import ADJOINT

MOST_VARIANTS = 400
"""So many variants of one term are made."""


def siblings(solver: Solver, atoms: Atoms) -> Table:
    """The variants of all products of the statement, with their values."""
    table = Table()
    seen: set[t.Formula] = set()
    for f in (solver.screen.wrong, solver.screen.left):
        for n in f.walk():
            if isinstance(n, t.Mul | t.Div | t.Call | t.Pow | t.Add | t.Deriv):
                for variant in variants(n, atoms):
                    if variant not in seen:
                        seen.add(variant)
                        table.add(variant, solver.values(variant))
    return table


def variants(f: t.Formula, atoms: Atoms) -> Iterator[t.Formula]:
    """The formula with its quantities replaced by others of their kind, each one everywhere."""
    leaves = list(
        dict.fromkeys(n for n in f.walk() if isinstance(n, t.Ref) and n.name != atoms.system.cost)
    )
    if not 0 < len(leaves) <= 5:
        return
    options = [[n, *alike(n, atoms)] for n in leaves]
    if prod(len(o) for o in options) > MOST_VARIANTS:
        return
    for chosen in product(*options):
        change = dict(zip(leaves, chosen, strict=True))
        new = f.rewrite(lambda n, change=change: change.get(n) if isinstance(n, t.Ref) else None)  # type: ignore[misc]
        if new != f:
            yield new


def alike(n: t.Ref, atoms: Atoms) -> list[t.Ref]:
    """Quantities that differ from this one in their numbers only."""
    stem = _stem(n.name)
    found: list[t.Ref] = []
    for other in atoms.leaves():
        if not isinstance(other, t.Ref) or other == n or len(other.indices) != len(n.indices):
            continue
        if other.name != n.name and _stem(other.name) != stem:
            continue
        if n.indices and (
            other.name != n.name
            or sum(a != b for a, b in zip(other.indices, n.indices, strict=True)) > 1
            or any(isinstance(a, t.Num) != isinstance(b, t.Num)
                   for a, b in zip(other.indices, n.indices, strict=True))
        ):  # fmt: skip
            continue
        found.append(other)
    return found


def _stem(name: str) -> str:
    """A name without its digits."""
    plain = name.removeprefix(ADJOINT)
    mark = ADJOINT if plain != name else ""
    return mark + "".join(c for c in plain if not c.isdigit())
