"""An independent evaluator of systems and formulas, in high precision, for the judge's tests.

It shares nothing with the judge but the data types: entries are computed from the SymPy equations by
substitution, dA/dB by a central difference at a free B, with mpmath.
"""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath as mp
import sympy as sp

from symbackprop.formula import tree as t
from symbackprop.system.model import System

DIGITS = 70
STEP = mp.mpf(10) ** -16


class NoValue(Exception):
    """The formula has no value, or no meaning, here."""


def f_unknown(order: int, z: Any) -> Any:
    """A stand-in for every unknown function: exp(z/2)/2 + sin(z)/3 and its derivatives."""
    wave = (mp.sin, mp.cos, lambda v: -mp.sin(v), lambda v: -mp.cos(v))[order % 4]
    return mp.exp(z / 2) / 2 / mp.mpf(2) ** order + wave(z) / 3


class Oracle:
    """Values of all entries at random numbers; `sizes` for the symbolic sizes ('m', 's[1]')."""

    def __init__(self, system: System, sizes: dict[str, int] | None = None, seed: int = 0) -> None:
        mp.mp.dps = DIGITS
        self.system = system
        self.sizes = sizes or {}
        self.random = random.Random(seed)
        self.free: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.pinned: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.memo: dict[tuple[str, tuple[int, ...]], Any] = {}

    # --- the system ---------------------------------------------------------------------------

    def size(self, e: Any, env: dict[str, int]) -> int:
        change = {}
        for a in sorted(e.atoms(sp.Indexed), key=str):
            numbers = ",".join(str(self.size(i, env)) for i in a.indices)
            change[a] = sp.Integer(self.sizes[f"{a.base.label}[{numbers}]"])
        e = e.subs(change)
        for s in e.free_symbols:
            if s.name in env or s.name in self.sizes:
                e = e.subs(s, env.get(s.name, self.sizes.get(s.name)))
        return int(e)

    def limits(self, name: str, head: tuple[int, ...]) -> tuple[int, int]:
        q = self.system.by_name[name]
        env = {a.index.name: i for a, i in zip(q.axes, head, strict=False)}
        axis = q.axes[len(head)]
        return self.size(axis.lower, env), self.size(axis.upper, env)

    def entry(self, name: str, indices: tuple[int, ...]) -> Any:
        key = (name, indices)
        if key in self.pinned:
            return self.pinned[key]
        if key in self.memo:
            return self.memo[key]
        if name not in self.system.by_name:
            raise NoValue(name)
        q = self.system.by_name[name]
        if len(indices) != len(q.axes):
            raise NoValue(name)
        for k, i in enumerate(indices):
            low, high = self.limits(name, indices[:k])
            if not low <= i <= high:
                raise NoValue(f"{name}{indices}")
        for e in self.system.equations_of.get(name, ()):
            env = self.match(e, indices)
            if env is not None:
                value = self.sympy(e.rhs, env)
                self.memo[key] = value
                return value
        if name in self.system.equations_of:
            raise NoValue(f"{name}{indices}")
        if key not in self.free:
            self.choose(name, indices)
        return self.free[key]

    def match(self, e: Any, indices: tuple[int, ...]) -> dict[str, int] | None:
        env: dict[str, int] = {}
        letters = {s.name for s, _, _ in e.ranges} or {
            i.name for i in e.indices if i.is_Symbol and i.name not in self.sizes
        }
        for formula, value in zip(e.indices, indices, strict=True):
            if formula.is_Symbol and formula.name in letters:
                env[formula.name] = value
            elif self.size(formula, env) != value:
                return None
        for s, low, high in e.ranges:
            if not self.size(low, env) <= env[s.name] <= self.size(high, env):
                return None
        return env

    def choose(self, name: str, indices: tuple[int, ...]) -> None:
        """A random number that respects the facts."""
        facts = {f.kind: f for f in self.system.by_name[name].facts}
        pick = self.random.choice
        if "sums to 1" in facts:
            place = [a.index.name for a in self.system.by_name[name].axes].index(
                facts["sums to 1"].over
            )
            low, high = self.limits(name, indices[:place])
            group = [(*indices[:place], i, *indices[place + 1 :]) for i in range(low, high + 1)]
            weights = [mp.mpf(self.random.randint(1, 9)) for _ in group]
            for one, w in zip(group, weights, strict=True):
                self.free[(name, one)] = w / sum(weights)
            return
        if facts.keys() & {"positive", "nonnegative", "in (0,1)", "in [0,1]"}:
            value = mp.mpf(self.random.randint(1, 18)) / 19
        elif "in {0,1}" in facts:
            value = mp.mpf(pick((0, 1)))
        elif "in {-1,1}" in facts:
            value = mp.mpf(pick((-1, 1)))
        elif "in (-1,1)" in facts:
            value = mp.mpf(self.random.randint(-18, 18)) / 19
        else:
            value = mp.mpf(self.random.randint(-30, 30)) / 17 + mp.mpf(1) / 97
        self.free[(name, indices)] = value

    def sympy(self, e: Any, env: dict[str, Any]) -> Any:
        if e.is_Rational:
            return mp.mpf(int(e.p)) / int(e.q)
        if e is sp.pi:
            return mp.pi
        if e.is_Symbol:
            if e.name in env:
                return env[e.name]
            if e.name in self.sizes:
                return mp.mpf(self.sizes[e.name])
            return self.entry(e.name, ())
        if isinstance(e, sp.Indexed):
            return self.entry(str(e.base.label), tuple(self.size(i, env) for i in e.indices))
        if e.is_Add:
            return mp.fsum(self.sympy(a, env) for a in e.args)
        if e.is_Mul:
            return mp.fprod(self.sympy(a, env) for a in e.args)
        if isinstance(e, sp.Pow):
            return mp.power(self.sympy(e.base, env), self.sympy(e.exp, env))
        if isinstance(e, sp.Sum):
            (letter, low, high), *rest = list(e.limits)[::-1]
            inner = sp.Sum(e.function, *rest[::-1]) if rest else e.function
            span = range(self.size(low, env), self.size(high, env) + 1)
            return mp.fsum(self.sympy(inner, {**env, letter.name: i}) for i in span)
        if isinstance(e, sp.Piecewise):
            for value, condition in e.args:
                if condition == True or self.holds(condition, env):  # noqa: E712
                    return self.sympy(value, env)
            raise NoValue("no case")
        args = [self.sympy(a, env) for a in e.args]
        name = e.func.__name__
        known = {"exp": mp.exp, "log": mp.log, "tanh": mp.tanh, "sin": mp.sin, "cos": mp.cos}
        if name in self.system.function_by_name and name not in known:
            return self.apply(name, 0, args[0])
        if name in known:
            return known[name](args[0])
        if name in ("Abs", "Max", "Min", "sign"):
            return {"Abs": abs, "Max": max, "Min": min, "sign": mp.sign}[name](*args)
        raise NoValue(name)

    def holds(self, c: Any, env: dict[str, Any]) -> bool:
        gap = self.sympy(c.lhs, env) - self.sympy(c.rhs, env)
        return bool(
            {
                "<": gap < 0,
                "<=": gap <= 0,
                ">": gap > 0,
                ">=": gap >= 0,
                "==": gap == 0,
                "!=": gap != 0,
            }[c.rel_op]
        )

    def apply(self, name: str, order: int, z: Any) -> Any:
        function = self.system.function_by_name[name]
        if function.expression is None:
            return f_unknown(order, z)

        def f(v: Any) -> Any:
            return self.sympy(function.expression, {function.variable.name: v})

        return f(z) if order == 0 else self.slope(lambda v: self_or(f, order - 1, v, self), z)

    def slope(self, f: Any, at: Any) -> Any:
        return (f(at + STEP) - f(at - STEP)) / (2 * STEP)

    # --- formulas -----------------------------------------------------------------------------

    def index(self, f: t.Formula, env: dict[str, int]) -> int:
        value = self.formula(f, env)
        if not float(value).is_integer():
            raise NoValue("index")
        return int(value)

    def free_by(self, by: t.Ref, env: dict[str, int], of: Any) -> Any:
        """d of() / d by, the entry `by` set free."""
        key = (by.name, tuple(self.index(i, env) for i in by.indices))
        here = self.entry(*key)
        saved, memo = dict(self.pinned), self.memo
        values = []
        try:
            for side in (1, -1):
                self.pinned = {**saved, key: here + side * STEP}
                self.memo = {}
                values.append(of())
        finally:  # without this, an entry stays free after a formula that has no value
            self.pinned, self.memo = saved, memo
        return (values[0] - values[1]) / (2 * STEP)

    def formula(self, f: t.Formula, env: dict[str, int]) -> Any:
        if isinstance(f, t.Num):
            return mp.mpf(f.value.numerator) / f.value.denominator
        if isinstance(f, t.Idx):
            if f.name in env:
                return mp.mpf(env[f.name])
            if f.name in self.sizes:
                return mp.mpf(self.sizes[f.name])
            raise NoValue(f.name)
        if isinstance(f, t.Ref):
            indices = tuple(self.index(i, env) for i in f.indices)
            if f.name.startswith("d."):
                by = t.ref(f.name[2:], *indices)
                return self.free_by(by, env, lambda: self.entry(self.system.cost, ()))
            if f.name == "eta":
                return mp.mpf(3) / 7
            return self.entry(f.name, indices)
        if isinstance(f, t.Neg):
            return -self.formula(f.body, env)
        if isinstance(f, t.Add):
            return mp.fsum(self.formula(x, env) for x in f.terms)
        if isinstance(f, t.Mul):
            return mp.fprod(self.formula(x, env) for x in f.factors)
        if isinstance(f, t.Div):
            bottom = self.formula(f.den, env)
            if bottom == 0:
                raise NoValue("division by 0")
            return self.formula(f.num, env) / bottom
        if isinstance(f, t.Pow):
            base, exponent = self.formula(f.base, env), self.formula(f.exponent, env)
            if base == 0 and exponent < 0:
                raise NoValue("division by 0")
            value = mp.power(base, exponent)
            if isinstance(value, mp.mpc):
                raise NoValue("not real")
            return value
        if isinstance(f, t.Sum | t.Prod):
            span = self.span(f, env)
            values = [self.formula(f.body, {**env, f.index.name: i}) for i in span]
            return mp.fsum(values) if isinstance(f, t.Sum) else mp.fprod(values)
        if isinstance(f, t.Deriv):
            assert isinstance(f.by, t.Ref)
            return self.free_by(f.by, env, lambda: self.formula(f.of, env))
        if isinstance(f, t.Bracket):
            return mp.mpf(self.condition(f.condition, env))
        if isinstance(f, t.Cases):
            for value, condition in f.rows:
                if condition is None or self.condition(condition, env):
                    return self.formula(value, env)
            raise NoValue("no case")
        if isinstance(f, t.Call):
            return self.call(f, env)
        raise NoValue(type(f).__name__)

    def call(self, f: t.Call, env: dict[str, int]) -> Any:
        args = [self.formula(a, env) for a in f.args]
        if f.name in self.system.function_by_name:
            return self.apply(f.name, f.primes, args[0])
        known = {
            "exp": mp.exp, "log": mp.log, "tanh": mp.tanh, "sin": mp.sin, "cos": mp.cos,
            "sqrt": mp.sqrt, "abs": abs, "sign": mp.sign, "max": max, "min": min,
        }  # fmt: skip
        if f.name == "log" and args[0] <= 0:
            raise NoValue("logarithm")
        if f.name == "sqrt" and args[0] < 0:
            raise NoValue("root")
        if f.primes:
            if len(args) != 1 or f.primes > 1:
                raise NoValue(f.name)
            return self.slope(known[f.name], args[0])
        return known[f.name](*args)

    def condition(self, c: t.Formula, env: dict[str, int]) -> bool:
        assert isinstance(c, t.Chain)
        values = [self.formula(m, env) for m in c.members]
        tests = {
            "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
        }  # fmt: skip
        return all(tests[r](a, b) for a, b, r in zip(values, values[1:], c.relations, strict=False))

    def span(self, f: t.Sum | t.Prod, env: dict[str, int]) -> range:
        if f.lower is not None and f.upper is not None:
            return range(self.index(f.lower, env), self.index(f.upper, env) + 1)
        for node in f.body.walk():
            if isinstance(node, t.Ref):
                for k, i in enumerate(node.indices):
                    if isinstance(i, t.Idx) and i.name == f.index.name:
                        name = node.name.removeprefix("d.")
                        head = tuple(
                            self.index(x, env) if not has(x, f.index.name) else 0
                            for x in node.indices[:k]
                        )
                        low, high = self.limits(name, head)
                        return range(low, high + 1)
        raise NoValue("sum without a range")


def has(f: t.Formula, letter: str) -> bool:
    return any(isinstance(n, t.Idx) and n.name == letter for n in f.walk())


def self_or(f: Any, order: int, v: Any, oracle: Oracle) -> Any:
    return f(v) if order == 0 else oracle.slope(lambda x: self_or(f, order - 1, x, oracle), v)


def close(a: Any, b: Any, digits: int = 20) -> bool:
    return bool(abs(a - b) <= mp.mpf(10) ** -digits * (1 + abs(a) + abs(b)))


def pinned_to(system: System, counterexample: Any) -> Oracle:
    """An oracle at the numbers of a counterexample."""
    oracle = Oracle(system, dict(counterexample.sizes))
    for name, text in counterexample.values:
        head, _, rest = name.partition("[")
        indices = tuple(int(i) for i in rest.rstrip("]").split(",")) if rest else ()
        exact = Fraction(text)
        oracle.free[(head, indices)] = mp.mpf(exact.numerator) / exact.denominator
    return oracle
