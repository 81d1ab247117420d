"""A Program as array instructions: whole arrays are bound, parts are stored, recurrences loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp

from symbackprop.calculus.letters import put
from symbackprop.export.graph import (
    Allocate,
    Bind,
    For,
    Graph,
    Instruction,
    Member,
    Node,
    Store,
)
from symbackprop.export.program import Guarded, Loop, Program, Statement, Step, statements
from symbackprop.export.schedule import reads
from symbackprop.export.vectorise import Vectoriser
from symbackprop.system.model import ADJOINT


class Blocks:
    """Instructions of the forward and of the backward part; one graph, so work is shared."""

    def __init__(self, program: Program, backward: bool, inputs: bool = False) -> None:
        self.program = program
        self.graph = Graph()
        self.nodes: dict[str, Node] = {}
        self.versions: dict[str, int] = {}
        for q in (*program.parameters, *program.inputs, *program.targets):
            self._leaf(q.name)
        for name in program.constants:
            self._leaf(name)
        after = program.backward_to_inputs if inputs else program.backward
        steps = (*program.forward, *(after if backward else ()))
        self.whole = _bound_whole(program, steps)
        self.local = _local_in_loops(program, steps, self.whole)
        self.allocated: set[str] = set()
        self.code = self._steps(steps, frozenset())
        names = [program.cost]
        if backward:
            names += [ADJOINT + p.name for p in program.parameters]
        if inputs:
            names += [ADJOINT + q.name for q in program.inputs]
        self.results: dict[str, Node] = {name: self.nodes[name] for name in names}

    def _leaf(self, name: str) -> None:
        array = self.program.arrays[name]
        op = "array" if array.bounds or name not in self.program.constants else "scalar_constant"
        self.nodes[name] = self.graph.make(op, (), (name,), array.counts)

    def _steps(self, steps: Iterable[Step], fixed: frozenset[sp.Symbol]) -> list[Instruction]:
        code: list[Instruction] = []
        for step in steps:
            if isinstance(step, Loop):
                code += self._loop(step, fixed)
            else:
                code += self._statement(step, fixed)
        return code

    def _allocate(self, name: str) -> list[Instruction]:
        if name in self.allocated:
            return []
        self.allocated.add(name)
        return [Allocate(name, self.program.arrays[name].counts)]

    def _stored(self, name: str) -> None:
        """A new version of a stored array: what was read before is not read again."""
        self.versions[name] = self.versions.get(name, 0) + 1
        dims = self.program.arrays[name].counts
        self.nodes[name] = self.graph.make("stored", (), (name, self.versions[name]), dims)

    def _statement(self, rule: Statement, fixed: frozenset[sp.Symbol]) -> list[Instruction]:
        array = self.program.arrays[rule.target]
        order = array.stored or tuple(range(len(array.bounds)))
        pinned = {x: lo for x, lo, up in rule.ranges if lo == up and rule.target not in self.whole}
        ranges = {x: (lo, up) for x, lo, up in rule.ranges if x not in pinned and x not in fixed}
        rhs = put(rule.rhs, pinned)
        indices = [put(rule.indices[p], pinned) for p in order]
        letters: list[sp.Symbol] = []
        index: list[tuple[object, ...]] = []
        for place, p in zip(indices, order, strict=True):
            lower, upper = array.bounds[p]
            free = [x for x in place.free_symbols if x in ranges]
            if not free:
                index.append(("at", sp.expand(place - lower)))
                continue
            (letter,) = free
            low, high = ranges[letter]
            shift = sp.expand(place - letter)
            letters.append(letter)
            start, stop = sp.expand(low + shift - lower), sp.expand(high + shift - lower + 1)
            whole = start == 0 and stop == sp.expand(upper - lower + 1)
            index.append(("all",) if whole else ("part", start, stop))
        maker = Vectoriser(self.graph, self.program.arrays, self.nodes, fixed)
        node = maker.statement(rhs, letters, ranges)
        if rule.target in self.whole:
            self.nodes[rule.target] = node
            return [Bind(rule.target, node, rule.note)]
        if rule.target in self.local and all(p[0] in ("at", "all") for p in index):
            # Read at the same step only: a view of the missing axis would be of length 1.
            self.nodes[rule.target] = self.graph.make(
                "step", (node,), (tuple(index),), array.counts
            )
            return [Bind(rule.target, node, rule.note)]
        code = self._allocate(rule.target)
        self._stored(rule.target)
        return [*code, Store(rule.target, tuple(index), node, rule.note)]

    def _loop(self, loop: Loop, fixed: frozenset[sp.Symbol]) -> list[Instruction]:
        code: list[Instruction] = []
        inner = [r.target for r in statements((loop,))]
        for name in dict.fromkeys(inner):
            if name not in self.local and name not in self.whole:
                code += self._allocate(name)
                self._stored(name)
        self.graph.open()
        body = []
        for g in loop.body:
            lower, upper = _guard(g, loop)
            # What runs in a part of the loop only must not be reused in the rest of it.
            self.graph.open()
            body.append(Member(lower, upper, self._steps((g.step,), fixed | {loop.letter})))
            if lower is None and upper is None:
                table = self.graph.tables.pop()
                for node in table.values():
                    node.depth -= 1
                self.graph.tables[-1].update(table)
            else:
                self.graph.close()
        self.graph.close()
        for name in dict.fromkeys(inner):
            if name not in self.local and name not in self.whole:
                self._stored(name)
        code.append(For(loop.letter.name, loop.lower, loop.upper, loop.descending, body))
        return code


def _guard(g: Guarded, loop: Loop) -> tuple[sp.Expr | None, sp.Expr | None]:
    return (
        None if g.lower == loop.lower else g.lower,
        None if g.upper == loop.upper else g.upper,
    )


def _bound_whole(program: Program, steps: Sequence[Step]) -> set[str]:
    """Names written by one statement outside any loop, over their whole range."""
    found: set[str] = set()
    count: dict[str, int] = {}
    for rule in statements(tuple(steps)):
        count[rule.target] = count.get(rule.target, 0) + 1
    for step in steps:
        if not isinstance(step, Statement) or count[step.target] != 1:
            continue
        array = program.arrays[step.target]
        ranges = {x: (lo, up) for x, lo, up in step.ranges}
        if all(
            isinstance(i, sp.Symbol) and ranges.get(i) == bounds
            for i, bounds in zip(step.indices, array.bounds, strict=True)
        ):
            found.add(step.target)
    return found


def _local_in_loops(program: Program, steps: Sequence[Step], whole: set[str]) -> set[str]:
    """Names written once in a loop, all whose reads are in that loop, later in the same step."""
    found: set[str] = set()
    readers: dict[str, int] = {}
    for rule in statements(tuple(steps)):
        for name, _ in reads(rule.rhs):
            readers[name] = readers.get(name, 0) + 1
    for step in steps:
        if not isinstance(step, Loop):
            continue
        inside = [g for g in step.body if isinstance(g.step, Statement)]
        for position, g in enumerate(inside):
            assert isinstance(g.step, Statement)
            rule = g.step
            if (g.lower, g.upper) != (step.lower, step.upper):
                continue
            if sum(r.target == rule.target for r in statements(tuple(steps))) != 1:
                continue
            here = 0
            for later in inside[position + 1 :]:
                assert isinstance(later.step, Statement)
                here += sum(
                    _same_step(indices, rule, step.letter)
                    for name, indices in reads(later.step.rhs)
                    if name == rule.target
                )
            if here and here == readers.get(rule.target, 0):
                found.add(rule.target)
    wanted = {ADJOINT + q.name for q in (*program.parameters, *program.inputs)} | {program.cost}
    return found - whole - wanted


def _same_step(indices: tuple[sp.Expr, ...], rule: Statement, letter: sp.Symbol) -> bool:
    """Whether the loop's place has the loop's letter and no other place has it."""
    return all(
        (place == own) if letter in own.free_symbols else letter not in place.free_symbols
        for place, own in zip(indices, rule.indices, strict=True)
    )
