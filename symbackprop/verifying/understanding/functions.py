"""What each applied letter is: the document's own formula, a word in its prose, or unknown."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import sympy as sp

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import Call, Cases, Deriv, Formula, Grad, MatMul, Mul, Num, Ref, Sym
from symbackprop.judging.leaves import PI
from symbackprop.system.model import Function
from symbackprop.verifying.understanding.nested_functions import closed_formulas, with_formulas
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
        "gelu_tanh": "gelu-tanh",
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
    slopes = _slopes(statements)
    formulas = closed_formulas(s.chain for s in statements)
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
            put_in = with_formulas(rhs, formulas, first.name)
            plain, constants = _with_constants(_in_v(put_in, argument), slopes)
            if any(isinstance(n, Sym) and n != PI for n in plain.walk()):
                continue
            if any(isinstance(n, Deriv) for n in rhs.walk()):
                continue
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
            own = Function(function_name(first.name), variable, expression, constants)
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
            known = builtin(left.name)
            if left.name in ("exp", "log", "softmax", "sqrt") or (known and not known.constants):
                continue
            inner = left.args[0]
            if not isinstance(inner, Sym):
                continue
            plain = _in_v(right, inner)
            plain, constants = _with_constants(plain, slopes)
            if any(
                (isinstance(n, Sym | Deriv) and n != PI)
                or (isinstance(n, Call) and n.name == left.name)
                for n in plain.walk()
            ):
                continue
            try:
                expression = ToSympy(frozenset(), frozenset())(plain)
            except (ReadingError, TypeError, ValueError):
                continue
            own = Function(
                function_name(left.name), sp.Symbol("v", real=True), expression, constants
            )
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
        "erf",
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
                    # A constant that the text never states is none of the letters it writes.
                    tuple(c if c in slopes else f"{c} of {name}" for c in own_name.constants),
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


def is_the_number(statements: Iterable[Statement]) -> bool:
    r"""Whether pi is 3.14...: it only ever stands as in `\sqrt{2/\pi}` or in `2\pi`, without a script."""
    count = plain = 0
    for s in statements:
        for n in s.chain.walk():
            count += isinstance(n, Sym) and n.base == PI.base
            if isinstance(n, Call) and n.name == "sqrt":
                plain += sum(1 for x in n.walk() if x == PI)
            elif isinstance(n, Mul) and PI in n.factors:
                plain += any(isinstance(x, Num) for x in n.factors)
    return 0 < count <= plain


def _slopes(statements: list[Statement]) -> tuple[str, ...]:
    """The alpha of `f(z) = alpha z` for z below 0: a number that nothing defines or differentiates by."""
    found = dict.fromkeys(
        n.base
        for s in statements
        for c in s.chain.walk()
        if isinstance(c, Cases)
        for n in c.walk()
        if isinstance(n, Sym) and n.base in SLOPES
    )
    taken = {
        x.base
        for s in statements
        for n in s.chain.walk()
        if isinstance(n, Deriv | Grad)
        for x in n.by.walk()
        if isinstance(x, Sym)
    }
    for s in statements:
        first = s.chain.members[0]
        if s.chain.relations and isinstance(first, Sym):
            taken.add(first.base)
        taken |= {
            n.base for n in s.chain.walk() if isinstance(n, Sym) and (n.sub or n.sup or n.primes)
        }
    return tuple(c for c in found if c not in taken)


def _with_constants(f: Formula, slopes: tuple[str, ...]) -> tuple[Formula, tuple[str, ...]]:
    """The formula with these letters as quantities, and those of them that it holds."""
    inside = set(f.walk())
    held = tuple(c for c in slopes if Sym(c) in inside)
    letters = {Sym(c): Ref(c) for c in held}
    return f.rewrite(lambda n: letters.get(n) if isinstance(n, Sym) else None), held


SLOPES = frozenset({"alpha", "beta", "gamma"})
"""Letters of the constants that activations have."""


POINTS = (-2, -1, 0, 1, 2)


def _at_points(f: Function) -> list[float]:
    """Values rounded; those that are no real numbers are left out."""
    assert f.expression is not None
    found = [sp.N(f.expression.subs(f.variable, x)) for x in POINTS]
    return [round(float(v), 9) for v in found if v.is_real and v.is_finite]


def _in_v(f: Formula, argument: Sym) -> Formula:
    """The formula of the argument, a number: so products are products of numbers."""

    def change(n: Formula) -> Formula | None:
        if n == argument:
            return Ref("v")
        if isinstance(n, MatMul):
            return Mul(tuple(_in_v(x, argument) for x in n.factors))
        return None

    return f.rewrite(change)
