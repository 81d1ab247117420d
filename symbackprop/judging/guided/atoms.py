"""What may be missing: quantities, their errors, slopes, local derivatives, and products of two.

In tiers, the plain ones first; each tier is a Table of its own, made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from symbackprop.formula import tree as t
from symbackprop.judging.guided.needed import Solver
from symbackprop.judging.guided.table import Table
from symbackprop.system.model import ADJOINT, Quantity, System

MOST_LEAVES = 120
MOST_PAIRS = 70
"""Products are made of so many leaves at most."""
TIERS = 5


class Atoms:
    """The tables of one statement."""

    def __init__(self, solver: Solver, letters: tuple[t.Formula, ...]) -> None:
        self.solver = solver
        self.letters = letters
        self.system: System = solver.screen.court.instance.system
        self._tiers: list[Table] = []
        self._leaves: list[t.Formula] | None = None

    def tier(self, k: int) -> Table:
        """Table number k of TIERS."""
        makers = (self.plain, self.errors, self.simple, self.local, self.pairs)
        while len(self._tiers) <= k:
            table = Table()
            seen: set[t.Formula] = set()
            for f in makers[len(self._tiers)]():
                if f not in seen:
                    seen.add(f)
                    table.add(f, self.solver.values(f))
            self._tiers.append(table)
        return self._tiers[k]

    # --- tiers --------------------------------------------------------------------------------

    def plain(self) -> list[t.Formula]:
        """The leaves that are no errors: their values cost least."""
        return [n for n in self.leaves() if not _is_error(n)]

    def errors(self) -> list[t.Formula]:
        """The leaves that are errors."""
        return [n for n in self.leaves() if _is_error(n)]

    def leaves(self) -> list[t.Formula]:
        """Entries and errors; those that the statement itself mentions come first."""
        if self._leaves is None:
            screen = self.solver.screen
            found: dict[t.Formula, None] = {}
            for f in (screen.wrong, screen.left):
                for n in f.walk():
                    if isinstance(n, t.Ref) and n.name != self.system.cost:
                        found.setdefault(n)
            plain = [
                leaf
                for q in self.system.quantities
                if q.name != self.system.cost
                for leaf in self.entries(q)
            ]
            found.update(dict.fromkeys(plain))
            errors: dict[t.Formula, None] = {
                t.Ref(f"{ADJOINT}{n.name}", n.indices): None
                for n in found
                if isinstance(n, t.Ref) and not n.name.startswith(ADJOINT)
                and self._computed(n.name)
            }  # fmt: skip
            found.update(errors)
            self._leaves = list(found)[: 2 * MOST_LEAVES]
        return self._leaves

    def _computed(self, name: str) -> bool:
        return name in self.system.equations_of

    def entries(self, q: Quantity) -> Iterator[t.Ref]:
        """The quantity at the statement's indices, and at all of its own if they are few."""
        if not q.axes:
            yield t.Ref(q.name)
            return
        choices: list[tuple[t.Formula, ...]] = [()]
        for _ in q.axes:
            choices = [(*c, x) for c in choices for x in self.letters][:64]
        for indices in choices:
            yield t.Ref(q.name, indices)
        instance = self.solver.screen.court.instance
        if not instance.sizes:
            domain = instance.domain(q)
            if len(domain) <= 24:
                for numbers in domain:
                    yield t.Ref(q.name, tuple(t.Num(str(i)) for i in numbers))

    def simple(self) -> Iterator[t.Formula]:
        """1 - a, a (1 - a), f'(z), e^{-z}, log a, and the parts of the statement."""
        screen = self.solver.screen
        for f in (screen.wrong, screen.left):
            for n in f.walk():
                if not isinstance(n, t.Idx | t.Num | t.Chain | t.Sym | t.Array):
                    yield n
        yield t.ONE
        leaves = [
            n for n in self.leaves() if isinstance(n, t.Ref) and not n.name.startswith(ADJOINT)
        ][:MOST_LEAVES]
        for n in leaves:
            rest = t.sub(t.ONE, n)
            yield rest
            if self._computed(n.name):
                yield t.mul(n, rest)
                for function in self.system.functions:
                    yield t.Call(function.name, (n,), 1)
                    yield t.Call(function.name, (n,))
                yield t.Call("exp", (t.Neg(n),))
                yield t.add(t.ONE, t.Call("exp", (t.Neg(n),)))
                yield t.Call("log", (n,))
                yield t.Call("log", (rest,))
                yield t.sub(t.ONE, t.Pow(n, t.Num("2")))
        for a in leaves:
            for b in leaves:
                # a difference of an output and its target
                if a != b and self._computed(a.name) and not self._computed(b.name) and len(
                    a.indices
                ) == len(b.indices):  # fmt: skip
                    yield t.sub(a, b)

    def local(self) -> Iterator[t.Formula]:
        """Derivatives of one quantity by another that it is computed from."""
        reads: dict[str, set[str]] = {}
        for e in self.system.equations:
            names = {getattr(s, "name", str(s)) for s in e.rhs.free_symbols}
            names |= {str(s).split("[")[0] for s in names}
            reads.setdefault(e.target, set()).update(names)
        leaves = [
            n for n in self.leaves() if isinstance(n, t.Ref) and not n.name.startswith(ADJOINT)
        ][:60]
        for of in leaves:
            below = reads.get(of.name, set())
            for by in leaves:
                if by.name in below and by != of:
                    yield t.Deriv(of, by)

    def pairs(self) -> Iterator[t.Formula]:
        """Products of two leaves or slopes."""
        chosen = [f for k in (0, 1) for f, _ in self.tier(k).all][:MOST_PAIRS]
        for a, b in combinations(chosen, 2):
            yield t.mul(a, b)


def _is_error(n: t.Formula) -> bool:
    return isinstance(n, t.Ref) and n.name.startswith(ADJOINT)
