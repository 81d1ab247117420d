"""The functions that a raw spec declares, and those that its equations use."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import sympy as sp

from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.specs.file import Problems
from symbackprop.system.lexer import SyntaxProblem
from symbackprop.system.model import (
    Equation,
    Function,
    Quantity,
)
from symbackprop.system.syntax import Apply, parse_expression
from symbackprop.system.translate import Scope, Translator, readable


def read_functions(checked: Any, problems: Problems) -> dict[str, Function]:
    """The user's own functions: "f(z)" is abstract, "g(z) = z*sigmoid(z)" has a formula."""
    found: dict[str, Function] = {}
    for number, text in enumerate(checked.system.functions):
        path = ("system", "functions", number)
        left, equals, right = text.partition("=")
        try:
            head = parse_expression(left)
            if not (
                isinstance(head, Apply)
                and len(head.args) == 1
                and getattr(head.args[0], "indices", 0) is None
            ):
                raise SyntaxProblem("a function is written f(z) or f(z) = ...", 0, len(left))
            variable = head.args[0].name  # type: ignore[attr-defined]
            wrong = readable(head.name) or readable(variable)
            if wrong or head.name in found or head.name in checked.quantities:
                raise SyntaxProblem(
                    wrong or f"the name '{head.name}' is defined twice", head.start, head.end
                )
            symbol = sp.Symbol(variable, real=True)
            expression = None
            if equals:
                body = parse_expression(right)
                scope = Scope({}, arities={variable: 0}, functions=known_functions(found))
                translator = Translator(scope, {})
                expression = translator.expression(body)
                shift = len(left) + 1
                for p in translator.problems:
                    problems.inside(path, p.start + shift, p.end + shift, p.message, p.hint)
                expression = _opened(expression, found)
                if not _is_small(expression):
                    raise SyntaxProblem("this formula is too long", head.start, len(text))
            constants = () if expression is None else _constants(expression, symbol)
            found[head.name] = Function(head.name, symbol, expression, constants)
        except SyntaxProblem as error:
            problems.inside(path, error.start, error.end, error.message, error.hint)
    return found


MAX_FORMULA = 5_000
"""Nodes in the formula of one function, once those it calls are written out."""


def _is_small(expression: sp.Expr) -> bool:
    nodes = sp.preorder_traversal(expression)
    return sum(1 for _ in islice(nodes, MAX_FORMULA + 1)) <= MAX_FORMULA


def _constants(expression: sp.Expr, variable: sp.Symbol) -> tuple[str, ...]:
    """The slopes of the activations that the formula calls."""
    return tuple(sorted(s.name for s in expression.free_symbols - {variable}))


def _opened(expression: sp.Expr, own: Mapping[str, Function]) -> sp.Expr:
    """Functions inside a function written out: its formula then holds SymPy's functions only."""
    rows = {a.function_name: a.function() for a in ACTIVATIONS.values()} | dict(own)
    for _ in range(len(rows)):
        changes = {}
        for node in expression.atoms(sp.core.function.AppliedUndef):
            row = rows.get(node.func.__name__)
            if row is not None and row.expression is not None:
                changes[node] = row.expression.xreplace({row.variable: node.args[0]})
        if not changes:
            return expression
        expression = expression.xreplace(changes)
    return expression


def known_functions(own: Mapping[str, Function]) -> dict[str, Any]:
    rows = {a.function_name: a for a in ACTIVATIONS.values() if a.expression is not None}
    return {**rows, **own}


def used_functions(
    equations: tuple[Equation, ...], own: Mapping[str, Function], taken: set[str]
) -> tuple[tuple[Function, ...], dict[str, Quantity]]:
    """The functions that the equations call, and the constants these need."""
    rows = {a.function_name: a.function() for a in ACTIVATIONS.values()} | dict(own)
    names: dict[str, None] = {}
    for e in equations:
        for node in sorted(e.rhs.atoms(sp.Function), key=str):
            if node.func.__name__ in rows and node.func.__name__ != "exp":
                names[node.func.__name__] = None
    used = tuple(rows[n] for n in names)
    constants = {
        c: Quantity(c, "constant", meaning=f"constant of {f.name}")
        for f in used
        for c in f.constants
        if c not in taken
    }
    return used, constants


def default_value(constant: str) -> float:
    for row in ACTIVATIONS.values():
        if constant in row.constants:
            return row.constants[constant]
    return 1.0
