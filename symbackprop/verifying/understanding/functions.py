"""What each applied letter is: the document's own formula, a word in its prose, or unknown."""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import Call, Deriv, Formula, Ref, Sym
from symbackprop.system.model import Function
from symbackprop.verifying.understanding.profile import Profile
from symbackprop.verifying.understanding.statement import Statement


def function_name(letter: str) -> str:
    return letter.replace("-", "_")


def builtin(name: str) -> Function | None:
    """A function that everybody knows, by its word."""
    from symbackprop.networks.activations import ACTIVATIONS

    name = {
        "logistic": "sigmoid",
        "sigm": "sigmoid",
        "sgm": "sigmoid",
        "expit": "sigmoid",
        "swish": "silu",
        "gelu": "gelu-tanh",
        "leaky_relu": "leaky-relu",
    }.get(name, name)
    row = ACTIVATIONS.get(name)
    return row.function() if row is not None and row.expression is not None else None


def functions_of(
    statements: list[Statement], profile: Profile, places: dict[str, list[int]] | None = None
) -> dict[str, list[Function]]:
    """What each applied letter is: the document's own formula, a word in its prose, or unknown.

    places: is given the pieces that the formulas stand in, in the order of the formulas
    """
    places = {} if places is None else places
    from symbackprop.verifying.systems.sympyform import ToSympy

    found: dict[str, list[Function]] = {}
    used: set[str] = set()
    for s in statements:
        for n in s.chain.walk():
            if isinstance(n, Call):
                used.add(n.name)
    words = {name for name in profile.functions.values()}
    for s in statements:
        first = s.chain.members[0]
        if not (
            len(s.chain.members) > 1
            and s.chain.relations[0] in ("=", ":=", "equiv")
            and isinstance(first, Call)
            and not first.primes
            and len(first.args) == 1
            and isinstance(first.args[0], Sym)
        ):
            continue
        argument = first.args[0]
        if argument.sub or argument.sup:
            continue
        variable = sp.Symbol("v", real=True)
        for rhs in reversed(s.chain.members[1:]):
            if any(isinstance(n, Sym) and n != argument for n in rhs.walk()):
                continue
            if any(isinstance(n, Deriv) for n in rhs.walk()):
                continue
            plain = _in_v(rhs, argument)
            calls = {n.name for n in plain.walk() if isinstance(n, Call)}
            if first.name in calls:
                continue
            try:
                expression = ToSympy(frozenset(), frozenset())(plain)
            except (ReadingError, TypeError, ValueError):
                continue
            if not expression.has(variable):
                continue
            s.sort = "function"
            own = Function(function_name(first.name), variable, expression)
            if _misprinted(first.name, own, words):
                break  # judged by the function that everybody knows
            if own not in found.setdefault(first.name, []):
                found[first.name].append(own)
                places.setdefault(first.name, []).append(s.place)
            break
    for s in statements:
        for left, right in zip(s.chain.members, s.chain.members[1:], strict=False):
            if (
                s.sort == "function"
                or not isinstance(left, Call)
                or left.primes
                or len(left.args) != 1
            ):
                continue
            if builtin(left.name) is not None or left.name in ("exp", "log", "softmax", "sqrt"):
                continue
            inner = left.args[0]
            if not isinstance(inner, Sym):
                continue
            plain = _in_v(right, inner)
            if any(
                isinstance(n, Sym | Deriv) or (isinstance(n, Call) and n.name == left.name)
                for n in plain.walk()
            ):
                continue
            try:
                expression = ToSympy(frozenset(), frozenset())(plain)
            except (ReadingError, TypeError, ValueError):
                continue
            own = Function(function_name(left.name), sp.Symbol("v", real=True), expression)
            if expression.has(own.variable) and own not in found.setdefault(left.name, []):
                found[left.name].append(own)
                places.setdefault(left.name, []).append(s.place)
    known_calls = {
        "exp",
        "log",
        "tanh",
        "sin",
        "cos",
        "sqrt",
        "abs",
        "max",
        "min",
        "sign",
        "sinh",
        "cosh",
        "tan",
        "softmax",
        "diag",
    }
    for name in used - known_calls:
        if name in found:
            continue
        own_name = builtin(str(profile.fixed.get(name, name)))
        if own_name is not None:
            found[name] = [
                Function(
                    function_name(name),
                    own_name.variable,
                    own_name.expression,
                    own_name.constants,
                    own_name.facts,
                )
            ]
        elif name == "sigma" and "sigmoid" in words:
            f = builtin("sigmoid")
            assert f is not None
            found[name] = [Function(name, f.variable, f.expression)]
        else:
            found[name] = [Function(function_name(name), sp.Symbol("v", real=True), None)]
    return found


def _misprinted(name: str, own: Function, words: set[str]) -> bool:
    """`tanh z = …` that is not tanh; a sigmoid (the text says so) that falls, or has a pole at 0."""
    known = builtin(name) if name in ("tanh", "sigmoid") else None
    if name == "tanh" and known is not None:
        return _at_points(own) != _at_points(known)
    if name == "sigmoid" or (name == "sigma" and "sigmoid" in words):
        values = _at_points(own)
        return len(values) < len(POINTS) or any(a >= b for a, b in pairwise(values))
    return False


POINTS = (-2, -1, 0, 1, 2)


def _at_points(f: Function) -> list[float]:
    """Values rounded; those that are no real numbers are left out."""
    assert f.expression is not None
    found = [sp.N(f.expression.subs(f.variable, x)) for x in POINTS]
    return [round(float(v), 9) for v in found if v.is_real and v.is_finite]


def _in_v(f: Formula, argument: Sym) -> Formula:
    return f.rewrite(lambda n: Ref("v") if n == argument else None)
