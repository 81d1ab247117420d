"""Exact proofs that differences vanish: several ways of opening definitions, all cases of signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symbackprop.judging.arena import Node
from symbackprop.judging.clock import Deadline
from symbackprop.judging.exact import NeedScale, NeedSign, Ring, TooFewAtoms
from symbackprop.judging.instance import Instance
from symbackprop.judging.problems import NotUnderstood, TooLarge, Undefined
from symbackprop.judging.samples import group_of

Resolve = Callable[[Node], Node | None]
"""What a var stands for in a proof; None keeps it closed."""
MOST_SWITCHES = 5
MOST_RESTARTS = 40
_FUNCTIONAL = frozenset(("exp", "log", "root", "sin", "cos", "erf", "app", "piece"))


@dataclass(frozen=True, slots=True)
class Proof:
    """How a difference was shown to vanish.

    depth: 0 when polynomial definitions (weighted sums) stayed closed, 1 when all were opened.
    facts: stated facts that were used. kinks: whether points without a derivative were left out.
    """

    depth: int
    facts: tuple[str, ...] = ()
    kinks: bool = False


class Prover:
    """Proofs over one instance; what is known of its definitions is kept between claims."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._closed: dict[Node, Node | None] = {}
        self._last: dict[Node, Node] | None = None
        self._fact_names: tuple[str, ...] = ()
        self._binary_names: tuple[str, ...] = ()

    def prove(self, pairs: Sequence[tuple[Node, Node]], deadline: Deadline) -> Proof | None:
        """A proof that left and right of every pair are equal, or None. Raises OverBudget.

        First with what both sides share kept closed, then with definitions opened more and more.
        """
        left: list[Node] = []
        kinks = False
        for a, b in pairs:
            node = self.instance.arena.sub(a, b)
            if node == self.instance.arena.zero:
                continue
            found = self._by_shared(a, b, node, deadline)
            if found is None:
                left.append(node)
            else:
                kinks = kinks or found
        if not left:
            return Proof(0, (), kinks)
        for with_facts in (False, True):
            last = self.last_of_sums()
            if with_facts and not (last or self._binary_names):
                break
            ways: tuple[Resolve, ...] = (self.shallow, self.instance.definition.get)
            for depth, opened in enumerate(ways):
                resolve = _with_facts(opened, last) if with_facts else opened
                found = self._vanish(left, resolve, deadline, with_facts)
                if found is not None:
                    facts = (*self._fact_names, *self._binary_names) if with_facts else ()
                    return Proof(depth, facts, kinks or found)
        return None

    def _by_shared(self, a: Node, b: Node, difference: Node, deadline: Deadline) -> bool | None:
        """Proof with shared sub-expressions as atoms: all of them, then only shared derivatives."""
        instance = self.instance
        shared = self._shared(a, b, instance.definition.get)
        # Weighted sums stay closed at first: opened, a sum over many neurons is a polynomial of 2^n terms.
        for closed in (shared, shared & instance.derivatives.formed):
            found = self._vanish([difference], self.shallow, deadline, False, closed)
            if found is not None:
                return found
        return self._vanish([difference], instance.definition.get, deadline, False, shared)

    def _shared(self, a: Node, b: Node, meaning: Resolve, rounds: int = 2) -> frozenset[Node]:
        """What both sides hold; a var that only one side holds is opened, round by round."""
        arena = self.instance.arena
        left, right = set(arena.order([a])), set(arena.order([b]))
        for _ in range(rounds):
            fresh = False
            for mine, other in ((left, right), (right, left)):
                for v in [v for v in mine - other if arena.op[v] == "var"]:
                    meant = meaning(v)
                    if meant is not None and meant not in mine:
                        mine.update(arena.order([meant]))
                        fresh = True
            if not fresh:
                break
        return frozenset(left & right)

    def prove_closed(
        self,
        a: Node,
        b: Node,
        resolve: Resolve,
        closed: frozenset[Node],
        facts: bool,
        deadline: Deadline,
    ) -> bool | None:
        """A proof with just these definitions opened and these nodes as atoms: None, or whether kinks were left out."""
        arena = self.instance.arena
        difference = arena.sub(a, b)
        if difference == arena.zero:
            return False
        if facts:
            resolve = _with_facts(resolve, self.last_of_sums())
        else:
            shared = self._shared(a, b, resolve, 5)
            found = self._vanish([difference], resolve, deadline, False, closed | shared)
            if found is not None:
                return found
        return self._vanish([difference], resolve, deadline, False, closed)

    def shallow(self, v: Node) -> Node | None:
        """Opens a definition by functions or a plain copy; weighted sums stay closed."""
        if v in self._closed:
            return self._closed[v]
        arena = self.instance.arena
        meant = self.instance.definition.get(v)
        if meant is not None and arena.op[meant] not in ("var", "num"):
            functional = any(
                arena.op[n] in _FUNCTIONAL or (arena.op[n] == "^" and arena.args[n][1] < 0)
                for n in arena.order([meant])
            )
            if not functional:
                meant = None
        self._closed[v] = meant
        return meant

    def last_of_sums(self) -> dict[Node, Node]:
        """For each group that sums to 1: its last entry as 1 minus the others."""
        if self._last is None:
            self._last = {}
            names, binary = [], []
            instance = self.instance
            for q in instance.system.quantities:
                kinds = {f.kind: f for f in q.facts}
                if q.name in instance.system.equations_of:
                    continue
                binary += [f"{q.name} {k}" for k in kinds if k in ("in {0,1}", "in {-1,1}")]
                if "sums to 1" not in kinds:
                    continue
                over = kinds["sums to 1"].over
                names.append(f"{q.name} sums to 1" + (f" over {over}" if over else ""))
                for indices in instance.domain(q):
                    group, _ = group_of(instance, q.name, indices, over)
                    if group[-1] == indices:
                        others = [instance.entry(q.name, i) for i in group[:-1]]
                        arena = instance.arena
                        rest = arena.sub(arena.one, arena.add(others))
                        self._last[instance.entry(q.name, indices)] = rest
            self._fact_names, self._binary_names = tuple(names), tuple(binary)
        return self._last

    def _vanish(
        self,
        nodes: Sequence[Node],
        resolve: Resolve,
        deadline: Deadline,
        binary: bool,
        closed: frozenset[Node] = frozenset(),
    ) -> bool | None:
        """Whether all nodes are 0 in every case of signs: None if not, else whether kinks were left out."""
        try:
            self._case(nodes, resolve, deadline, binary, (), closed)
            together = True
        except NeedSign:
            together = False
        except (_NotZero, Undefined, TooLarge):
            return None
        if together:
            return False
        try:
            return self._case(nodes, resolve, deadline, binary, (), closed, indicated=True)
        except (_NotZero, Undefined, TooLarge, NotUnderstood):
            pass
        kinks = False
        for node in nodes:
            one = self._cases(node, resolve, deadline, binary, closed)
            if one is None:
                return None
            kinks = kinks or one
        return kinks

    def _cases(
        self,
        node: Node,
        resolve: Resolve,
        deadline: Deadline,
        binary: bool,
        closed: frozenset[Node],
    ) -> bool | None:
        todo: list[tuple[int, ...]] = [()]
        kinks, shown = False, False
        while todo:
            signs = todo.pop()
            try:
                self._case([node], resolve, deadline, binary, signs, closed)
                shown = shown or 0 not in signs
            except NeedSign:
                if len(signs) >= MOST_SWITCHES:
                    return None
                todo.extend((*signs, s) for s in (1, -1, 0))
            except Undefined:
                # Only at a kink may a value be missing; elsewhere the claim would be about nothing.
                if 0 not in signs:
                    return None
                kinks = True
            except (_NotZero, TooLarge):
                return None
        return kinks if shown else None

    def _case(
        self,
        nodes: Sequence[Node],
        resolve: Resolve,
        deadline: Deadline,
        binary: bool,
        signs: tuple[int, ...],
        closed: frozenset[Node],
        indicated: bool = False,
    ) -> bool:
        """Returns if all nodes are 0 in this case, or, with indicators, in all cases: whether kinks were left out.

        Raises _NotZero, NeedSign, Undefined, TooLarge, OverBudget.
        """
        size, scales = 16, {}  # type: ignore[var-annotated]
        for _ in range(MOST_RESTARTS):
            ring = Ring(
                self.instance, resolve, size, signs, scales, deadline, binary, closed, indicated
            )
            try:
                for node in nodes:
                    if not ring.is_zero(ring.of(node)):
                        raise _NotZero
                return any(key[0] == "kink" for key in scales)
            except TooFewAtoms:
                size *= 2
            except NeedScale:
                continue
        raise _NotZero


class _NotZero(Exception):
    """The difference is not 0 as a function of the atoms."""


def _with_facts(opened: Resolve, last: dict[Node, Node]) -> Resolve:
    def resolve(v: Node) -> Node | None:
        return last.get(v) or opened(v)

    return resolve
