"""When exact proofs at a few small sizes prove a claim at all sizes.

Multiply the difference of both sides out: for sizes n it is a sum of terms over maps from index letters
to 1..n, each term the same function of the atoms with these indices. Sort the terms by the sets of indices
that they carry, and leave out index 1 of every size: F_A = sum of H_B over B within A, where A tells for each
size which indices beyond 1 exist. By Moebius inversion every H_B is a signed sum of F_A with A within B. So
F is 0 at all sizes if it is 0, as a function of independent atoms, for every A that can be such a B:

* k, the largest number of different indices of one size that a term carries, bounds B there: sizes up to
  k + 1, and up to k if every term carries index 1 (that of a free letter);
* a term carries indices of at most q different sizes: no more than q sizes beyond 1 at once.

A claim that singles out the indices 1 .. c of a size is about sizes from c on; they take the part of index 1.

Sums inside functions are atoms. At a size below b, the number of indices of a term of such a sum, two different
ones may look alike or vanish; then indices 1 .. b take the part of index 1, and smaller sizes are looked at
one by one.

A size that stands as a number, N, is at first an atom. Otherwise it is the sum of ones: with all powers of
1/N cleared, each factor N is one more index of that size.

Conditions. No index of an open axis is singled out, in the claim or in what is opened (marks refuse it); k and
q are counted on a wide instance where no condition on indices drops a term, at sizes above k; a function of
a sum is an atom, which is the same for all indices that it sums over (else it counts as carrying them all).

A fact "y sums to 1": a difference of degree 1 in y, A + sum of y_o B_o, is 0 wherever the fact holds iff the
sum of y_o (A + B_o) is 0 everywhere: one more index. With a fact for every sample, degree 1 in all, it is
enough to look at y_n = e_o(n): one more index for each sample that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Node
from symbackprop.judging.closing import Resolve, opener, sums_inside
from symbackprop.judging.degrees import degree, size_degrees
from symbackprop.judging.grid import Count, grid
from symbackprop.judging.judge import Court
from symbackprop.judging.marked import Marked
from symbackprop.judging.marks import SIZE
from symbackprop.judging.problems import IllFormed, NotUnderstood, OverBudget, Refused
from symbackprop.judging.spread import KEYS, Spread
from symbackprop.judging.trials import chosen
from symbackprop.judging.verdict import Verdict

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim

WIDE = (3, 5, 7)
"""Sizes of the marked instances on which the number of indices is counted."""


def for_all(claim: Claim, left: t.Formula, right: t.Formula, weaker: Verdict) -> Verdict:
    """`proved` if one of the rules applies, else the weaker verdict."""
    from symbackprop.judging.all_depths import AllDepths

    try:
        rule = (AllDepths if claim.judge.deep else AllSizes)(claim, left, right)
    except Refused:
        return weaker
    for facts, numbers, opening in rule.attempts():
        rule.start()
        rule.numbers = numbers
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
        self.numbers = False
        """Whether sizes that stand as numbers are sums of ones, not atoms."""
        self.facts: list[str] = []

    def attempts(self) -> Iterator[tuple[bool, bool, object]]:
        """Whether to use facts, whether sizes are numbers, and which definitions to open."""
        for facts, numbers in ((False, False), (True, False), (False, True), (True, True)):
            if numbers and not self._has_numbers():
                break
            for opening in self.openings():
                yield facts, numbers, opening

    def _has_numbers(self) -> bool:
        """Whether any size but the depth stands as a number in the system or the claim."""
        try:
            court = self.marked.court(self.sizes(2, 2))
            places = self.marked.places(court)
        except (Refused, IllFormed, NotUnderstood):
            return False  # no instance can be marked: no attempt would come to anything
        for place in places:
            with suppress(Refused, IllFormed, NotUnderstood):
                self.marked.pairs(court, place)
        instance = court.instance
        marks = instance.marks
        assert marks is not None
        names = {instance.arena.args[v][0] for v in marks.definition}
        return any(n.startswith(SIZE) and n.removeprefix(SIZE) not in marks.deep for n in names)

    def openings(self) -> Sequence[object]:
        """Which definitions to open."""
        return ("shallow", "named", "all")

    def resolve(self, court: Court, difference: Node, opening: object) -> Resolve:
        """The definitions that an opening opens; sizes stay atoms."""
        return opener(court.instance, str(opening), difference)

    def sizes(self, depth: int, width: int) -> dict[str, int]:
        """Every depth `depth`, other sizes `width`, or as many as the claim singles out."""
        found = chosen(self.claim.judge.names, depth, (width,))
        more = {k: max(found[k], v) for k, v in self.marked.fixed.items()}
        return {**found, **more}

    def holds(self, opening: object, facts: bool) -> bool:
        """Whether the claim holds for all sizes with these definitions opened."""
        return self.at(1, {}, opening, facts)

    # --- at one depth ---------------------------------------------------------------------------

    def at(self, depth: int, place: Mapping[str, int], opening: object, facts: bool) -> bool:
        """Whether the claim holds for all sizes but the depth, the layer letter at `place`."""
        base = self.sizes(depth, 1)
        keys = [k for k in base if k not in self.claim.judge.deep]
        for wide in WIDE:
            sizes = self.sizes(depth, wide)
            court = self.marked.court(sizes, "counting")
            found = self._count(court, place, opening, facts)
            if all(max(found.count.get(k, 0), found.inside.get(k, 0)) < sizes[k] for k in keys):
                break
        else:
            return False
        return all(
            self.at_sizes({**base, **sizes}, place, opening, facts)
            for sizes in grid(keys, found, self.marked.fixed)
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
            closed = sums_inside(instance, difference, resolve, self.numbers)
            if self.numbers:
                resolve = self._with_numbers(court, resolve)
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

    def _with_numbers(self, court: Court, resolve: Resolve) -> Resolve:
        """Also sizes stand for their values, but for that of the depth."""
        instance = court.instance
        marks = instance.marks
        assert marks is not None
        atoms = {marks.size(k) for k in instance.sizes if k not in marks.deep}
        return lambda v: marks.definition[v] if v in atoms else resolve(v)

    def _count(self, court: Court, place: Mapping[str, int], opening: object, facts: bool) -> Count:
        """The numbers of indices on a wide instance. Raises Refused."""
        instance = court.instance
        free: set[str] | None = None
        count: dict[str, int] = {}
        extra: dict[str, int] = {}
        inside: dict[str, int] = {}
        over = self._fact_sizes(court) if facts else {}
        for pair in self.marked.pairs(court, place):
            free = set(pair.keys) if free is None else free & set(pair.keys)
            difference = instance.arena.sub(pair.left, pair.right)
            if difference == instance.arena.zero:
                continue
            resolve = self.resolve(court, difference, opening)
            closed = sums_inside(instance, difference, resolve, self.numbers)
            root = instance.arena.mul((difference, *pair.tags))
            spread = Spread(instance, resolve, closed)
            found = spread.of(root)
            for key, k in spread.inside.items():
                inside[key] = max(inside.get(key, 0), k)
            if self.numbers:
                degrees = size_degrees(instance, difference, resolve, closed)
                for key, (low, high) in degrees.items():
                    extra[key] = max(extra.get(key, 0), max(high, 0) - min(low, 0))
                extra[KEYS] = max(extra.get(KEYS, 0), len(degrees))
            for key, k in found.items():
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
            looked = count.get(samples, 0) + extra.get(samples, 0) + (samples not in (free or ()))
            extra[key] = extra.get(key, 0) + max(1, looked if samples else 1)
            extra[KEYS] = extra.get(KEYS, 0) + 1
        if instance.marks is not None and instance.marks.refused:
            raise Refused(instance.marks.refused)
        return Count(count, extra, inside, frozenset(free or ()))

    def _fact_sizes(self, court: Court) -> dict[str, tuple[str, str]]:
        """Quantities that sum to 1, with the size they sum over and that of the samples, if any."""
        if self.marked.fixed:
            raise Refused("facts beside indices that are singled out")
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


__all__ = ["AllSizes", "for_all"]
