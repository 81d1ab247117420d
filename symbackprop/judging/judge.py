"""The judge: is a statement about a network true?

    judge = Judge(system)
    judge.judge(chain) -> Verdict

A chain A = B = C is judged member by member: B against A, C against A (and against B, so that one wrong
member does not break two links). Free index letters run over the ranges of the axes on which they stand,
or over `ranges`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.clock import SPENT, Clock, Deadline, within
from symbackprop.judging.instance import Instance
from symbackprop.judging.ladder import Ladder, ladder
from symbackprop.judging.letters import Letters, Ranges, free_letters
from symbackprop.judging.meaning import Arr, Layout, Meaning, Value
from symbackprop.judging.memory import Memory, statement
from symbackprop.judging.numbers import Balls, Machine, Point, precision, stand_in_text
from symbackprop.judging.problems import (
    IllFormed,
    NotUnderstood,
    OverBudget,
    Problem,
    Refused,
    Undefined,
)
from symbackprop.judging.proof import Proof, Prover
from symbackprop.judging.samples import Sample
from symbackprop.judging.trials import symbolic, trial_sizes
from symbackprop.judging.verdict import Counterexample, Verdict
from symbackprop.system.model import System

TOLERANCE = 1e-7
PROVING = 0.6
"""This part of the time that is left goes into a proof at one choice of sizes."""
MOST_KEPT = 500_000
"""A graph that has grown beyond this is begun anew."""
SEEDS = (0, 1, 2, 3, 4, 5)
MOST_SHOWN = 60
"""A counterexample names at most so many values."""

Named = Mapping[str, tuple[tuple[str, ...], t.Formula]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one instance says of one pair of members, over all letters and entries."""

    kind: str  # 'proved', 'agrees', 'refuted'
    proof: Proof | None = None
    counterexample: Counterexample | None = None
    reason: str = ""


class Court:
    """One instance with its samples and proofs, kept over many claims."""

    def __init__(self, instance: Instance, layout: Layout) -> None:
        self.instance = instance
        self.layout = layout
        self.prover = Prover(instance)
        self.asked = False
        self._points: dict[tuple[int, type, frozenset[str]], Point] = {}

    def point(self, seed: int, kind: type, positive: frozenset[str]) -> Point:
        key = (seed, kind, positive)
        if key not in self._points:
            self._points[key] = Point(self.instance, Sample(self.instance, seed, positive), kind)
        return self._points[key]

    def compare(
        self,
        left: list[Value],
        right: list[Value],
        deadline: Deadline,
        positive: frozenset[str],
        exactly: bool = True,
    ) -> Outcome:
        """Are the values equal, one by one? Without `exactly` only samples are compared.

        Raises IllFormed, Undefined, OverBudget.
        """
        pairs: list[tuple[Node, Node]] = []
        for a, b in zip(left, right, strict=True):
            pairs.extend(cells(a, b))
        pairs = [p for p in dict.fromkeys(pairs) if p[0] != p[1]]
        for pair in pairs:
            found = self.screen(pair, positive)
            if found is not None:
                return Outcome("refuted", counterexample=found)
            if deadline.passed:
                raise OverBudget(SPENT)
        if not exactly:
            return Outcome("agrees")
        try:
            # A part of the time stays for samples with many digits: they tell what no proof told.
            proof = self.prover.prove(pairs, within(PROVING * deadline.left).or_earlier(deadline))
        except OverBudget:
            proof = None
        if proof is not None:
            return Outcome("proved", proof)
        for pair in pairs:
            for seed in SEEDS[1:]:
                found = self.enclose(pair, seed, positive)
                if found is not None:
                    return Outcome("refuted", counterexample=found)
                if deadline.passed:
                    raise OverBudget(SPENT)
        return Outcome("agrees", reason="equal at all samples, but no exact proof was found")

    def screen(self, pair: tuple[Node, Node], positive: frozenset[str]) -> Counterexample | None:
        """A counterexample found with machine numbers first. Raises Undefined if there is no value."""
        seen = 0
        for seed in SEEDS:
            point = self.point(seed, Machine, positive)
            a, b = point.at(pair[0]), point.at(pair[1])
            if a is None or b is None:
                continue
            seen += 1
            if abs(a - b) > TOLERANCE * (1 + abs(a) + abs(b)):
                found = self.enclose(pair, seed, positive)
                if found is not None:
                    return found
            elif seen:
                return None
        if not seen:
            raise Undefined("no value exists at any of the points tried (a division by 0?)")
        return None

    def enclose(
        self, pair: tuple[Node, Node], seed: int, positive: frozenset[str]
    ) -> Counterexample | None:
        """The sample as a counterexample, if the enclosures of both sides do not meet."""
        with precision():
            point = self.point(seed, Balls, positive)
            a, b = point.at(pair[0]), point.at(pair[1])
            if a is None or b is None or not (a.is_finite() and b.is_finite()) or a.overlaps(b):
                return None
            texts = (a.str(8, radius=False), b.str(8, radius=False))
        arena, definition = self.instance.arena, self.instance.definition
        free = [
            n
            for n in arena.order(pair, definition.get)
            if arena.op[n] == "var" and n not in definition
        ]
        values = tuple(
            (_name(arena.args[n]), str(point.sample.value(arena.args[n])))
            for n in sorted(free, key=lambda n: arena.args[n])[:MOST_SHOWN]
        )
        unknown = {
            arena.args[n][0] for n in arena.order(pair, definition.get) if arena.op[n] == "app"
        }
        for name in sorted(unknown):
            values += ((f"{name}(t)", stand_in_text(self.instance, name)),)
        sizes = tuple(sorted(self.instance.sizes.items()))
        return Counterexample(values, texts[0], texts[1], sizes)


def cells(a: Value, b: Value) -> list[tuple[Node, Node]]:
    """Pairs of entries of two equal shapes; a 1x1 array counts as a number. Raises IllFormed."""
    if not isinstance(a, Arr) and not isinstance(b, Arr):
        return [(a, b)]
    one = a if isinstance(a, Arr) else Arr(1, 1, (a,))
    two = b if isinstance(b, Arr) else Arr(1, 1, (b,))
    if (one.rows, one.cols) != (two.rows, two.cols):
        raise IllFormed(f"shapes {one.shape} and {two.shape} differ")
    return list(zip(one.cells, two.cells, strict=True))


def _name(key: tuple[str, tuple[int, ...]]) -> str:
    name, indices = key
    return f"{name}[{','.join(map(str, indices))}]" if indices else name


class Judge:
    """Judges statements about one system; reuse it, it keeps the network's graph.

    budget: seconds for one statement. layout: how the text writes batches and weight matrices.
    single: the last layer of a network of any depth has one unit; nothing is then proved for all sizes.
    """

    def __init__(
        self,
        system: System,
        budget: float = 2.0,
        layout: Layout | None = None,
        single: bool = False,
    ) -> None:
        self.system = system
        self.budget = budget
        self.layout = layout or Layout()
        self.names = symbolic(system)
        self.single = single
        self.trials = trial_sizes(self.names, single=single)
        _, self.deep, self.widths = self.names
        self.clock = Clock()
        self._courts: dict[tuple[object, ...], Court] = {}
        self._ladder: Ladder | Refused | None = None
        self.memory = Memory()

    def nodes(self) -> int:
        """How many nodes its graphs hold together."""
        return sum(len(court.instance.arena.op) for court in self._courts.values())

    def forget_graphs(self) -> None:
        """Gives the graphs up; they are built anew when they are needed."""
        self._courts.clear()

    def court(self, sizes: Mapping[str, int], kind: str = "") -> Court:
        """The instance at these sizes; marked for a proof for all sizes with `kind` 'proving', 'counting'.

        Raises Refused for a marked one if the layers of the system are no ladder.
        """
        key = (*sorted(sizes.items()), kind)
        found = self._courts.get(key)
        if found is None or len(found.instance.arena.op) > MOST_KEPT:
            steps = self.ladder() if kind and self.deep else None
            found = Court(Instance(self.system, sizes, kind, steps, self.clock), self.layout)
            self._courts[key] = found
        return found

    def ladder(self) -> Ladder:
        """What is known of the layers of a system of any depth. Raises Refused."""
        if self._ladder is None:
            try:
                if len(self.deep) != 1:
                    raise Refused("several depths")
                self._ladder = ladder(self.system, self.deep[0])
            except Refused as refused:
                self._ladder = refused
        if isinstance(self._ladder, Refused):
            raise self._ladder
        return self._ladder

    def judge(
        self,
        chain: t.Chain,
        definitions: Sequence[t.Chain] | Named = (),
        ranges: Ranges | None = None,
        constants: Sequence[str] = (),
    ) -> Verdict:
        """The verdict on a chain, with one for each member after the first.

        definitions: chains `name[letters] = formula` for names that the system lacks.
        ranges: letter -> (lower, upper), for side conditions such as l = 1 .. L-1.
        constants: undeclared scalars that are free positive numbers.
        """
        from symbackprop.judging.claims import Claim

        claim = Claim(self, chain, definitions, ranges or {}, constants)
        key = statement(claim, chain.members, chain.relations)
        found = self.memory.get(key)
        return found or self.memory.keep(key, claim.verdict(), claim.deadline)


def values_of(
    court: Court,
    members: Sequence[t.Formula],
    named: Named,
    ranges: Ranges,
    constants: frozenset[str],
) -> list[list[Value] | Problem]:
    """Each member's values over all values of the free letters, or why it has none."""
    instance = court.instance
    letters = Letters(instance, ranges)
    meaning = Meaning(instance, named, court.layout, letters)
    meaning.constants = set(constants)
    whole = t.Chain(tuple(members), ("=",) * (len(members) - 1))
    try:
        envs = letters.assignments(free_letters(whole, instance.sizes), whole)
        if not envs:
            raise NotUnderstood("the index letters run over nothing")
    except Problem as problem:
        return [problem for _ in members]
    found: list[list[Value] | Problem] = []
    for member in members:
        try:
            found.append([meaning.of(member, env) for env in envs])
        except Problem as problem:
            found.append(problem)
        except ZeroDivisionError:
            found.append(Undefined("a division by 0"))
    return found


def of_problem(problem: Problem) -> Verdict:
    """The verdict that a problem amounts to."""
    kind = "ill_formed" if isinstance(problem, IllFormed) else "not_understood"
    return Verdict(kind, reason=problem.reason)  # type: ignore[arg-type]


__all__ = ["Court", "Judge", "Outcome", "of_problem", "replace", "values_of"]
