"""A System from a user's own SymPy equations: `sp.Eq` over `Indexed`.

    W, x, z = sp.IndexedBase("W"), sp.IndexedBase("x"), sp.IndexedBase("z")
    i, k, n = sp.symbols("i k n", integer=True)
    system_from_eqs(
        [sp.Eq(z[i], sp.Sum(W[i, k] * x[k], (k, 1, n))), sp.Eq(J, sp.Sum(z[i]**2, (i, 1, 3)))],
        cost="J", inputs=["x"], ranges={i: 3},
    )

Letters get their ranges from `Idx`, from the sums, from the shape of an `IndexedBase`, or from
`ranges`. Symbols of any assumptions are accepted: whether a name is a quantity, a letter or a size
follows from where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symbackprop.errors import IllFormedSystem, ManyErrors, SymbackpropError, UnknownName
from symbackprop.system.bounds import nonnegative
from symbackprop.system.facts import KINDS
from symbackprop.system.infer import in_computing_order, infer_facts, infer_roles
from symbackprop.system.left_side import kinds_of_letters
from symbackprop.system.model import (
    Axis,
    Description,
    Equation,
    Fact,
    Function,
    Quantity,
    System,
    entry,
    index,
    size,
)
from symbackprop.system.translate import readable

Range = tuple[sp.Expr, sp.Expr]


def system_from_eqs(
    equations: Sequence[sp.Eq],
    cost: str | sp.Basic = "J",
    inputs: Iterable[str] = (),
    targets: Iterable[str] = (),
    constants: Iterable[str] = (),
    functions: Sequence[Function] = (),
    ranges: Mapping[Any, Any] | None = None,
    facts: Mapping[str, Sequence[str]] | None = None,
    values: Mapping[str, Any] | None = None,
    name: str = "system",
) -> System:
    """The system of these equations, in any order.

    inputs, targets, constants  names of given quantities; every other given one is a parameter
    functions                   functions that stand in the equations as `sp.Function("f")(…)`
    ranges                      letter -> last value, or (first, last)
    facts                       name -> "positive", "sums to 1 over o", …
    values                      name -> number or nested lists

    Raises IllFormedSystem, UnknownName or ManyErrors.
    """
    reader = _Reader(equations, dict(ranges or {}))
    reader.read()
    cost_name = cost if isinstance(cost, str) else _label(cost)
    roles = {
        **dict.fromkeys(inputs, "input"),
        **dict.fromkeys(targets, "target"),
        **dict.fromkeys(constants, "constant"),
    }
    errors: list[SymbackpropError] = list(reader.errors)
    known = [*reader.axes]
    for given in [*roles, *(facts or {})]:
        if given not in reader.axes:
            errors.append(UnknownName("quantity", given, known))
    for quantity in known:
        if wrong := readable(quantity):
            errors.append(IllFormedSystem(wrong))
    _raise(errors)

    defined = {e.target for e in reader.equations}
    quantities: list[Quantity] = []
    kinds = kinds_of_letters(reader.equations, ())
    for quantity, axes in reader.axes.items():
        role = roles.get(quantity, "cost" if quantity == cost_name else "")
        if not role and quantity not in defined:
            role = "parameter"
        finished = tuple(
            Axis(
                a.index,
                a.upper,
                a.lower,
                kinds.get(a.index.name, "unit"),
                a.upper.name if isinstance(a.upper, sp.Symbol) else "",
            )
            for a in axes
        )
        given_facts = frozenset(_fact(text) for text in (facts or {}).get(quantity, ()))
        quantities.append(Quantity(quantity, role, finished, facts=given_facts))
    used = tuple(f for f in functions if f.name in reader.calls)
    named = infer_roles(quantities, reader.equations, cost_name)
    return System(
        name=name,
        quantities=infer_facts(named, reader.equations, used),
        equations=in_computing_order(reader.equations),
        cost=cost_name,
        functions=used,
        sizes=tuple(size(s) for s in reader.sizes),
        values=dict(values or {}),
        about=Description(kind="system", title=name),
    )


_FACT = re.compile(r"(.+?)(?: over (\w+))?\Z")


def _fact(text: str) -> Fact:
    match = _FACT.match(text.strip())
    kind, over = (match[1], match[2] or "") if match else (text, "")
    if kind not in KINDS:
        raise UnknownName("fact", kind, KINDS)
    return Fact(kind, over)


def _raise(errors: list[SymbackpropError]) -> None:
    if errors:
        raise errors[0] if len(errors) == 1 else ManyErrors(errors)


def _label(node: sp.Basic) -> str:
    if isinstance(node, sp.Indexed):
        return _label(node.base)
    if isinstance(node, sp.IndexedBase):
        return str(node.label)
    return str(getattr(node, "name", node))


class _Reader:
    """Collects letters, sizes and axes, then rewrites everything with the names of `model`."""

    def __init__(self, equations: Sequence[sp.Eq], ranges: dict[Any, Any]) -> None:
        self.given = list(equations)
        self.errors: list[SymbackpropError] = []
        self.letters: dict[str, Range] = {}
        self.sizes: dict[str, None] = {}
        self.axes: dict[str, tuple[Axis, ...]] = {}
        self.equations: tuple[Equation, ...] = ()
        self.calls: set[str] = set()
        self.asked = {_label(k) if not isinstance(k, str) else k: v for k, v in ranges.items()}

    def read(self) -> None:
        sound = []
        for e in self.given:
            if not isinstance(e, sp.Eq) or not isinstance(e.lhs, sp.Indexed | sp.Symbol):
                self.errors.append(
                    IllFormedSystem(
                        f"'{str(e)[:60]}' is no equation with a quantity on its left side",
                        hint="write sp.Eq(z[i], ...)",
                    )
                )
            else:
                sound.append(e)
        entries = {n for e in sound for n in e.atoms(sp.Indexed)}
        names = {_label(n) for n in entries}
        for e in sound:
            self.calls |= {n.func.__name__ for n in e.rhs.atoms(sp.Function)}
        self._find_letters(sound, entries)
        scalars = self._scalars(sound, names)
        try:
            self.equations = tuple(self._equation(e) for e in sound)
        except SymbackpropError as error:
            self.errors.append(error)
            return
        self._find_axes(scalars)

    def _find_letters(self, equations: list[sp.Eq], entries: set[sp.Indexed]) -> None:
        found: dict[str, Range] = {}
        for e in equations:
            for node in e.rhs.atoms(sp.Sum):
                for letter, lower, upper in node.limits:
                    found.setdefault(_label(letter), (lower, upper))
        for node in sorted(entries, key=str):
            shape = node.base.shape
            for at, i in enumerate(node.indices):
                if isinstance(i, sp.Idx) and i.lower is not None and i.upper is not None:
                    found[_label(i.label)] = (i.lower, i.upper)
                elif i.is_Symbol and shape is not None:
                    found.setdefault(_label(i), (sp.Integer(1), shape[at]))
        for name, bounds in self.asked.items():
            low, high = bounds if isinstance(bounds, tuple) else (1, bounds)
            found[name] = (_number(low), _number(high))
        free = {
            _label(s)
            for e in equations
            if isinstance(e.lhs, sp.Indexed)
            for i in e.lhs.indices
            for s in i.free_symbols
        }
        bounds_ = [bound for both in found.values() for bound in both]
        bound_names = {_label(s) for bound in bounds_ for s in bound.free_symbols}
        for letter in sorted(free - set(found) - bound_names):
            self.errors.append(
                IllFormedSystem(
                    f"the index {letter} has no range",
                    hint=f"pass ranges={{'{letter}': last value}}, or use sp.Idx",
                )
            )
        self.sizes = dict.fromkeys(sorted(bound_names - set(found)))
        self.letters = {
            name: (self._rewritten(low), self._rewritten(high))
            for name, (low, high) in found.items()
        }

    def _scalars(self, equations: list[sp.Eq], indexed: set[str]) -> list[str]:
        found: dict[str, None] = {}
        for e in equations:
            for s in sorted(e.free_symbols, key=str):
                name = _label(s)
                if isinstance(s, sp.Symbol) and not (
                    name in indexed or name in self.letters or name in self.sizes
                ):
                    found[name] = None
        return list(found)

    def _rewritten(self, expression: sp.Expr) -> sp.Expr:
        """The same expression with the symbols of `model`."""
        if isinstance(expression, sp.Indexed):
            indices = [self._rewritten(i) for i in expression.indices]
            return entry(_label(expression), *indices)
        if isinstance(expression, sp.Idx):
            return index(_label(expression.label))
        if isinstance(expression, sp.Symbol):
            name = expression.name
            if name in self.sizes:
                return size(name)
            return index(name) if name in self.letters else entry(name)
        if not expression.args:
            return expression
        if isinstance(expression, AppliedUndef):
            function = sp.Function(expression.func.__name__, real=True)
            return function(*(self._rewritten(a) for a in expression.args))
        return expression.func(*(self._rewritten(a) for a in expression.args))

    def _equation(self, e: sp.Eq) -> Equation:
        left = self._rewritten(e.lhs)
        indices = tuple(left.indices) if isinstance(left, sp.Indexed) else ()
        letters = [s for i in indices for s in sorted(i.free_symbols, key=str)]
        ranges = tuple(
            (s, *self.letters[s.name])
            for s in dict.fromkeys(letters)
            if isinstance(s, sp.Symbol) and s.name in self.letters
        )
        return Equation(_label(left), indices, self._rewritten(e.rhs), self._trimmed(left, ranges))

    def _trimmed(
        self, left: sp.Expr, ranges: tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]
    ) -> tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]:
        """A family leaves out the values that base cases give."""
        if not isinstance(left, sp.Indexed):
            return ranges
        out = []
        for letter, low, high in ranges:
            at = list(left.indices).index(letter) if letter in left.indices else -1
            for e in self.given:
                if at < 0 or not isinstance(e, sp.Eq) or not isinstance(e.lhs, sp.Indexed):
                    continue
                if _label(e.lhs) == _label(left) and len(e.lhs.indices) > at:
                    base = self._rewritten(e.lhs.indices[at])
                    if base == low and base != letter:
                        low = low + 1
                    elif base == high and base != letter:
                        high = high - 1
            out.append((letter, low, high))
        return tuple(out)

    def _find_axes(self, scalars: list[str]) -> None:
        """The range of each axis: what the left sides define, else what the right sides read."""
        defined: dict[str, list[list[tuple[sp.Expr, Range]]]] = {}
        for e in self.equations:
            bounds = {x: (low, high) for x, low, high in e.ranges}
            columns = defined.setdefault(e.target, [[] for _ in e.indices])
            for column, i in zip(columns, e.indices, strict=False):
                column.append((i, bounds.get(i, (i, i))))
        read: dict[str, list[list[tuple[sp.Expr, Range]]]] = {}
        for e in self.equations:
            own = {x.name: (low, high) for x, low, high in e.ranges}
            for node in sorted(e.rhs.atoms(sp.Indexed), key=str):
                name = _label(node)
                if name in defined:
                    continue
                columns = read.setdefault(name, [[] for _ in node.indices])
                for column, i in zip(columns, node.indices, strict=False):
                    column.append((i, self._span(i, {**self.letters, **own})))
        for name, columns in {**read, **defined}.items():
            self.axes[name] = tuple(_axis(c, at) for at, c in enumerate(columns))
        for name in scalars:
            self.axes.setdefault(name, ())

    def _span(self, at: sp.Expr, bounds: Mapping[str, Range]) -> Range:
        low = high = at
        for letter in at.free_symbols:
            if isinstance(letter, sp.Symbol) and letter.name in bounds:
                a, b = bounds[letter.name]
                low, high = low.subs(letter, a), high.subs(letter, b)
        return sp.expand(low), sp.expand(high)


def _axis(column: list[tuple[sp.Expr, Range]], at: int) -> Axis:
    letter = next(
        (i for i, _ in column if isinstance(i, sp.Symbol) and not i.is_positive),
        index(f"i{at + 1}"),
    )
    lower, upper = column[0][1]
    for _, (low, high) in column[1:]:
        lower = low if nonnegative(lower - low) else lower
        upper = high if nonnegative(high - upper) else upper
    return Axis(letter, upper, lower)


def _number(value: Any) -> sp.Expr:
    return value if isinstance(value, sp.Basic) else sp.Integer(value)
