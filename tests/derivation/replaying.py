"""Each line of a derivation computed again, by code that shares nothing with narrator, engine or judge.

Every member of a chain is evaluated at random numbers (70 digits): entries from the SymPy equations of the
network, every partial derivative by a central difference at an entry that is set free. Arrays are
matrices of such numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import mpmath as mp
from judging.oracle import NoValue, Oracle, close

from symbackprop.derivation.steps import Derivation, Section, Step
from symbackprop.formula import tree as t
from symbackprop.system.model import ADJOINT, System

DIGITS = 12


class Arrays(Oracle):
    """The oracle, with vectors (columns) and matrices."""

    def __init__(self, system: System, sizes: dict[str, int] | None = None, seed: int = 0) -> None:
        known = {s.name for s in system.sizes}
        mine = {k: v for k, v in (sizes or {}).items() if k in known or "[" in k}
        super().__init__(system, mine, seed)
        self.named: dict[str, t.Formula] = {}
        """What introduced names stand for."""
        self.errors: dict[tuple[str, tuple[int, ...]], Any] = {}

    def size(self, e: Any, env: dict[str, int]) -> int:
        try:
            return super().size(e, env)
        except (KeyError, TypeError) as error:
            raise NoValue(str(e)) from error

    def free_by(self, by: t.Ref, env: dict[str, int], of: Any) -> Any:
        pinned, memo = self.pinned, self.memo
        try:
            return super().free_by(by, env, of)
        finally:
            self.pinned, self.memo = pinned, memo

    def cost_by(self, name: str, indices: tuple[int, ...]) -> Any:
        """dJ/d entry, by a central difference."""
        by = t.ref(name, *indices)
        if self.pinned:
            return self.free_by(by, {}, lambda: self.entry(self.system.cost, ()))
        if (name, indices) not in self.errors:
            value = self.free_by(by, {}, lambda: self.entry(self.system.cost, ()))
            self.errors[name, indices] = value
        return self.errors[name, indices]

    def whole(self, f: t.Array, env: dict[str, int]) -> Any:
        if f.name in self.named:
            return self.formula(self.named[f.name], env)
        name = f.name.removeprefix(ADJOINT)
        if name not in self.system.by_name:
            raise NoValue(name)
        take = self.cost_by if f.name.startswith(ADJOINT) else self.entry
        head = tuple(self.index(i, env) for i in f.indices)
        count = len(self.system.by_name[name].axes) - len(head)
        if count == 0:
            return take(name, head)
        low, high = self.limits(name, head)
        rows = []
        for i in range(low, high + 1):
            if count == 1:
                rows.append([take(name, (*head, i))])
            else:
                first, last = self.limits(name, (*head, i))
                rows.append([take(name, (*head, i, j)) for j in range(first, last + 1)])
        return mp.matrix(rows)

    def gradient(self, of: t.Formula, by: t.Array, env: dict[str, int]) -> Any:
        """The array of all d of / d entry."""
        if of == t.Ref(self.system.cost):
            return self.whole(t.Array(ADJOINT + by.name, by.indices), env)
        head = tuple(self.index(i, env) for i in by.indices)
        shape = self.whole(by, env)
        result = mp.matrix(shape.rows, shape.cols)
        count = len(self.system.by_name[by.name].axes) - len(head)
        for i, j in itertools.product(range(shape.rows), range(shape.cols)):
            place = (*head, i + 1, j + 1)[: len(head) + count]
            result[i, j] = self.free_by(t.ref(by.name, *place), env, lambda: self.formula(of, env))
        return result

    def formula(self, f: t.Formula, env: dict[str, int]) -> Any:
        match f:
            case t.Ref() if f.name.startswith(ADJOINT):
                return self.cost_by(f.name[2:], tuple(self.index(i, env) for i in f.indices))
            case t.Deriv() if f.of == t.Ref(self.system.cost):
                assert isinstance(f.by, t.Ref)
                return self.cost_by(f.by.name, tuple(self.index(i, env) for i in f.by.indices))
            case t.Ref() if f.name in self.named:
                return self.formula(self.named[f.name], env)
            case t.Ref() if f.indices and f.name not in self.system.by_name:
                width = f"{f.name}[{','.join(str(self.index(i, env)) for i in f.indices)}]"
                if width in self.sizes:
                    return mp.mpf(self.sizes[width])
                raise NoValue(width)
            case t.Sym(base="pi"):
                return mp.pi
            case t.Array():
                return self.whole(f, env)
            case t.Grad():
                assert isinstance(f.by, t.Array)
                return self.gradient(f.of, f.by, env)
            case t.Ones():
                return mp.ones(self.index(f.size, env), 1)
            case t.Transpose():
                return self.formula(f.body, env).T
            case t.Matrix():
                return mp.matrix([[self.formula(c, env) for c in row] for row in f.rows])
            case t.Norm():
                return mp.sqrt(mp.fsum(x**2 for x in self.formula(f.body, env)))
            case t.MatMul():
                product, *rest = [self.formula(x, env) for x in f.factors]
                for factor in rest:
                    product = product * factor
                return product
            case t.Hadamard():
                return entrywise(mp.fprod, *(self.formula(x, env) for x in f.factors))
            case t.Add():
                return entrywise(mp.fsum, *(self.formula(x, env) for x in f.terms))
            case t.Mul():
                return entrywise(mp.fprod, *(self.formula(x, env) for x in f.factors))
            case t.Div():
                below = self.formula(f.den, env)
                if isinstance(below, mp.matrix):
                    if (below.rows, below.cols) != (1, 1):
                        raise NoValue("a quotient by a matrix")
                    below = below[0, 0]
                return self.formula(f.num, env) / below
            case t.Sum():
                values = [self.formula(f.body, {**env, f.index.name: i}) for i in self.span(f, env)]
                return entrywise(mp.fsum, *values) if values else mp.mpf(0)
            case t.Call() if len(f.args) == 1:
                argument = self.formula(f.args[0], env)
                if isinstance(argument, mp.matrix):
                    return argument.apply(lambda x: self.applied(f, x))
        return super().formula(f, env)

    def applied(self, f: t.Call, x: Any) -> Any:
        """f(x) for a number x, by way of the private name that only `formula` below can see."""
        if f.name in self.system.function_by_name:
            return self.apply(f.name, f.primes, x)
        plain = {"exp": mp.exp, "log": mp.log, "tanh": mp.tanh, "sin": mp.sin, "cos": mp.cos,
                 "abs": abs, "sqrt": mp.sqrt}[f.name]  # fmt: skip
        return plain(x) if f.primes == 0 else self.slope(plain, x)


def entrywise(fold: Any, *values: Any) -> Any:
    """The fold of numbers, or entry by entry where there are matrices; a number goes to all entries."""
    shapes = {(v.rows, v.cols) for v in values if isinstance(v, mp.matrix)}
    if not shapes:
        return fold(values)
    if len(shapes) > 1:
        raise NoValue(f"shapes {shapes}")
    ((rows, columns),) = shapes
    return mp.matrix(
        [
            [
                fold([v[i, j] if isinstance(v, mp.matrix) else v for v in values])
                for j in range(columns)
            ]
            for i in range(rows)
        ]
    )


def equal(a: Any, b: Any) -> bool:
    """Whether two values are equal to DIGITS digits; a 1x1 matrix is a number."""
    cells = [list(v) if isinstance(v, mp.matrix) else [v] for v in (a, b)]
    shapes = [(v.rows, v.cols) if isinstance(v, mp.matrix) else (1, 1) for v in (a, b)]
    return shapes[0] == shapes[1] and all(close(x, y, DIGITS) for x, y in zip(*cells, strict=True))


# --- chains ---------------------------------------------------------------------------------------


def lines(told: Derivation) -> Iterator[tuple[System, Step, t.Chain]]:
    """Every judged statement with the system that it speaks of."""

    def walk(
        sections: tuple[Section, ...], system: System
    ) -> Iterator[tuple[System, Step, t.Chain]]:
        for section in sections:
            scope = section.system or system
            for item in section.items:
                if isinstance(item, Section):
                    yield from walk((item,), scope)
                elif isinstance(item, Step) and item.judged:
                    for chain in item.statements:
                        yield scope, item, chain

    yield from walk(told.sections, told.system)


def free_letters(f: t.Formula, bound: frozenset[str], sizes: dict[str, int]) -> set[str]:
    if isinstance(f, t.Idx):
        return set() if f.name in bound or f.name in sizes else {f.name}
    if isinstance(f, t.Sum | t.Prod):
        bound |= {f.index.name}
    return {x for child in f.children() for x in free_letters(child, bound, sizes)}


def places(chain: t.Chain, step: Step, oracle: Arrays) -> Iterator[dict[str, int]]:
    """Values of the free letters: all from 0 to 4, or as the step says."""
    names = sorted(free_letters(chain, frozenset(), oracle.sizes))
    spans = []
    for name in names:
        if name in step.ranges:
            low, high = (oracle.index(bound, {}) for bound in step.ranges[name])
            spans.append(range(low, high + 1))
        else:
            spans.append(range(5))
    for values in itertools.product(*spans):
        yield dict(zip(names, values, strict=True))


def replayed(chain: t.Chain, step: Step, oracle: Arrays, most: int = 8) -> list[str]:
    """What is wrong with the chain: adjacent members that differ, or nowhere have a value."""
    head = chain.members[0]
    if isinstance(head, t.Ref | t.Array) and _is_new(head.name, oracle):
        oracle.named[head.name] = chain.members[1]
    for definition in step.definitions:
        name, *_, meant = definition.members
        if isinstance(name, t.Ref | t.Array) and head.name.startswith("dif."):
            oracle.named[name.name] = _there(name, meant, chain)
    wrong: list[str] = []
    seen = [0] * len(chain.relations)
    for env in places(chain, step, oracle):
        if all(n >= most for n in seen):
            break
        for i, relation in enumerate(chain.relations):
            left, right = chain.members[i : i + 2]
            if relation == "<-":
                assert isinstance(left, t.Ref | t.Array)
                gradient = t.Deriv(t.Ref(oracle.system.cost), left)
                step_ = t.mul(t.Ref("eta"), gradient)
                if isinstance(left, t.Array):
                    step_ = t.mul(t.Ref("eta"), t.Grad(t.Ref(oracle.system.cost), left))
                left = t.sub(left, step_)
            try:
                a, b = oracle.formula(left, env), oracle.formula(right, env)
            except NoValue:
                continue  # a letter outside the range of an entry
            seen[i] += 1
            if not equal(a, b):
                wrong.append(f"{env}: {i}. relation of {chain}: {a} and {b}")
    return wrong + [f"no value: {chain}, relation {i}" for i, n in enumerate(seen) if not n]


def _there(name: t.Ref | t.Array, meant: t.Formula, chain: t.Chain) -> t.Formula:
    """What the name stands for at the index at which the chain uses it."""
    used = next(n for n in chain.walk() if isinstance(n, t.Ref | t.Array) and n.name == name.name)
    at = dict(zip(name.indices, used.indices, strict=True))
    return meant.rewrite(at.get)


def _is_new(name: str, oracle: Arrays) -> bool:
    plain = name.removeprefix(ADJOINT)
    return (
        plain not in oracle.system.by_name
        and plain not in ("eta", "s")
        and name not in oracle.named
    )
