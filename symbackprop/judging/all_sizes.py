"""When exact proofs at a few small sizes prove a claim at all sizes.

Multiply the difference of both sides out: for sizes n it is a sum of terms over maps from index letters
to 1..n, each term the same function of the atoms with these indices. Sort the terms by the sets of indices
that they carry, and leave out index 1 of every size: F_A = sum of H_B over B within A, where A tells for each
size which indices beyond 1 exist. By Moebius inversion every H_B is a signed sum of F_A with A within B. So
F is 0 at all sizes if it is 0, as a function of independent atoms, for every A that can be such a B:

* k, the largest number of different indices of one size that a term carries, bounds B there: sizes up to
  k + 1, and up to k if every term carries index 1 (that of a free letter);
* a term carries indices of at most q different sizes: no more than q sizes beyond 1 at once.

Conditions. No index of an open axis is singled out, in the claim or in what is opened (marks refuse it); k and
q are counted on a wide instance where no condition on indices drops a term, at sizes above k; a function of
a sum is an atom, which is the same for all indices that it sums over (else it counts as carrying them all).

A fact "y sums to 1": a difference of degree 1 in y, A + sum of y_o B_o, is 0 wherever the fact holds iff the
sum of y_o (A + B_o) is 0 everywhere: one more index. With a fact for every sample, degree 1 in all, it is
enough to look at y_n = e_o(n): one more index for each sample that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.judge import Court
from symbackprop.judging.marked import Marked
from symbackprop.judging.problems import IllFormed, NotUnderstood, OverBudget, Refused
from symbackprop.judging.spread import (
    KEYS,
    Resolve,
    Spread,
    degree,
    opener,
    sums_inside,
)
from symbackprop.judging.trials import chosen
from symbackprop.judging.verdict import Verdict

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim

WIDE = (3, 5)
"""Sizes of the marked instances on which the number of indices is counted."""
MOST_SIZES = 160
"""More choices of sizes than this are not tried."""


def for_all(claim: Claim, left: t.Formula, right: t.Formula, weaker: Verdict) -> Verdict:
    """`proved` if one of the rules applies, else the weaker verdict."""
    from symbackprop.judging.all_depths import AllDepths

    try:
        rule = (AllDepths if claim.judge.deep else AllSizes)(claim, left, right)
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
    """The rule for a system without a depth, for one pair of members."""

    def __init__(self, claim: Claim, left: t.Formula, right: t.Formula) -> None:
        self.claim = claim
        self.system = claim.judge.system
        self.marked = Marked(claim, left, right)
        self.start()

    def start(self) -> None:
        """A new attempt."""
        self.tried = 0
        self.kinks = False
        self.facts: list[str] = []

    def openings(self) -> Sequence[object]:
        """Which definitions to open."""
        return ("shallow", "named", "all")

    def resolve(self, court: Court, difference: Node, opening: object) -> Resolve:
        return opener(court.instance, str(opening), difference)

    def holds(self, opening: object, facts: bool) -> bool:
        """Whether the claim holds for all sizes with these definitions opened."""
        return self.at(1, {}, opening, facts)

    # --- at one depth ---------------------------------------------------------------------------

    def at(self, depth: int, place: Mapping[str, int], opening: object, facts: bool) -> bool:
        """Whether the claim holds for all sizes but the depth, the layer letter at `place`."""
        base = chosen(self.claim.judge.names, depth, (1,))
        keys = [k for k in base if k not in self.claim.judge.deep]
        for wide in WIDE:
            court = self.marked.court(chosen(self.claim.judge.names, depth, (wide,)), "counting")
            count, free = self._count(court, place, opening, facts)
            if all(count.get(key, 0) < wide for key in keys):
                break
        else:
            return False
        return all(
            self.at_sizes({**base, **sizes}, place, opening, facts)
            for sizes in grid(keys, count, free)
        )

    def at_sizes(
        self, sizes: dict[str, int], place: Mapping[str, int], opening: object, facts: bool
    ) -> bool:
        """An exact proof at these sizes."""
        self.claim.judge.clock.check()
        court = self.marked.court(sizes)
        instance = court.instance
        for pair in self.marked.pairs(court, place):
            difference = instance.arena.sub(pair.left, pair.right)
            if difference == instance.arena.zero:
                continue
            resolve = self.resolve(court, difference, opening)
            closed = sums_inside(instance, difference, resolve)
            found = court.prover.prove_closed(
                pair.left, pair.right, resolve, closed, facts, self.claim.deadline
            )
            if found is None:
                return False
            self.kinks = self.kinks or found
        if instance.marks is not None and instance.marks.refused:
            raise Refused(instance.marks.refused)
        self.tried += 1
        return True

    def _count(
        self, court: Court, place: Mapping[str, int], opening: object, facts: bool
    ) -> tuple[dict[str, int], set[str]]:
        """The largest number of indices of a term by size, and the sizes with a free letter."""
        instance = court.instance
        free: set[str] | None = None
        count: dict[str, int] = {}
        over = self._fact_sizes(court) if facts else {}
        for pair in self.marked.pairs(court, place):
            free = set(pair.keys) if free is None else free & set(pair.keys)
            difference = instance.arena.sub(pair.left, pair.right)
            if difference == instance.arena.zero:
                continue
            resolve = self.resolve(court, difference, opening)
            closed = sums_inside(instance, difference, resolve)
            root = instance.arena.mul((difference, *pair.tags))
            for key, k in Spread(instance, resolve, closed).of(root).items():
                count[key] = max(count.get(key, 0), k)
            for name, (key, _) in over.items():
                groups = {
                    instance.arena.args[v][1][:-1]
                    for v in instance.arena.order([difference], resolve)
                    if instance.arena.op[v] == "var" and instance.arena.args[v][0] == name
                }
                if len(groups) > 1 and not over[name][1]:
                    raise Refused("a fact about several groups")
                if degree(instance, difference, resolve, frozenset((name,))) > 1:
                    raise Refused("a fact about a product of entries")
                count.setdefault(key, 0)
        for key, samples in over.values():
            # One more index; with a fact for every sample, one for each sample that is looked at.
            more = count.get(samples, 0) + (samples not in (free or ())) if samples else 1
            count[key] = count.get(key, 0) + max(1, more)
            count[KEYS] = count.get(KEYS, 0) + 1
        if instance.marks is not None and instance.marks.refused:
            raise Refused(instance.marks.refused)
        return count, free or set()

    def _fact_sizes(self, court: Court) -> dict[str, tuple[str, str]]:
        """Quantities that sum to 1, with the size they sum over and that of the samples, if any."""
        found: dict[str, tuple[str, str]] = {}
        for q in self.system.quantities:
            kinds = {f.kind: f for f in q.facts}
            if q.name in self.system.equations_of or "sums to 1" not in kinds:
                continue
            over = kinds["sums to 1"].over
            if over and q.axes[-1].index.name != over:
                raise Refused("a fact about an axis that is not the last")
            units = [k for k, a in enumerate(q.axes[:-1]) if a.kind not in ("layer", "time")]
            if len(units) > 1:
                raise Refused("a fact about several axes")
            samples = court.instance.axis_key(q, units[0], ()) if units else ""
            last = court.instance.axis_key(q, len(q.axes) - 1, ())
            if not last or (units and not samples):
                raise Refused("no fact to use")
            found[q.name] = (last, samples)
            self.facts.append(f"{q.name} sums to 1")
        if not found:
            raise Refused("no fact to use")
        return found


def grid(keys: list[str], count: Mapping[str, int], free: set[str]) -> Iterator[dict[str, int]]:
    """The sizes at which the rule asks for a proof, small ones first. Raises Refused for too many."""
    tops = {k: max(1, count.get(k, 0) + (k not in free)) for k in keys}
    always = [k for k in keys if k in free]
    others = [k for k in keys if k not in free and tops[k] > 1]
    most = min(len(others), max(0, count.get(KEYS, 0) - len(always)))
    found: list[dict[str, int]] = []
    for many in range(most + 1):
        for some in combinations(others, many):
            ranges = [range(1, tops[k] + 1) for k in always] + [range(2, tops[k] + 1) for k in some]
            for sizes in product(*ranges):
                found.append(dict(zip([*always, *some], sizes, strict=True)))
                if len(found) > MOST_SIZES:
                    raise Refused("too many sizes")
    return iter(sorted(found, key=lambda s: sum(s.values())))


__all__ = ["AllSizes", "for_all", "grid"]
