"""Values of printed formulas in high precision, arrays included: the judge's code takes no part.

The printed text is read by the book's notation (not by what the verifier infers), entries come from
the SymPy equations of the network, derivatives are central differences (see judging.oracle).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import mpmath as mp
from judging.oracle import NoValue, Oracle

from mutation.ranges import Env
from symbackprop.formula import tree as t
from symbackprop.system.model import ADJOINT, System

Value = Any  # mpf, or a mp.matrix


@dataclass(frozen=True, slots=True)
class Given(t.Formula):
    """A leaf whose value is already known."""

    value: Any


class Arrays(Oracle):
    """The oracle for formulas with whole vectors and matrices (a vector is a column)."""

    def __init__(self, system: System, sizes: dict[str, int], seed: int) -> None:
        super().__init__(system, sizes, seed)
        self.slopes: dict[tuple[t.Formula, tuple[tuple[str, int], ...]], Value] = {}

    def formula(self, f: t.Formula, env: Env) -> Value:
        """The value; derivatives at the point itself are computed once."""
        slope = isinstance(f, t.Deriv | t.Grad) or (
            isinstance(f, t.Ref) and f.name.startswith(ADJOINT)
        )
        if not slope or self.pinned:
            return self.value(f, env)
        names = {n.name for n in f.walk() if isinstance(n, t.Idx)}
        key = (f, tuple((k, v) for k, v in sorted(env.items()) if k in names))
        if key not in self.slopes:
            self.slopes[key] = self.value(f, env)
        return self.slopes[key]

    def value(self, f: t.Formula, env: Env) -> Value:
        match f:
            case Given():
                return f.value
            case t.Array():
                return self.array(f, env)
            case t.Ones():
                return mp.ones(self.index(f.size, env), 1)
            case t.Transpose():
                body = self.formula(f.body, env)
                return body.T if isinstance(body, mp.matrix) else body
            case t.Neg():
                return -1 * self.formula(f.body, env)
            case t.Add():
                return total([self.formula(x, env) for x in f.terms])
            case t.Mul() | t.MatMul():
                return product([self.formula(x, env) for x in f.factors])
            case t.Hadamard():
                return entrywise([self.formula(x, env) for x in f.factors])
            case t.Div():
                bottom = number(self.formula(f.den, env))
                if bottom == 0:
                    raise NoValue("division by 0")
                return self.formula(f.num, env) * (1 / bottom)
            case t.Norm():
                body = self.formula(f.body, env)
                return mp.norm(body) if isinstance(body, mp.matrix) else abs(body)
            case t.Sum():
                parts = [self.formula(f.body, {**env, f.index.name: i}) for i in self.span(f, env)]
                return total(parts) if parts else mp.mpf(0)
            case t.Deriv() | t.Grad():
                return self.derivative(f.of, f.by, env)
            case t.Call() if len(f.args) == 1:
                arg = self.formula(f.args[0], env)
                if isinstance(arg, mp.matrix):
                    if f.name == "softmax":
                        powers = arg.apply(mp.exp)
                        return powers / mp.fsum(powers)
                    return arg.apply(lambda v: self.call(replace(f, args=(Given(v),)), env))
        return super().formula(f, env)

    def array(self, f: t.Array, env: Env) -> Value:
        name = f.name.removeprefix(ADJOINT)
        if name not in self.system.by_name:
            raise NoValue(name)
        q = self.system.by_name[name]
        head = tuple(self.index(i, env) for i in f.indices)
        rest = len(q.axes) - len(head)

        def one(indices: tuple[int, ...]) -> Any:
            return self.formula(t.Ref(f.name, tuple(t.Num(str(i)) for i in indices)), env)

        if rest == 0:
            return one(head)
        if rest > 2:
            raise NoValue("no matrix")
        low, high = self.limits(name, head)
        if rest == 1:
            return mp.matrix([one((*head, i)) for i in range(low, high + 1)])
        rows = []
        for i in range(low, high + 1):
            a, b = self.limits(name, (*head, i))
            rows.append([one((*head, i, k)) for k in range(a, b + 1)])
        return mp.matrix(rows)

    def derivative(self, of: t.Formula, by: t.Formula, env: Env) -> Value:
        if isinstance(by, t.Ref):
            if by.name not in self.system.by_name:
                raise NoValue(by.name)
            return self.free_by(by, env, lambda: self.formula(of, env))
        if not isinstance(by, t.Array) or by.name not in self.system.by_name:
            raise NoValue("a derivative by that")
        q = self.system.by_name[by.name]
        head = tuple(self.index(i, env) for i in by.indices)
        if isinstance(self.formula(of, env), mp.matrix):
            raise NoValue("an array by an array")

        def one(indices: tuple[int, ...]) -> Any:
            leaf = t.Ref(by.name, tuple(t.Num(str(i)) for i in indices))
            return self.free_by(leaf, env, lambda: self.formula(of, env))

        low, high = self.limits(by.name, head)
        if len(q.axes) - len(head) == 1:
            return mp.matrix([one((*head, i)) for i in range(low, high + 1)])
        rows = []
        for i in range(low, high + 1):
            a, b = self.limits(by.name, (*head, i))
            rows.append([one((*head, i, k)) for k in range(a, b + 1)])
        return mp.matrix(rows)


def number(value: Value) -> Any:
    if isinstance(value, mp.matrix):
        if (value.rows, value.cols) != (1, 1):
            raise NoValue("a number is needed")
        return value[0, 0]
    return value


def total(values: list[Value]) -> Value:
    if not any(isinstance(v, mp.matrix) for v in values):
        return mp.fsum(values)
    shapes = {(v.rows, v.cols) if isinstance(v, mp.matrix) else (1, 1) for v in values}
    if len(shapes) > 1:
        raise NoValue("shapes")
    if shapes == {(1, 1)}:
        return mp.fsum(number(v) for v in values)
    found = values[0]
    for v in values[1:]:
        found = found + v
    return found


def product(values: list[Value]) -> Value:
    factor, arrays = mp.mpf(1), []
    for v in values:
        if isinstance(v, mp.matrix):
            arrays.append(v)
        else:
            factor *= v
    if not arrays:
        return factor
    found = arrays[0]
    for v in arrays[1:]:
        if found.cols != v.rows:
            if 1 in (found.rows * found.cols, v.rows * v.cols):
                one, many = (found, v) if found.rows * found.cols == 1 else (v, found)
                found = one[0, 0] * many
                continue
            raise NoValue("shapes")
        found = found * v
    return factor * found


def entrywise(values: list[Value]) -> Value:
    arrays = [v for v in values if isinstance(v, mp.matrix)]
    if not arrays:
        return mp.fprod(values)
    if len({(v.rows, v.cols) for v in arrays}) > 1:
        raise NoValue("shapes")
    found = arrays[0].copy()
    for v in values:
        if v is arrays[0]:
            continue
        for i in range(found.rows):
            for k in range(found.cols):
                found[i, k] *= v[i, k] if isinstance(v, mp.matrix) else v
    return found


def instances(system: System) -> list[Oracle]:
    """Two instances: all sizes different, and other ones; random numbers of 70 digits."""
    import sympy as sp

    plain_: set[str] = set()
    widths: set[str] = set()
    deep: set[str] = set()
    for q in system.quantities:
        letters = {a.index for a in q.axes}
        for axis in q.axes:
            for bound in (axis.lower, axis.upper):
                families = bound.atoms(sp.Indexed)
                widths |= {str(a.base.label) for a in families}
                for s in bound.free_symbols - letters - families:
                    if isinstance(s, sp.Symbol):
                        (deep if axis.kind in ("layer", "time") else plain_).add(s.name)
    plain_ |= {s.name for s in system.sizes}
    plain_ -= deep | widths
    found: list[Oracle] = []
    for seed, (depth, width) in enumerate(((3, (2, 3, 2, 3)), (2, (3, 2, 1, 2)))):
        sizes = {n: width[k % 4] for k, n in enumerate(sorted(plain_))}
        sizes |= dict.fromkeys(deep, depth)
        sizes |= {f"{w}[{i}]": width[i % 4] for w in widths for i in range(depth + 2)}
        found.append(Arrays(system, sizes, seed))
        if not (plain_ or deep or widths) and seed == 1:
            found[-1] = Arrays(system, {}, 7)
    return found


def every(oracle: Oracle, f: t.Formula, envs: list[Env]) -> list[Value | None]:
    """The values at all environments; None where there is none."""
    found: list[Value | None] = []
    for env in envs:
        try:
            value = oracle.formula(f, env)
            found.append(None if isinstance(value, mp.mpc) else value)
        except (NoValue, ZeroDivisionError, ValueError, TypeError, KeyError, IndexError,
                AssertionError, OverflowError, AttributeError):  # fmt: skip
            found.append(None)
    return found


def same(a: Value, b: Value, digits: int = 12) -> bool:
    """Equal within that many digits (differences by 1e-16 leave some 30)."""
    if isinstance(a, mp.matrix) or isinstance(b, mp.matrix):
        if isinstance(a, mp.matrix) != isinstance(b, mp.matrix):
            try:
                return same(number(a), number(b), digits)
            except NoValue:
                return False
        if (a.rows, a.cols) != (b.rows, b.cols):
            return False
        return all(same(x, y, digits) for x, y in zip(a, b, strict=True))
    return bool(abs(a - b) <= mp.mpf(10) ** -digits * (1 + abs(a) + abs(b)))
