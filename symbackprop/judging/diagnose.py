"""Repair search: the cheapest edit that makes a refuted statement true.

    diagnose(chain, judge) -> Repair | None

Every suggestion is judged itself; edits that reach the same cost are listed as ties. Nothing is
suggested for an accepted statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from symbackprop.formula import tree as t
from symbackprop.judging.clock import WORK, within
from symbackprop.judging.judge import Judge, Named
from symbackprop.judging.letters import Ranges
from symbackprop.judging.other_costs import other_costs
from symbackprop.judging.problems import Problem
from symbackprop.judging.repairs import REPAIRS, Row, Setting
from symbackprop.judging.screening import Screen
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import ADJOINT, System

MOST_TIES = 4
MOST_TRIED = 12000
EDIT = 20
SCREENED = 60
"""The work that it is to make an edit, and to compare it by numbers."""
FOR_SMALL_EDITS = 0.6
"""This share of the time is for edits of cost 1 and 2; the rest is kept for what is missing."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A statement that is true after a small edit.

    code: that of the row in `repairs.REPAIRS` (two joined by '+' for a sign or factor besides), or
    'other-cost'. member: the place in the chain that changes; before, after: the member; chain: the
    repaired statement; verdict: of the repaired statement; ties: other repairs of the same cost;
    cost_name: for 'other-cost', the cost for which the statement is right as it stands.
    """

    code: str
    meaning: str
    cost: int
    member: int
    before: t.Formula
    after: t.Formula
    chain: t.Chain
    verdict: Verdict
    ties: tuple[Repair, ...] = ()
    cost_name: str = ""


def diagnose(
    chain: t.Chain,
    judge: Judge,
    verdict: Verdict | None = None,
    definitions: Sequence[t.Chain] | Named = (),
    ranges: Ranges | None = None,
    constants: Sequence[str] = (),
    seconds: float = 0.6,
    costs: Mapping[str, System] | None = None,
) -> Repair | None:
    """The cheapest true edit of the first member that is not accepted, or None.

    costs: the same network with other costs, by name ("right for half-sse").
    """
    from symbackprop.judging.claims import named

    verdict = verdict or judge.judge(chain, definitions, ranges, constants)
    if verdict.kind in ACCEPTED or verdict.kind == "not_understood" or not chain.relations:
        return None
    search = Search(judge, chain, verdict, named(definitions), ranges or {}, constants, seconds)
    try:
        with judge.clock.limited(search.deadline):
            found = search.cheapest()
    except Problem:
        found = None
    if found is None or found.cost > 2:
        other = search.other_cost(costs if costs is not None else other_costs(judge.system))
        found = other or found
    return found


class Search:
    """The search for one broken link of a chain."""

    def __init__(
        self,
        judge: Judge,
        chain: t.Chain,
        verdict: Verdict,
        definitions: Named,
        ranges: Ranges,
        constants: Sequence[str],
        seconds: float,
    ) -> None:
        self.judge, self.chain, self.definitions = judge, chain, definitions
        self.ranges, self.constants = ranges, tuple(constants)
        self.deadline = within(seconds)
        self.kept = within(FOR_SMALL_EDITS * seconds)
        kinds = [v.kind for v in verdict.members] or [verdict.kind]
        broken = next((k for k, kind in enumerate(kinds) if kind not in ACCEPTED), 0)
        self.member = broken + 1
        self.update = chain.relations == ("<-",)
        self.left, self.wrong = chain.members[0], numbers_apart(chain.members[self.member])
        self.screen = self._screen()
        self.setting = Setting(judge.system, self._letters(), self.left, self.screen)

    def _screen(self) -> Screen | None:
        """The numbers of the broken link; of an update, the right side that gradient descent has."""
        left, constants = self.left, self.constants
        if self.update:
            found = descent(self.left, self.wrong, self.judge.system)
            if found is None:
                return None
            left, rate = found
            constants = (*constants, rate)
        try:
            return Screen(self.judge, left, self.wrong, self.definitions, self.ranges, constants)
        except Problem:
            return None

    def _letters(self) -> tuple[t.Formula, ...]:
        """The index formulas at hand: those of the left side, then the bound letters of the right."""
        found: dict[t.Formula, None] = {}
        for f in (self.left, self.wrong):
            for n in f.walk():
                if isinstance(n, t.Ref):
                    found.update(dict.fromkeys(n.indices))
        return tuple(found)[:6]

    # --- candidates ---------------------------------------------------------------------------

    def cheapest(self) -> Repair | None:
        """Rows in the order of cost; the first cost at which something is true ends the search."""
        seen: set[t.Formula] = {self.wrong}
        found: list[Repair] = []
        scaled: list[tuple[Row, int, t.Formula, t.Formula]] = []
        tried = 0
        best = 99
        for row, member, before, after in self._candidates():
            WORK.done += EDIT
            if row.cost > best or tried > MOST_TRIED or self.deadline.passed:
                break
            if len(found) > MOST_TIES:
                break
            if after in seen or _trivial(after, self._other(member)):
                continue
            seen.add(after)
            tried += 1
            ratio = self._ratio(member, after)
            if ratio is None:
                continue
            if ratio != 1:
                scaled.append((row, member, before, after))
                continue
            repair = self._judged(row.name, row.meaning, row.cost, member, before, after)
            if repair is not None:
                found.append(repair)
                best = row.cost
        if not found:
            found = self._with_factor(scaled)
        if not found:
            return None
        first, *others = found
        return replace(first, ties=tuple(others[:MOST_TIES]))

    def _candidates(self) -> Iterator[tuple[Row, int, t.Formula, t.Formula]]:
        for row in sorted(REPAIRS, key=lambda r: r.cost):
            for after in row.edits(self.wrong, self.setting):
                if row.cost < 3 and self.kept.passed:
                    break
                yield row, self.member, self.wrong, after
            # The left side says what is claimed: only its name and indices are in doubt.
            if (
                row.name in ("partial", "indices")
                and not self.update
                and len(self.chain.members) == 2
            ):
                for after in row.edits(self.left, self.setting):
                    yield row, 0, self.left, after

    def _with_factor(self, scaled: list[tuple[Row, int, t.Formula, t.Formula]]) -> list[Repair]:
        """An edit after which only a constant factor is wrong: two edits at once."""
        for row, member, before, after in scaled[:6]:
            if self.deadline.passed:
                break
            ratio = self._ratio(member, after)
            if ratio is None or member == 0 or self.update or row.name in ("sign", "constant"):
                continue
            new = t.mul(t.num(abs(ratio)), after) if abs(ratio) != 1 else after
            if ratio < 0:
                new = t.Neg(new)
            code = f"{row.name}+{'sign' if abs(ratio) == 1 else 'constant'}"
            repair = self._judged(code, row.meaning, row.cost + 1, member, before, new)
            if repair is not None:
                return [repair]
        return []

    def _other(self, member: int) -> t.Formula:
        return self.left if member else self.wrong

    def _repaired(self, member: int, after: t.Formula) -> t.Chain:
        members = list(self.chain.members)
        members[member] = after
        return replace(self.chain, members=tuple(members))

    def _judged(
        self, code: str, meaning: str, cost: int, member: int, before: t.Formula, after: t.Formula
    ) -> Repair | None:
        """The edit as a Repair, if the link it mends is accepted by the judge."""
        chain = self._repaired(member, after)
        link = replace(
            chain,
            members=(chain.members[0], chain.members[self.member]),
            relations=(self.chain.relations[self.member - 1],),
        )
        if (
            self.judge.judge(link, self.definitions, self.ranges, self.constants).kind
            not in ACCEPTED
        ):
            return None
        whole = self.judge.judge(chain, self.definitions, self.ranges, self.constants)
        return Repair(code, meaning, cost, member, before, after, chain, whole)

    # --- screening ----------------------------------------------------------------------------

    def _ratio(self, member: int, after: t.Formula) -> Fraction | None:
        """left / right where it is the same plain constant at all samples; None if not."""
        if self.screen is None:
            return None
        WORK.done += SCREENED
        if member:
            return self.screen.ratio(self.screen.left, after)
        return self.screen.ratio(after, self.wrong)

    # --- another cost -------------------------------------------------------------------------

    def other_cost(self, costs: Mapping[str, System]) -> Repair | None:
        """The statement as it stands, for the same network with another cost."""
        for name, system in costs.items():
            if self.deadline.later(0.3).passed:
                return None
            judge = Judge(system, self.judge.budget, self.judge.layout, self.judge.single)
            verdict = judge.judge(self.chain, self.definitions, self.ranges, self.constants)
            if verdict.kind in ACCEPTED:
                meaning = f"right for the cost {name}"
                return Repair(
                    "other-cost", meaning, 3, self.member, self.wrong, self.wrong, self.chain,
                    verdict, cost_name=name,
                )  # fmt: skip
        return None


def numbers_apart(f: t.Formula) -> t.Formula:
    """Products of numbers as such: beside matrices a text's products may all be read as matrix products."""

    def change(n: t.Formula) -> t.Formula | None:
        if not isinstance(n, t.MatMul | t.Hadamard | t.Mul):
            return None
        parts = tuple(numbers_apart(x) for x in n.factors)
        if isinstance(n, t.Mul):
            return t.mul(*parts)
        if any(isinstance(x, t.Array | t.Ones | t.Grad | t.Transpose) for x in n.walk()):
            return type(n)(parts)
        return t.mul(*parts)

    return f.rewrite(change)


def descent(target: t.Formula, new: t.Formula, system: System) -> tuple[t.Formula, str] | None:
    """target - rate * gradient, with the learning rate that stands in the update; None without one."""
    used = {getattr(x, "name", str(x)) for e in system.equations for x in e.rhs.free_symbols}
    for n in new.walk():
        if isinstance(n, t.Ref) and not n.indices and not n.name.startswith(ADJOINT):
            q = system.by_name.get(n.name)
            if (q is None or q.role == "constant") and n.name not in used:
                if not isinstance(target, t.Ref | t.Array):
                    return None
                gradient = type(target)(f"{ADJOINT}{target.name}", target.indices)
                return t.sub(target, t.mul(t.Ref(n.name), gradient)), n.name
    return None


def _trivial(a: t.Formula, b: t.Formula) -> bool:
    """The same entry on both sides: true, but no repair."""
    return _core(a) == _core(b)


def _core(f: t.Formula) -> t.Formula:
    """dJ/dv and d.v are the same."""
    if isinstance(f, t.Deriv) and isinstance(f.of, t.Ref) and isinstance(f.by, t.Ref):
        return t.Ref(f"d.{f.by.name}", f.by.indices)
    return f
