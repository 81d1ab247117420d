"""Index letters: which occur free, fresh ones, and substitution that captures nothing.

SymPy's own `free_symbols` counts the names of arrays among the symbols, and its `subs` walks into
bound letters; an index calculus needs neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import sympy as sp

UNIT_LETTERS = ("j", "k", "m", "n", "i", "r", "q", "p", "u", "v", "g", "h")
"""Fresh letters for units, in the order in which textbooks take them."""

LETTERS_OF_KIND = {
    "layer": ("l", "g", "q", "r"),
    "time": ("t", "s", "u", "r", "v"),
    "sample": ("n", "i", "r", "u"),
}


@lru_cache(maxsize=1 << 16)
def letters(expr: sp.Basic) -> frozenset[sp.Symbol]:
    """The free symbols of an expression: index letters, sizes, scalars; no names of arrays."""
    if isinstance(expr, sp.Symbol):
        return frozenset((expr,))
    if isinstance(expr, sp.Indexed):
        return _union(expr.indices)
    if isinstance(expr, sp.Sum):
        found = letters(expr.function)
        for letter, lower, upper in expr.limits:  # the first limit is the innermost
            found = (found - {letter}) | letters(lower) | letters(upper)
        return found
    return _union(expr.args)


def _union(parts: Iterable[sp.Basic]) -> frozenset[sp.Symbol]:
    return frozenset().union(*(letters(part) for part in parts))


@lru_cache(maxsize=1 << 16)
def mentioned(expr: sp.Basic) -> frozenset[str]:
    """The names of all arrays and symbols that occur in an expression, free or bound."""
    if isinstance(expr, sp.Symbol):
        return frozenset((expr.name,))
    if isinstance(expr, sp.Indexed):
        own = frozenset((expr.base.label.name,))
        return own.union(*(mentioned(i) for i in expr.indices))
    return frozenset().union(*(mentioned(part) for part in expr.args))


def fresh(letter: sp.Symbol, taken: Iterable[sp.Symbol], kind: str = "unit") -> sp.Symbol:
    """A letter of the same kind whose *name* is not among those of `taken`.

    Where the kind is not known, l and t are taken for a layer and a time.
    """
    names = {t.name for t in taken}
    kind = {"l": "layer", "t": "time"}.get(letter.name, kind)
    pool = LETTERS_OF_KIND.get(kind, UNIT_LETTERS)
    for name in (letter.name, *pool, *(f"{letter.name}_{i}" for i in range(1, len(names) + 2))):
        if name not in names:
            return sp.Symbol(name, integer=True)
    raise AssertionError("more letters than names that are taken")


def product(factors: Iterable[sp.Expr]) -> sp.Expr:
    """The product, without SymPy's habit of multiplying a number into a sum.

    2*(a - y) stays a product: textbooks keep the difference together.
    """
    number: sp.Expr = sp.S.One
    others: list[sp.Expr] = []
    for factor in factors:
        head, rest = factor.as_coeff_Mul() if factor.is_Mul else (factor, None)
        if head.is_Number:
            number = number * head
            if rest is not None:
                others.append(rest)
        else:
            others.append(factor)
    rest = sp.Mul(*others)
    if number is sp.S.One or number.is_zero:
        return rest if number is sp.S.One else sp.S.Zero
    if rest.is_Add:
        return sp.Mul(number, rest, evaluate=False)
    return number * rest


def rebuilt(expr: sp.Expr, args: tuple[sp.Basic, ...]) -> sp.Expr:
    """The same node over other arguments, products not distributed."""
    return product(args) if expr.is_Mul else expr.func(*args)


@lru_cache(maxsize=1 << 16)
def entry_at(base: sp.IndexedBase, indices: tuple[sp.Expr, ...]) -> sp.Indexed:
    """The entry of an array at other indices, kept: SymPy is slow to make a new one."""
    return base[indices]


def put(expr: sp.Expr, where: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Replace free letters (or whole entries) by expressions; bound letters are renamed apart."""
    if not where:
        return expr
    if expr in where:
        return where[expr]
    if not expr.args:
        return expr
    if isinstance(expr, sp.Indexed):
        indices = tuple(put(i, where) for i in expr.indices)
        return expr if indices == expr.indices else entry_at(expr.base, indices)
    if isinstance(expr, sp.Sum):
        return _put_in_sum(expr, dict(where))
    args = tuple(put(arg, where) for arg in expr.args)
    return expr if args == expr.args else rebuilt(expr, args)


def _put_in_sum(expr: sp.Sum, where: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    incoming = frozenset().union(*(letters(value) for value in where.values()))
    limits = []
    for letter, lower, upper in reversed(expr.limits):  # outermost first: it binds inner bounds
        lower, upper = put(lower, where), put(upper, where)
        where.pop(letter, None)
        if letter in incoming:
            new = fresh(letter, incoming | letters(expr.function) | {letter})
            where[letter] = new
            letter = new
        limits.append((letter, lower, upper))
    return sp.Sum(put(expr.function, where), *reversed(limits))
