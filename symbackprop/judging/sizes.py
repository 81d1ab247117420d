"""Over which sizes a claim is judged, and when that proves it for all sizes.

The rule. Multiply the difference of both sides out: for sizes n it is a sum of terms over maps from index
letters to 1..n, each term the same function of the atoms with these indices. Let k be the largest number
of distinct indices of a term on one axis. Sorting terms by the set S of indices they really use,
F_n = sum of G_S over sets of at most k indices, and by Moebius inversion G_S is a signed sum of F_T over the
subsets T of S, which is the claim at size |T| with the atoms of T. So if the claim holds exactly at all sizes
1..k, and also 1..k+1 where a term may carry no index at all, every G_S is 0, and so is F_n for every n.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.clock import SPENT
from symbackprop.judging.depth import Window, errors_above, highest, is_ladder, window
from symbackprop.judging.judge import Court, Outcome, of_problem
from symbackprop.judging.letters import Letters, affine, free_letters
from symbackprop.judging.meaning import Arr, Meaning, Value
from symbackprop.judging.naming import spelled_out
from symbackprop.judging.problems import IllFormed, NotUnderstood, OverBudget, Problem
from symbackprop.judging.spread import Refused, Spread, degree, opener, sums_inside
from symbackprop.judging.trials import chosen
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import ADJOINT

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim

Pairs = list[tuple[Node, Node, list[Node], list[str]]]
"""Left, right, the marks of the indices at which they stand, and the sizes that these count."""

WIDE = (3, 5)
"""Sizes of the marked instances on which the number of indices is counted."""
MOST_SIZES = 60
"""More choices of sizes than this are not tried."""


def over_sizes(claim: Claim, members: Sequence[t.Formula]) -> list[Verdict]:
    """One verdict for each member after the first."""
    trials = claim.judge.trials
    concrete = trials == [{}]
    first = _verdicts(claim, members, trials, exactly=concrete)
    if concrete:
        return first
    found = []
    for member, screened in zip(members[1:], first, strict=True):
        verdict = screened
        if screened.kind == "agrees" and not screened.reason:
            verdict = for_all(claim, members[0], member, screened)
            if verdict is screened:
                verdict = _verdicts(claim, (members[0], member), trials, exactly=True)[0]
        found.append(verdict)
    return found


def _verdicts(
    claim: Claim, members: Sequence[t.Formula], trials: list[dict[str, int]], exactly: bool
) -> list[Verdict]:
    rounds: list[list[Outcome | Problem]] = []
    for sizes in trials:
        try:
            rounds.append(claim.at(claim.judge.court(sizes), members, exactly))
        except Problem as problem:
            rounds.append([problem] * (len(members) - 1))
    return [_verdict([r[k] for r in rounds], trials) for k in range(len(members) - 1)]


def _verdict(outcomes: list[Outcome | Problem], trials: list[dict[str, int]]) -> Verdict:
    for o in outcomes:
        if isinstance(o, IllFormed):
            return of_problem(o)
        if isinstance(o, Outcome) and o.kind == "refuted":
            return Verdict("refuted", reason="false at a sample", counterexample=o.counterexample)
    for o in outcomes:
        if isinstance(o, Problem):
            return of_problem(o)
    sound: list[Outcome] = [o for o in outcomes if isinstance(o, Outcome)]
    facts = tuple(dict.fromkeys(f for o in sound if o.proof for f in o.proof.facts))
    if trials == [{}]:
        return _one(sound[0], facts)
    listed = "; ".join(", ".join(f"{k}={v}" for k, v in s.items()) for s in trials)
    exact = all(o.kind == "proved" for o in sound)
    how = ("exact" if exact else "equal at samples") + f" at {listed}"
    reason = next((o.reason for o in sound if o.reason), "")
    return Verdict("agrees", how=how, reason=reason, facts=facts)


def _one(o: Outcome, facts: tuple[str, ...]) -> Verdict:
    if o.kind == "agrees":
        return Verdict("agrees", how=o.reason)
    how = "exact proof"
    if o.proof is not None and o.proof.kinks:
        how += ", except at points without a derivative"
    return Verdict("proved", how=how, reason=o.reason, facts=facts)


# --- all sizes ------------------------------------------------------------------------------------


def for_all(claim: Claim, left: t.Formula, right: t.Formula, weaker: Verdict) -> Verdict:
    """`proved` if the rule applies, else the weaker verdict."""
    try:
        rule = AllSizes(claim, left, right)
    except Refused:
        return weaker
    for facts in (False, True):
        for opening in rule.openings():
            rule.start()
            try:
                holds = rule.holds(opening, facts)
            except (Refused, NotUnderstood, IllFormed):
                continue
            except OverBudget:
                return weaker
            if holds:
                how = f"exact proof for all sizes ({rule.tried} small ones)"
                if rule.kinks:
                    how += ", except at points without a derivative"
                return Verdict("proved", how=how, facts=tuple(dict.fromkeys(rule.facts)))
    return weaker


class AllSizes:
    """The rule, for one pair of members."""

    def __init__(self, claim: Claim, left: t.Formula, right: t.Formula) -> None:
        self.claim = claim
        self.system = claim.judge.system
        self.members = (left, right)
        if claim.judge.deep:
            own = {k: v for k, v in claim.named.items() if k not in self.system.by_name}
            self.members = (spelled_out(left, own), spelled_out(right, own))
        self.start()
        self._known: dict[tuple[Court, tuple[int, ...]], Pairs | str] = {}
        self.deep = claim.judge.deep
        self.window: Window | None = None
        letters = {n.name for m in self.members for n in m.walk() if isinstance(n, t.Idx)}
        conditions = letters & set(claim.ranges)
        if self.deep:
            if len(self.deep) != 1:
                raise Refused("several depths")
            margin = sum(_offset(b, self.deep[0]) for x in conditions for b in claim.ranges[x])
            self.window = window(self.system, claim.judge.names, self.members, margin)
            if conditions - {self.window.letter}:
                raise Refused("a letter over part of an axis")
        elif conditions:
            raise Refused("a letter over part of an axis")

    def start(self) -> None:
        """A new attempt."""
        self.tried = 0
        self.kinks = False
        self.facts: list[str] = []

    def openings(self) -> tuple[str, ...]:
        """Which definitions to open; at generic depth never all, or the window would be left."""
        last = "next" if self.window else "all"
        return ("shallow", "named", last)

    def holds(self, opening: str, facts: bool) -> bool:
        """Whether the claim holds for all sizes with these definitions opened."""
        depths = self.window.depths if self.window else (1,)
        shown = False
        for depth in depths:
            found = self._at_depth(depth, opening, facts)
            if found is False:
                return False
            shown = shown or found is True
        return shown

    def _at_depth(self, depth: int, opening: str, facts: bool) -> bool | None:
        """None where the claim speaks of no layer of so small a network."""
        for wide in WIDE:
            sizes = chosen(self.claim.judge.names, depth, (wide,))
            court = self._court(sizes)
            if self.window and not is_ladder(court.instance):
                raise Refused("entries that skip layers")
            envs = self._deep_envs(court, depth)
            if not envs:
                return None
            counts = [self._count(court, env, opening, facts) for env in envs]
            if all(k < wide for c, _ in counts for k in c.values()):
                break
        else:
            return False
        for env, (count, free) in zip(envs, counts, strict=True):
            if not self._grid(depth, env, count, free, opening, facts):
                return False
        return True

    def _court(self, sizes: dict[str, int]) -> Court:
        court = self.claim.judge.court(sizes, frozenset(self.deep))
        marks = court.instance.marks
        assert marks is not None
        if marks.refused and not court.asked:
            raise Refused(marks.refused)
        court.asked = True
        marks.refused = ""
        return court

    def _letters(self, court: Court) -> tuple[Letters, t.Formula, list[str]]:
        whole = t.Chain(self.members, ("=",))
        letters = Letters(court.instance, self.claim.ranges)
        return letters, whole, free_letters(whole, court.instance.sizes)

    def _deep_envs(self, court: Court, depth: int) -> list[dict[str, int]]:
        """The values of the layer letter, [{}] if there is none."""
        letters, whole, free = self._letters(court)
        if self.window is None:
            return [{}]
        if self.window.letter not in free:
            try:
                letters.assignments(free, whole)
                self._pairs(court, {}, check=True)
            except IllFormed:
                return []
            return [{}]
        found = letters.of(self.window.letter, whole, {})
        return [{self.window.letter: i} for i in found or ()]

    def _values(self, court: Court, deep: dict[str, int]) -> Pairs:
        """As `_pairs`, which every opening asks for anew."""
        key = court, tuple(deep.values())
        if key not in self._known:
            try:
                self._known[key] = self._pairs(court, deep)
            except Refused as refused:
                self._known[key] = str(refused)
        found = self._known[key]
        if isinstance(found, str):
            raise Refused(found)
        return found

    def _pairs(self, court: Court, deep: dict[str, int], check: bool = False) -> Pairs:
        """All pairs of entries with the marks of free letters and cells, and the sizes they count."""
        letters, whole, free = self._letters(court)
        meaning = Meaning(court.instance, self.claim.named, court.layout, letters)
        meaning.constants = set(self.claim.constants)
        marks = court.instance.marks
        assert marks is not None
        found: Pairs = []
        for env in letters.assignments(free, whole, deep):
            keys = {x: letters.key(x, whole, env) for x in free if x not in deep}
            if not _canonical(env, keys):
                continue
            tags = [marks.mark(key, env[x]) for x, key in keys.items() if key]
            a, b = (meaning.of(m, env) for m in self.members)
            found.extend(
                (x, y, tags + more, [k for k in keys.values() if k] + names)
                for x, y, more, names in _tagged(a, b, marks)
            )
            if check:
                break
        self._fixed_indices(court)
        if marks.refused:
            raise Refused(marks.refused)
        return found

    def _fixed_indices(self, court: Court) -> None:
        """A number as an index on an open axis singles that index out: no conclusion."""
        bodies = [body for _, body in self.claim.named.values()]
        for m in (*self.members, *bodies):
            for node in m.walk():
                if isinstance(node, t.Ref | t.Array):
                    q = self.system.by_name.get(node.name.removeprefix(ADJOINT))
                    if q is None and self.system_width(node.name):
                        continue
                    kinds = [a.kind for a in q.axes] if q else ["unit"] * len(node.indices)
                    for i, kind in zip(node.indices, kinds, strict=False):
                        if kind in ("layer", "time"):
                            continue
                        if not isinstance(i, t.Idx) or i.name in court.instance.sizes:
                            raise Refused("a fixed or shifted index")

    def system_width(self, name: str) -> bool:
        """Whether the name is that of indexed sizes, such as s[l]."""
        return name in self.claim.judge.widths

    def _count(
        self, court: Court, deep: dict[str, int], opening: str, facts: bool
    ) -> tuple[dict[str, int], set[str]]:
        """The largest number of indices of a term by size, and the sizes with a free letter."""
        instance = court.instance
        free: set[str] | None = None
        count: dict[str, int] = {}
        over = self._fact_sizes(court) if facts else {}
        for a, b, tags, keys in self._values(court, deep):
            free = set(keys) if free is None else free & set(keys)
            difference = instance.arena.sub(a, b)
            if difference == instance.arena.zero:
                continue
            resolve = opener(instance, court.prover.shallow, opening, difference)
            closed = sums_inside(instance, difference, resolve)
            spread = Spread(instance, resolve, closed)
            root = instance.arena.mul((difference, *tags))
            # Errors above will be closed in the proof; counting what is inside them can only raise k.
            for key, k in spread.of(root).items():
                count[key] = max(count.get(key, 0), k)
            for name, key in over.items():
                groups = {
                    instance.arena.args[v][1][:-1]
                    for v in instance.arena.order([difference], resolve)
                    if instance.arena.op[v] == "var" and instance.arena.args[v][0] == name
                }
                if len(groups) > 1:
                    raise Refused("a fact about several groups")
                if degree(instance, difference, resolve, frozenset((name,))) > 1:
                    raise Refused("a fact about a product of entries")
                count.setdefault(key, 0)
        for key in over.values():
            count[key] = count.get(key, 0) + 1
        return count, free or set()

    def _fact_sizes(self, court: Court) -> dict[str, str]:
        """Quantities that sum to 1, with the size they sum over; only where that is their only axis."""
        found: dict[str, str] = {}
        for q in self.system.quantities:
            kinds = {f.kind for f in q.facts}
            if q.name in self.system.equations_of or "sums to 1" not in kinds:
                continue
            if any(a.kind not in ("layer", "time") for a in q.axes[:-1]):
                raise Refused("a fact about every sample")
            found[q.name] = court.instance.axis_key(q, len(q.axes) - 1, ())
            self.facts.append(f"{q.name} sums to 1")
        if not found or not all(found.values()):
            raise Refused("no fact to use")
        return found

    def _above(self, court: Court, deep: dict[str, int]) -> frozenset[Node]:
        if self.window is None:
            return frozenset()
        return errors_above(court.instance, highest(court.instance, self.members, deep))

    def _grid(
        self,
        depth: int,
        deep: dict[str, int],
        count: dict[str, int],
        free: set[str],
        opening: str,
        facts: bool,
    ) -> bool:
        """Exact proofs at all the sizes that the rule asks for."""
        base = chosen(self.claim.judge.names, depth, (1,))
        keys = [k for k in base if k not in self.deep]
        tops = [max(1, count.get(k, 0) + (k not in free)) for k in keys]
        total = 1
        for top in tops:
            total *= top
        if total > MOST_SIZES:
            raise Refused("too many sizes")
        for one in product(*(range(1, top + 1) for top in tops)):
            if time.monotonic() > self.claim.deadline:
                raise OverBudget(SPENT)
            sizes = {**base, **dict(zip(keys, one, strict=True))}
            court = self._court(sizes)
            instance = court.instance
            for a, b, _, _ in self._values(court, deep):
                difference = instance.arena.sub(a, b)
                resolve = opener(instance, court.prover.shallow, opening, difference)
                closed = sums_inside(instance, difference, resolve)
                closed |= self._above(court, deep)
                found = court.prover.prove_closed(a, b, resolve, closed, facts, self.claim.deadline)
                if found is None:
                    return False
                self.kinks = self.kinks or found
            self.tried += 1
        return True


def _offset(bound: t.Formula | int, deep: str) -> int:
    """How far a bound is from 1 or from the depth. Raises Refused."""
    if isinstance(bound, int):
        return abs(bound)
    letters, constant = affine(bound)
    if letters not in ({}, {deep: 1}):
        raise Refused("a bound that is no layer")
    return abs(constant)


def _canonical(env: dict[str, int], keys: dict[str, str]) -> bool:
    """Whether the letters of each size take new values in order: 1, then at most 2, and so on.

    No index of an open size is singled out anywhere, so any other choice is this one up to names.
    """
    highest: dict[str, int] = {}
    for x, key in keys.items():
        if key:
            if env[x] > highest.get(key, 0) + 1:
                return False
            highest[key] = max(highest.get(key, 0), env[x])
    return True


def _tagged(a: Value, b: Value, marks: object) -> list[tuple[Node, Node, list[Node], list[str]]]:
    """Pairs of entries of two values, with a mark for each index of the cell."""
    from symbackprop.judging.judge import cells

    pairs = cells(a, b)
    if not isinstance(a, Arr) and not isinstance(b, Arr):
        return [(*pairs[0], [], [])]
    shape = a if isinstance(a, Arr) else b
    assert isinstance(shape, Arr)
    other = b if isinstance(b, Arr) else shape
    keys = tuple(x or y for x, y in zip(shape.keys, other.keys, strict=True))
    found = []
    for n, (x, y) in enumerate(pairs):
        places = (n // shape.cols + 1, n % shape.cols + 1)
        tags = [marks.mark(k, i) for k, i in zip(keys, places, strict=True) if k]  # type: ignore[attr-defined]
        found.append((x, y, tags, [k for k in keys if k]))
    return found
