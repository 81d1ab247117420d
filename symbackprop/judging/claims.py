"""From a chain to its verdict: definitions, updates, equalities, one member after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symbackprop.formula import tree as t
from symbackprop.judging.clock import within
from symbackprop.judging.judge import Court, Judge, Named, Outcome, of_problem, values_of
from symbackprop.judging.letters import Ranges
from symbackprop.judging.problems import IllFormed, NotUnderstood, OverBudget, Problem
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import ADJOINT

_EQUAL = ("=", ":=", "equiv")

_NEWTON = "a step with an inverse, as Newton takes it, is not judged"


def named(definitions: Sequence[t.Chain] | Named) -> Named:
    """Definitions as name -> (letters, formula): the last member of each chain defines."""
    if isinstance(definitions, Mapping):
        return definitions
    found: dict[str, tuple[tuple[str, ...], t.Formula]] = {}
    for chain in definitions:
        head = chain.members[0]
        if isinstance(head, t.Ref | t.Array) and all(isinstance(i, t.Idx) for i in head.indices):
            letters = tuple(i.name for i in head.indices if isinstance(i, t.Idx))
            found.setdefault(head.name, (letters, chain.members[-1]))
    return found


class Claim:
    """One chain before the judge."""

    def __init__(
        self,
        judge: Judge,
        chain: t.Chain,
        definitions: Sequence[t.Chain] | Named,
        ranges: Ranges,
        constants: Sequence[str],
    ) -> None:
        self.judge = judge
        self.chain = chain
        self.named = named(definitions)
        self.ranges = ranges
        self.constants = frozenset(constants)
        self.deadline = within(judge.budget).or_earlier(judge.clock.until)

    def verdict(self) -> Verdict:
        """The verdict; never raises on account of the statement."""
        try:
            with self.judge.clock.limited(self.deadline):
                return self._verdict()
        except Problem as problem:
            return of_problem(problem)
        except RecursionError:
            return Verdict("not_understood", reason="nested too deeply")

    def _verdict(self) -> Verdict:
        chain = self.chain
        if not chain.relations:
            return Verdict("not_understood", reason="no relation: nothing is claimed")
        if chain.relations == ("<-",):
            return self._update()
        if chain.relations[0] == "<-" and "<-" not in chain.relations[1:]:
            # w <- A = B: the update by A, and A equals B.
            step = t.Chain(chain.members[:2], ("<-",))
            update = Claim(
                self.judge, step, self.named, self.ranges, tuple(self.constants)
            ).verdict()
            return joined([update, *self._equalities(chain.members[1:], chain.relations[1:])])
        head = chain.members[0]
        if self._new_name(head):
            if len(chain.members) == 2:
                return Verdict("definition", how="introduces a name")
            inner = self._equalities(chain.members[1:], chain.relations[1:])
            first = Verdict("definition", how="introduces a name")
            return joined([first, *inner])
        return joined(self._equalities(chain.members, chain.relations))

    def _new_name(self, head: t.Formula) -> bool:
        """Whether the left side is a bare name that neither system nor definitions know."""
        if not isinstance(head, t.Ref | t.Array) or self.chain.relations[0] not in _EQUAL:
            return False
        if head.name in self.named or head.name in self.constants:
            return False
        known = self.judge.system.by_name
        return head.name.removeprefix(ADJOINT) not in known and not any(
            s.name == head.name for s in self.judge.system.sizes
        )

    def _equalities(self, members: Sequence[t.Formula], relations: Sequence[str]) -> list[Verdict]:
        for relation in relations:
            if relation not in _EQUAL:
                raise NotUnderstood(f"the relation '{relation}' is not judged")
        from symbackprop.judging.sizes import over_sizes

        return over_sizes(self, members)

    # --- one instance ---------------------------------------------------------------------------

    def at(
        self, court: Court, members: Sequence[t.Formula], exactly: bool = True
    ) -> list[Outcome | Problem]:
        """For each member after the first: the outcome at one instance."""
        values = values_of(court, members, self.named, self.ranges, self.constants)
        found: list[Outcome | Problem] = []
        sound: list[int] = []  # members with a value, the reference first
        for k, value in enumerate(values):
            if isinstance(value, Problem):
                if k:
                    found.append(value)
                continue
            if not k:
                sound.append(0)
                continue
            if not sound:
                # The first member has no value: the link to it cannot be judged.
                first = values[0]
                assert isinstance(first, Problem)
                found.append(first)
                sound.append(k)
                continue
            found.append(self._against(court, values, sound, k, exactly))
            sound.append(k)
        return found

    def _against(
        self, court: Court, values: Sequence[object], sound: list[int], k: int, exactly: bool
    ) -> Outcome | Problem:
        try:
            rest = (self.deadline, self.constants, exactly)
            outcome = court.compare(values[sound[0]], values[k], *rest)  # type: ignore[arg-type]
            if outcome.kind == "refuted" and sound[-1] != sound[0]:
                link = court.compare(values[sound[-1]], values[k], *rest)  # type: ignore[arg-type]
                if link.kind != "refuted":
                    return Outcome(
                        link.kind, link.proof, None, "equals the member before it, which is wrong"
                    )
            return outcome
        except Problem as problem:
            return problem

    # --- updates --------------------------------------------------------------------------------

    def _update(self) -> Verdict:
        """`w <- w - eta * g` holds iff the right side is w - eta dJ/dw, for some free positive eta."""
        target, new = self.chain.members
        if not isinstance(target, t.Ref | t.Array):
            raise NotUnderstood("the update of something that is not a quantity")
        q = self.judge.system.by_name.get(target.name)
        if q is None or not q.is_parameter:
            raise NotUnderstood(
                f"the update of {target.name}, which is no parameter of the network"
            )
        unknown = list(
            dict.fromkeys(
                n.name
                for n in new.walk()
                if isinstance(n, t.Ref) and not n.indices and self._free_constant(n.name)
            )
        )
        inverse = any(_is_inverse(n) for n in new.walk())
        if inverse and not unknown:
            raise NotUnderstood(_NEWTON)
        if not unknown:
            raise IllFormed("no learning rate stands in the update")
        gradient: t.Formula = (
            t.Ref(f"{ADJOINT}{target.name}", target.indices)
            if isinstance(target, t.Ref)
            else t.Array(f"{ADJOINT}{target.name}", target.indices)
        )
        self.constants = self.constants | set(unknown)
        worst: Verdict | None = None
        for eta in unknown:
            right = t.sub(target, t.mul(t.Ref(eta), gradient))
            verdict = joined(self._equalities((right, new), ("=",)))
            if verdict.kind in ACCEPTED:
                return verdict
            worst = worst or verdict
        assert worst is not None
        if inverse:
            raise NotUnderstood(_NEWTON)
        return worst

    def _free_constant(self, name: str) -> bool:
        system = self.judge.system
        if name in self.named:
            return False
        q = system.by_name.get(name)
        if q is None:
            return not name.startswith(ADJOINT) and name not in {s.name for s in system.sizes}
        return q.role == "constant" and name not in _used(system)


def _is_inverse(f: t.Formula) -> bool:
    """`H^{-1}`."""
    return (
        isinstance(f, t.Pow) and isinstance(f.base, t.Ref | t.Array) and f.exponent == t.Neg(t.ONE)
    )


def _used(system: object) -> set[str]:
    """Names that the equations use: no learning rate is among them."""
    names: set[str] = set()
    for e in getattr(system, "equations", ()):
        names |= {getattr(s, "name", str(s)) for s in e.rhs.free_symbols}
    return names


def joined(members: Sequence[Verdict]) -> Verdict:
    """The verdict on a chain: that of the first member that is not accepted, else the weakest."""
    facts = tuple(dict.fromkeys(f for m in members for f in m.facts))
    for m in members:
        if m.kind not in ACCEPTED:
            return Verdict(m.kind, m.how, m.reason, tuple(members), m.counterexample, facts)
    for kind in ("agrees", "proved", "definition"):
        for m in members:
            if m.kind == kind:
                how = "; ".join(dict.fromkeys(x.how for x in members if x.how))
                return Verdict(m.kind, how, m.reason, tuple(members), None, facts)
    return Verdict("not_understood", reason="nothing is claimed")


__all__ = ["Claim", "OverBudget", "joined", "named"]
