"""A definition at fault, tried out by numbers: which other one would make the claims true?

The network's graph is kept, one equation is exchanged, and the derivatives that the claims speak of
are central differences at a sample point. Nothing is proved here: the caller judges what is found.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Key, Node
from symbackprop.judging.clock import Deadline
from symbackprop.judging.guided.atoms import Atoms
from symbackprop.judging.guided.needed import Solver
from symbackprop.judging.guided.siblings import alike, variants
from symbackprop.judging.instance import Instance
from symbackprop.judging.judge import Judge, Named
from symbackprop.judging.numbers import Machine, Point
from symbackprop.judging.problems import Problem
from symbackprop.judging.repairs import REPAIRS, Row, Setting
from symbackprop.judging.repairs.setting import is_term, places
from symbackprop.judging.samples import Sample
from symbackprop.judging.screening import LOST, Screen
from symbackprop.system.model import ADJOINT

STEP = 1e-5
NEAR = 1e-6
ROWS = ("sign", "constant", "regroup", "product-for-sum", "dropped", "part-product", "square")


@dataclass(frozen=True, slots=True)
class Claim:
    """d top / d by = right, at one choice of the letters: three nodes of the graph."""

    top: Node
    by: Node
    right: Node


class Redefiner:
    """Tries definitions of one quantity in the network of a judge."""

    def __init__(
        self,
        judge: Judge,
        head: t.Ref,
        rhs: t.Formula,
        definitions: Named,
        constants: Sequence[str],
        deadline: Deadline,
    ) -> None:
        """Raises Problem where the network has no instance."""
        self.head, self.rhs, self.deadline = head, rhs, deadline
        self.screen = Screen(judge, head, rhs, definitions, {}, constants)
        self.instance = self.screen.court.instance
        self.free = frozenset(constants)
        self.places = [
            (self.instance.entry(head.name, tuple(self._number(i, env) for i in head.indices)), env)
            for env in self.screen.envs(head)
        ]
        self._clean: dict[tuple[Node, Node, float], dict[Node, object]] = {}

    def _depending(self, root: Node) -> set[Node]:
        """The nodes below `root` whose value depends on the definition."""
        arena, definition = self.instance.arena, self.instance.definition
        found = {node for node, _ in self.places}
        for n in arena.order([root], definition.get):
            meant = definition.get(n)
            below = arena.children(n) if meant is None else (meant,)
            if any(b in found for b in below):
                found.add(n)
        return found

    def _number(self, i: t.Formula, env: dict[str, int]) -> int:
        return self.screen.meaning.integer(i, env)

    # --- claims -------------------------------------------------------------------------------

    def claim(self, left: t.Formula, right: t.Formula) -> Claim | None:
        """A claim about a derivative of the cost; None for any other statement."""
        by: t.Formula | None = None
        if isinstance(left, t.Deriv) and isinstance(left.of, t.Ref) and not left.of.indices:
            top, by = left.of, left.by
        elif isinstance(left, t.Ref) and left.name.startswith(ADJOINT):
            top = t.Ref(self.instance.system.cost)
            by = t.Ref(left.name.removeprefix(ADJOINT), left.indices)
        else:
            return None
        if not isinstance(by, t.Ref) or any(_derived(n) for n in right.walk()):
            return None
        try:
            whole = t.Chain((left, right), ("=",))
            letters = {n.name for n in whole.walk() if isinstance(n, t.Idx)}
            env = {} if not letters else self.screen.envs(whole)[-1]
            nodes = [self.screen.meaning.scalar(f, env) for f in (top, by, right)]
        except LOST:
            return None
        if nodes[1] in self.instance.definition or self.instance.arena.op[nodes[1]] != "var":
            return None
        return Claim(*nodes)

    def through(self, claim: Claim) -> bool:
        """Whether the derivative passes the definition."""
        return any(claim.by in self.instance.derivatives.upstream(node) for node, _ in self.places)

    def holds(self, claim: Claim, rhs: t.Formula) -> bool:
        """Whether the claim is right at a sample point, with `rhs` as the definition."""
        other = self._changed(rhs)
        if other is None:
            return False
        sides = [self._value(other, claim, claim.top, step) for step in (STEP, -STEP)]
        right = self._value(other, claim, claim.right, 0.0)
        if sides[0] is None or sides[1] is None or right is None:
            return False
        slope = (sides[0] - sides[1]) / (2 * STEP)
        return math.isclose(slope, right, rel_tol=NEAR, abs_tol=1e-8)

    def _value(self, other: Instance, claim: Claim, node: Node, step: float) -> float | None:
        """A node of the changed instance, the variable of the claim moved by `step`.

        What does not depend on the definition is computed once.
        """
        key = (claim.by, node, step)
        sample = _Moved(other, 0, self.free)
        sample.key, sample.step = self.instance.arena.args[claim.by], step
        point = _Point(other, sample, Machine)
        if key not in self._clean:
            base = _Point(self.instance, sample, Machine)
            base.at(node)
            depending = self._depending(node)
            self._clean[key] = {n: v for n, v in base.values.items() if n not in depending}
        point.values = dict(self._clean[key])
        found = point.at(node)
        return found if isinstance(found, float | int) else None

    def _changed(self, rhs: t.Formula) -> Instance | None:
        """The instance with another definition; None if that goes in a circle or means nothing."""
        other = copy.copy(self.instance)
        other.definition = dict(self.instance.definition)
        own = {node for node, _ in self.places}
        for node, env in self.places:
            try:
                new = self.screen.meaning.scalar(rhs, env)
            except LOST:
                return None
            for v in self.instance.arena.variables(new):
                if self.instance.derivatives.upstream(v) & own:
                    return None
            other.definition[node] = new
        return other

    # --- candidates ---------------------------------------------------------------------------

    def found(self, claims: Sequence[Claim]) -> Iterator[tuple[Row, t.Formula]]:
        """Edits of the definition with which all these claims are right, by the numbers."""
        seen = {self.rhs}
        for row, new in self._edits():
            if self.deadline.passed:
                return
            if new in seen or any(_derived(n) for n in new.walk()):
                continue
            seen.add(new)
            if all(self.holds(c, new) for c in claims) and not self._constant(new):
                yield row, new

    def _constant(self, rhs: t.Formula) -> bool:
        """The same number at all samples: what is made of it would be 0 = 0."""
        worlds = self.screen.worlds()
        values = [self.screen.number(rhs, w) for w in worlds]
        first = values[0] if values else None
        return first is not None and all(
            v is not None and math.isclose(v, first, rel_tol=1e-9) for v in values
        )

    def _edits(self) -> Iterator[tuple[Row, t.Formula]]:
        solver = Solver(self.screen)
        letters = tuple(
            dict.fromkeys(i for n in self.rhs.walk() if isinstance(n, t.Ref) for i in n.indices)
        )
        atoms = Atoms(solver, letters[:6])
        setting = Setting(self.instance.system, letters[:6], self.head)
        rows = {row.name: row for row in REPAIRS}
        for name in ("sign", "constant"):
            for new in rows[name].edits(self.rhs, setting):
                yield rows[name], new
        leaves = [
            n for n in atoms.leaves()
            if isinstance(n, t.Ref) and n != self.head and not n.name.startswith(ADJOINT)
        ]  # fmt: skip

        def other(n: t.Formula) -> Iterator[t.Formula]:
            if isinstance(n, t.Ref):
                yield from alike(n, atoms)
                yield from (x for x in leaves if x != n and _numbers(x) == _numbers(n))

        for new in places(self.rhs, other):
            yield rows["indices"], new
        for name in ROWS[2:]:
            for new in rows[name].edits(self.rhs, setting):
                yield rows[name], new

        def term(n: t.Formula) -> Iterator[t.Formula]:
            if isinstance(n, t.Add):
                for part in n.terms:
                    for variant in variants(part, atoms):
                        yield t.add(n, variant)
            for leaf in (t.ONE, *leaves):
                if is_term(n):
                    yield t.add(n, leaf)
                    yield t.sub(leaf, n)

        def factor(n: t.Formula) -> Iterator[t.Formula]:
            if isinstance(n, t.Ref | t.Add | t.Call):
                for leaf in leaves:
                    yield t.mul(leaf, n)

        def name_(n: t.Formula) -> Iterator[t.Formula]:
            if isinstance(n, t.Ref):
                yield from (x for x in leaves if len(x.indices) == len(n.indices))

        for kind, change in (("missing-term", term), ("name", name_), ("missing-factor", factor)):
            for new in places(self.rhs, change):
                yield rows[kind], new


class _Moved(Sample):
    """A sample in which one entry is moved a little."""

    key: Key
    step: float


class _Point(Point):
    def _compute(self, node: Node) -> object:
        value = super()._compute(node)
        arena = self.instance.arena
        if arena.op[node] == "var" and node not in self.instance.definition:
            assert isinstance(self.sample, _Moved)
            if arena.args[node] == self.sample.key:
                return value + self.sample.step
        return value


def _numbers(n: t.Ref) -> tuple[str, tuple[t.Formula, ...]]:
    """The digits and indices of an entry: z_2 and a_2 have the same."""
    return "".join(c for c in n.name if c.isdigit()), n.indices


def _derived(n: t.Formula) -> bool:
    return isinstance(n, t.Deriv | t.Grad) or (
        isinstance(n, t.Ref | t.Array) and n.name.startswith(ADJOINT)
    )


__all__ = ["Claim", "Problem", "Redefiner"]
