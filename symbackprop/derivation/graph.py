"""The neuron view of a system: every entry of every quantity is a node with a written equation.

A node is a `Ref` whose indices are numbers. Its equation is a Formula in reading order: weights before
values, the bias last, positive terms before negative ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.calculus.written import written as as_formula
from symbackprop.derivation.algebra import plus, tidy
from symbackprop.errors import TooLarge, UnsupportedForm
from symbackprop.formula.tree import Formula, Idx, Num, Ref, Sum
from symbackprop.system.model import Equation, Quantity, System

MAX_NODES = 200_000


@dataclass(frozen=True)
class Graph:
    """Nodes in computing order. `users[v]`: the nodes whose equations contain v, in order."""

    system: System
    equations: Mapping[Ref, Formula]
    users: Mapping[Ref, tuple[Ref, ...]]
    entries: Mapping[str, tuple[Ref, ...]]
    _cache: dict[object, object] = field(default_factory=dict)

    def role(self, node: Ref) -> str:
        return self.quantity(node).role

    def quantity(self, node: Ref) -> Quantity:
        return self.system[node.name]

    def layer(self, node: Ref) -> int | None:
        """The layer number, None for what belongs to no layer."""
        layer = self.quantity(node).layer
        return int(layer) if layer is not None and layer.is_Integer else None

    def with_role(self, *roles: str) -> tuple[Ref, ...]:
        """All nodes of these roles, in the order of the system's quantities."""
        return tuple(
            node
            for q in self.system.quantities
            if q.role in roles
            for node in self.entries.get(q.name, ())
        )

    def sources(self, node: Ref) -> tuple[Ref, ...]:
        """The nodes that the equation of `node` contains, in writing order, each once."""
        found = (n for n in self.equations[node].walk() if isinstance(n, Ref))
        return tuple(dict.fromkeys(found))


def build(system: System) -> Graph:
    """Instantiate all axes. Raises UnsupportedForm for symbolic sizes, TooLarge for absurd ones."""
    total = 0
    for q in system.quantities:
        count = sp.Integer(1)
        for axis in q.axes:
            if not axis.count.is_Integer:
                raise UnsupportedForm(
                    f"the neuron view writes every entry, but the size of '{q.name}' is the symbol "
                    f"{axis.count}",
                    hint="give numbers for the sizes, or ask for --view index",
                )
            count *= axis.count
        total += int(count)
    if total > MAX_NODES:
        raise TooLarge(
            f"the neuron view would write {total:,} separate symbols; at most {MAX_NODES:,} are possible",
            hint="ask for --view index,matrix: its length does not depend on the sizes",
        )
    entries = {q.name: tuple(_entries(q)) for q in system.quantities}
    equations: dict[Ref, Formula] = {}
    for equation in system.equations:
        _instantiate(equation, system, equations)
    equations = _in_order(equations)
    users: dict[Ref, list[Ref]] = {}
    for node, formula in equations.items():
        for source in dict.fromkeys(n for n in formula.walk() if isinstance(n, Ref)):
            users.setdefault(source, []).append(node)
    return Graph(system, equations, {v: tuple(us) for v, us in users.items()}, entries)


def _in_order(equations: dict[Ref, Formula]) -> dict[Ref, Formula]:
    """Each node after all that its equation uses: families of a recurrence interleave."""
    done: dict[Ref, Formula] = {}
    waiting = equations
    while waiting:
        left: dict[Ref, Formula] = {}
        for node, formula in waiting.items():
            late = any(
                n in equations and n not in done for n in formula.walk() if isinstance(n, Ref)
            )
            (left if late else done)[node] = formula
        if len(left) == len(waiting):  # a cycle: the checks of a System rule it out
            return equations
        waiting = left
    return done


def _entries(q: Quantity) -> Iterator[Ref]:
    spans = [range(int(a.lower), int(a.upper) + 1) for a in q.axes]
    for values in itertools.product(*spans):
        yield Ref(q.name, tuple(Num(str(v)) for v in values))


def _instantiate(equation: Equation, system: System, into: dict[Ref, Formula]) -> None:
    body = as_formula(equation.rhs, system)
    letters = [str(r[0]) for r in equation.ranges]
    spans = [range(int(r[1]), int(r[2]) + 1) for r in equation.ranges]
    left = as_formula(equation.lhs, system)
    for values in itertools.product(*spans):
        chosen = {n: Num(str(v)) for n, v in zip(letters, values, strict=True)}
        node = at(left, chosen)
        assert isinstance(node, Ref)
        into[node] = tidy(at(body, chosen))


def at(formula: Formula, letters: Mapping[str, Formula]) -> Formula:
    """Index letters replaced by numbers; sums with numeric bounds written out term by term."""
    if isinstance(formula, Idx):
        return letters.get(formula.name, formula)
    if isinstance(formula, Sum):
        lower, upper = formula.lower, formula.upper
        lower = at(lower, letters) if lower is not None else None
        upper = at(upper, letters) if upper is not None else None
        if isinstance(lower, Num) and isinstance(upper, Num):
            terms = [
                at(formula.body, {**letters, formula.index.name: Num(str(i))})
                for i in range(int(lower.value), int(upper.value) + 1)
            ]
            return plus(*terms)
    changed = formula.map(lambda child: at(child, letters))
    return _index_arithmetic(changed) if isinstance(changed, Ref) else changed


def _index_arithmetic(node: Ref) -> Ref:
    return Ref(node.name, tuple(_number(i) for i in node.indices))


def _number(index: Formula) -> Formula:
    from symbackprop.derivation.algebra import expanded

    return index if isinstance(index, Num | Idx) else expanded(index)
