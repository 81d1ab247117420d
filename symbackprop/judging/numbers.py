"""Numeric values of nodes at a sample: machine numbers to screen, balls (enclosures) to refute.

None stands for a value that does not exist, or, for balls, one that cannot be decided.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from symbackprop.judging.arena import Node
from symbackprop.judging.instance import Instance
from symbackprop.judging.samples import Sample, hashed

BITS = 160


@contextmanager
def precision(bits: int = BITS) -> Iterator[None]:
    """The working precision of balls."""
    import flint

    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


class Machine:
    """Double precision."""

    exp, log, sin, cos, erf = math.exp, math.log, math.sin, math.cos, math.erf

    @staticmethod
    def pi() -> Any:
        return math.pi

    @staticmethod
    def exact(value: Fraction) -> Any:
        return value.numerator / value.denominator

    @staticmethod
    def root(value: Any, q: int) -> Any:
        if value <= 0:
            raise ValueError
        return value ** (1 / q)

    @staticmethod
    def sign(value: Any) -> int | None:
        # Nearly 0 is undecided: rounding could have chosen the side.
        return 1 if value > 1e-12 else -1 if value < -1e-12 else 0 if value == 0 else None

    @staticmethod
    def inverse(value: Any) -> Any:
        if abs(value) < 1e-11:
            raise ZeroDivisionError
        return 1 / value


class Balls:
    """Enclosures of real numbers (Arb)."""

    @staticmethod
    def exact(value: Fraction) -> Any:
        import flint

        return flint.arb(flint.fmpq(value.numerator, value.denominator))

    @staticmethod
    def pi() -> Any:
        import flint

        return flint.arb.pi()

    @staticmethod
    def exp(value: Any) -> Any:
        return value.exp()

    @staticmethod
    def log(value: Any) -> Any:
        if not value > 0:
            raise ValueError
        return value.log()

    @staticmethod
    def sin(value: Any) -> Any:
        return value.sin()

    @staticmethod
    def cos(value: Any) -> Any:
        return value.cos()

    @staticmethod
    def erf(value: Any) -> Any:
        return value.erf()

    @staticmethod
    def root(value: Any, q: int) -> Any:
        if not value > 0:
            raise ValueError
        return value.root(q)

    @staticmethod
    def sign(value: Any) -> int | None:
        return 1 if value > 0 else -1 if value < 0 else 0 if value.is_zero() else None

    @staticmethod
    def inverse(value: Any) -> Any:
        if value.contains(0):
            raise ZeroDivisionError
        return 1 / value


class Point:
    """Values of nodes at one sample; what was computed once is kept."""

    def __init__(self, instance: Instance, sample: Sample, kind: Any = Machine) -> None:
        self.instance = instance
        self.sample = sample
        self.kind = kind
        self.values: dict[Node, Any] = {}

    def at(self, root: Node) -> Any:
        """The value of `root`, or None."""
        values = self.values
        if root in values:
            return values[root]
        arena, definition = self.instance.arena, self.instance.definition
        stack = [root]
        while stack:
            node = stack[-1]
            if node in values:
                stack.pop()
                continue
            if arena.op[node] == "var":
                meant = definition.get(node)
                below: Iterable[Node] = () if meant is None else (meant,)
            else:
                below = arena.children(node)
            missing = [c for c in below if c not in values]
            if missing:
                stack.extend(missing)
                continue
            self.instance.clock.step()
            try:
                values[node] = self._compute(node)
            except (ZeroDivisionError, ValueError, OverflowError, TypeError, AttributeError):
                # TypeError, AttributeError: a value that it needs does not exist (None).
                values[node] = None
            stack.pop()
        return values[root]

    def _compute(self, node: Node) -> Any:
        arena, values, kind = self.instance.arena, self.values, self.kind
        op, args = arena.op[node], arena.args[node]
        if op == "num":
            return kind.exact(args)
        if op == "pi":
            return kind.pi()
        if op == "var":
            meant = self.instance.definition.get(node)
            return kind.exact(self.sample.value(args)) if meant is None else values[meant]
        if op == "+":
            total = values[args[0]]
            for a in args[1:]:
                total = total + values[a]
            return total
        if op == "*":
            total = values[args[0]]
            for a in args[1:]:
                total = total * values[a]
            return total
        if op == "^":
            base = values[args[0]]
            return base ** args[1] if args[1] > 0 else kind.inverse(base) ** (-args[1])
        if op == "root":
            return kind.root(values[args[0]], args[1])
        if op == "app":
            return self._unknown(args[0], args[1], values[args[2]])
        if op == "piece":
            return self._piece(args)
        return getattr(kind, op)(values[args])

    def _piece(self, args: Any) -> Any:
        rows, is_open = args
        for conditions, value in rows:
            held = True
            for node, relation in conditions:
                sign = self.kind.sign(self.values[node])
                if sign is None or (is_open and sign == 0):
                    return None
                held = held and sign_holds(sign, relation)
            if held:
                return self.values[value]
        return None

    def _unknown(self, name: str, order: int, argument: Any) -> Any:
        """A stand-in for an unknown function: c + a sin(t+p) + a/5 sin(3t+p), with values as its facts say."""
        function = self.instance.system.function_by_name[name]
        shift, scale, phase = stand_in(name, frozenset(f.kind for f in function.facts))
        exact, sin, cos = self.kind.exact, self.kind.sin, self.kind.cos
        wave = (sin, cos, lambda v: -sin(v), lambda v: -cos(v))[order % 4]
        one = wave(argument + exact(phase))
        three = wave(3 * argument + exact(phase)) * exact(Fraction(3**order, 5))
        value = (one + three) * exact(scale)
        return value + exact(shift) if order == 0 else value


def stand_in(name: str, facts: frozenset[str]) -> tuple[Fraction, Fraction, Fraction]:
    """(shift, amplitude, phase) of the stand-in for an unknown function; |wave| <= 6/5."""
    phase = Fraction(1 + hashed(name) % 5, 4)
    if facts & {"in (0,1)", "in [0,1]"}:
        return Fraction(1, 2), Fraction(1, 3), phase
    if facts & {"positive", "nonnegative", "nonzero"}:
        return Fraction(2), Fraction(1), phase
    if "in (-1,1)" in facts:
        return Fraction(0), Fraction(1, 2), phase
    return Fraction(1, 4), Fraction(1), phase


def stand_in_text(instance: Instance, name: str) -> str:
    """The stand-in for an unknown function in words of mathematics."""
    function = instance.system.function_by_name[name]
    shift, scale, phase = stand_in(name, frozenset(f.kind for f in function.facts))
    return f"{shift} + {scale}*(sin(t + {phase}) + sin(3*t + {phase})/5)"


def sign_holds(sign: int, relation: str) -> bool:
    """Whether a number of that sign stands in `relation` to 0."""
    return {
        "<": sign < 0,
        "<=": sign <= 0,
        ">": sign > 0,
        ">=": sign >= 0,
        "=": sign == 0,
        "!=": sign != 0,
    }[relation]
