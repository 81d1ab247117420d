"""An independent reading of a System: plain mpmath numbers, no code of the calculus.

The derivative of the cost by *any* entry, also by an intermediate one, is measured: make the entry
a number of its own, move it by 1e-17 each way, compute everything after it anew (50 digits).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.system.model import System

mp.mp.dps = 50
STEP = mp.mpf(10) ** -17
Key = tuple[str, tuple[int, ...]]


class Net:
    """A System with numbers in it: sizes, given values, and the values that follow from them."""

    def __init__(
        self, system: System, sizes: Mapping[str, Any] | None = None, seed: int = 1
    ) -> None:
        self.system = system
        self.sizes = dict(sizes or {})
        for letter, value in zip(system.sizes, itertools.cycle((3, 2, 4)), strict=False):
            self.sizes.setdefault(letter.name, value)
        self.random = random.Random(seed)
        self.rule: dict[Key, tuple[sp.Expr, dict[str, int]]] = {}
        for equation in system.equations:
            for letters in self.places(equation.ranges):
                key = (
                    equation.target,
                    tuple(int(self.number(i, letters)) for i in equation.indices),
                )
                assert key not in self.rule, f"{key} is defined twice"
                self.rule[key] = (equation.rhs, letters)
        self.given: dict[Key, Any] = {}
        for quantity in system.quantities:
            for key in self.keys(quantity):
                if key not in self.rule:
                    self.given[key] = self.draw(quantity)
            self.normalise(quantity)
        self.moved: dict[Key, Any] = {}
        self.memo: dict[Key, Any] = {}
        self.slopes: dict[Key, Any] = {}

    def keys(self, quantity: Any) -> list[Key]:
        ranges = [(a.index, a.lower, a.upper) for a in quantity.axes]
        names = [a.index.name for a in quantity.axes]
        return [(quantity.name, tuple(p[n] for n in names)) for p in self.places(ranges)]

    def places(self, ranges: Any, letters: Mapping[str, int] | None = None) -> Any:
        if not ranges:
            yield dict(letters or {})
            return
        letter, lower, upper = ranges[0]
        known = dict(letters or {})
        for i in range(int(self.number(lower, known)), int(self.number(upper, known)) + 1):
            yield from self.places(ranges[1:], {**known, letter.name: i})

    def draw(self, quantity: Any) -> Any:
        kinds = {f.kind for f in quantity.facts}
        if kinds & {"in {-1,1}"}:
            return mp.mpf(self.random.choice((-1, 1)))
        low = 0.1 if kinds or quantity.role == "constant" else -1
        return mp.mpf(self.random.uniform(low, 0.9))

    def normalise(self, quantity: Any) -> None:
        for fact in quantity.facts:
            if fact.kind == "sums to 1" and quantity.role == "target":
                place = [a.index.name for a in quantity.axes].index(fact.over)
                rows: dict[Any, list[Key]] = {}
                for key in self.keys(quantity):
                    rows.setdefault(key[1][:place] + key[1][place + 1 :], []).append(key)
                for row in rows.values():
                    whole = sum(self.given[k] for k in row)
                    for k in row:
                        self.given[k] /= whole

    # --- values

    def value(self, key: Key) -> Any:
        if key in self.moved:
            return self.moved[key]
        if key in self.given:
            return self.given[key]
        if key not in self.memo:
            rhs, letters = self.rule[key]
            self.memo[key] = self.number(rhs, letters)
        return self.memo[key]

    def slope(self, key: Key) -> Any:
        """dJ/d entry, measured."""
        if key not in self.slopes:
            self.slopes[key] = self._measured(key)
        return self.slopes[key]

    def _measured(self, key: Key) -> Any:
        middle = self.value(key)
        ends = []
        for sign in (1, -1):
            self.moved, self.memo = {key: middle + sign * STEP}, {}
            ends.append(self.value((self.system.cost, ())))
        self.moved, self.memo = {}, {}
        return (ends[0] - ends[1]) / (2 * STEP)

    def number(self, e: Any, letters: Mapping[str, int], entry: Any = None) -> Any:
        """The value of an expression; `entry` answers for names that are no quantity."""
        look = entry or self.entry
        if isinstance(e, bool):
            return e
        if e is sp.true or e is sp.false:
            return bool(e)
        if isinstance(e, sp.Rational):
            return mp.mpf(e.p) / e.q
        if isinstance(e, sp.Float):
            return mp.mpf(str(e))
        if e is sp.pi:
            return +mp.pi
        if isinstance(e, sp.Symbol):
            if e.is_integer:
                return letters[e.name] if e.name in letters else self.sizes[e.name]
            return letters[e.name] if e.name in letters else look(e.name, ())
        if isinstance(e, sp.Indexed):
            at = tuple(int(self.number(i, letters, entry)) for i in e.indices)
            name = e.base.label.name
            return self.sizes[name][at[0]] if name in self.sizes else look(name, at)
        if isinstance(e, sp.Sum):
            ranges = list(reversed(e.limits))
            return mp.fsum(
                self.number(e.function, place, entry) for place in self.places(ranges, letters)
            )
        if isinstance(e, sp.Piecewise):
            for v, c in e.args:
                if self.number(c, letters, entry):
                    return self.number(v, letters, entry)
            raise AssertionError("no case applies")
        args = [self.number(a, letters, entry) for a in e.args]
        if isinstance(e, AppliedUndef):
            return self.call(e.func.__name__, args[0])
        return FUNCTIONS[e.func.__name__](*args)

    def entry(self, name: str, at: tuple[int, ...]) -> Any:
        return self.value((name, at))

    def call(self, name: str, at: Any) -> Any:
        """A function of the system; one prime more is one numeric derivative more."""
        if name.endswith("'"):
            return mp.diff(lambda u: self.call(name[:-1], u), at)
        function = self.system.function_by_name[name]
        if function.expression is None:
            return mp.tanh(at) + at / 3
        return self.number(function.expression, {function.variable.name: at})


FUNCTIONS: Mapping[str, Any] = {
    "Add": lambda *a: mp.fsum(a),
    "Mul": lambda *a: mp.fprod(a),
    "Pow": lambda a, b: a**b,
    "exp": mp.exp,
    "log": mp.log,
    "tanh": mp.tanh,
    "sin": mp.sin,
    "cos": mp.cos,
    "Abs": abs,
    "abs": abs,
    "sqrt": mp.sqrt,
    "max": max,
    "sign": mp.sign,
    "Max": max,
    "Min": min,
    "KroneckerDelta": lambda a, b: mp.mpf(a == b),
    "StrictGreaterThan": lambda a, b: a > b,
    "GreaterThan": lambda a, b: a >= b,
    "StrictLessThan": lambda a, b: a < b,
    "LessThan": lambda a, b: a <= b,
    "And": lambda *a: all(a),
    "Or": lambda *a: any(a),
}


class Swept:
    """Numbers of an adjoint system, by its formulas."""

    def __init__(self, net: Net, adjoints: Any) -> None:
        self.net, self.adjoints = net, adjoints
        self.memo: dict[Key, Any] = {}

    def entry(self, name: str, at: tuple[int, ...]) -> Any:
        if not name.startswith("d."):
            return self.net.value((name, at))
        key = (name[2:], at)
        if key not in self.memo:
            self.memo[key] = self.slope(key)
        return self.memo[key]

    def slope(self, key: Key) -> Any:
        adjoint = self.adjoints.of(key[0])
        letters = {x.name: i for x, i in zip(adjoint.indices, key[1], strict=True)}
        fitting = [
            expr
            for guard, expr in adjoint.cases
            if all(
                self.net.number(lo, letters) <= letters[x.name] <= self.net.number(up, letters)
                for x, lo, up in guard
            )
        ]
        assert len(fitting) == 1, f"{len(fitting)} cases of d.{key[0]} apply at {key[1]}"
        return self.net.number(fitting[0], letters, self.entry)


def worst(net: Net, adjoints: Any) -> tuple[Any, Key | None]:
    """The largest error of all adjoints of all entries, relative to max(1, |slope|), and where."""
    swept = Swept(net, adjoints)
    found: tuple[Any, Key | None] = (mp.mpf(0), None)
    for adjoint in adjoints.adjoints:
        for key in net.keys(adjoint.quantity):
            right = net.slope(key)
            error = abs(swept.entry("d." + key[0], key[1]) - right) / max(1, abs(right))
            found = max(found, (error, key), key=lambda pair: pair[0])
    return found
