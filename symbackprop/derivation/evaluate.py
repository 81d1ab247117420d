"""Evaluating written formulas at numbers: for the section that puts numbers beside the symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from symbackprop.derivation.functions import WrittenFunction
from symbackprop.derivation.graph import Graph
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import (
    Add,
    Bracket,
    Call,
    Cases,
    Chain,
    Deriv,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    Ref,
    Sym,
)

ELEMENTARY: Mapping[str, Callable[..., float]] = {
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "sqrt": math.sqrt,
    "abs": abs,
    "max": max,
    "min": min,
    "sign": lambda x: float((x > 0) - (x < 0)),
}

RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda x, y: x == y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "!=": lambda x, y: x != y,
}


class Evaluator:
    """Values of formulas over the nodes of a graph, in double precision."""

    def __init__(self, graph: Graph) -> None:
        self._functions = {
            f.name: WrittenFunction(f, graph.system)
            for f in graph.system.functions
            if f.expression is not None
        }

    def __call__(self, formula: Formula, values: Mapping[Any, float]) -> float:
        match formula:
            case Num():
                return float(formula.value)
            case Sym(base="pi"):
                return math.pi
            case Ref() | Deriv():
                return values[formula]
            case Neg():
                return -self(formula.body, values)
            case Add():
                return math.fsum(self(t, values) for t in formula.terms)
            case Mul():
                # A bracket that does not hold ends a product before entries that do not exist.
                brackets = [f for f in formula.factors if isinstance(f, Bracket)]
                if not all(self(b, values) for b in brackets):
                    return 0.0
                return math.prod(
                    self(f, values) for f in formula.factors if not isinstance(f, Bracket)
                )
            case Div():
                return self(formula.num, values) / self(formula.den, values)
            case Pow():
                return float(self(formula.base, values) ** self(formula.exponent, values))
            case Call():
                return self._call(formula, values)
            case Bracket():
                return float(self._holds(formula.condition, values))
            case Cases():
                for value, when in formula.rows:
                    if when is None or self._holds(when, values):
                        return self(value, values)
        raise UnsupportedForm(f"a {type(formula).__name__} has no number")

    def _call(self, formula: Call, values: Mapping[Any, float]) -> float:
        if formula.name in ELEMENTARY and formula.primes == 0:
            return ELEMENTARY[formula.name](*(self(a, values) for a in formula.args))
        function = self._functions[formula.name]
        (argument,) = formula.args
        body = (
            function.definition(argument)
            if formula.primes == 0
            else function.slope_written(argument)
        )
        return self(body, values)

    def _holds(self, when: Formula, values: Mapping[Any, float]) -> bool:
        assert isinstance(when, Chain)
        numbers = [self(m, values) for m in when.members]
        return all(
            RELATIONS[r](a, b)
            for r, a, b in zip(when.relations, numbers, numbers[1:], strict=False)
        )


def forward(graph: Graph, given: Mapping[Any, float], evaluator: Evaluator) -> dict[Ref, float]:
    """The values of all nodes, from those of inputs, targets, parameters and constants."""
    values = dict(given)
    for node, formula in graph.equations.items():
        values[node] = value(evaluator, formula, values, f"'{node.name}'")
    return values


def value(evaluator: Evaluator, formula: Formula, values: Mapping[Any, float], what: str) -> float:
    """The number of one formula. Raises UnsupportedForm where it has none."""
    try:
        return evaluator(formula, values)
    except (ArithmeticError, ValueError, TypeError):
        # log(-1), 1/0, (-1)**0.5, exp(1000): the formula may hold, but not at these values.
        raise UnsupportedForm(
            f"{what} is no real number at the values of the example",
            hint="give values at which it is: [values] in the network's file",
        ) from None
