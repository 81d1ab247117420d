"""Formulas with letters become formulas with numbers: indices evaluated, sums written out.

Each formula is compiled once to a chain of small functions; an instance then costs one call a
node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from symbackprop.errors import SpecError, UnsupportedForm
from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula

Key = tuple[str, tuple[int, ...]]
Letters = dict[str, int]
Maker = Callable[[Letters, list[Key]], Formula]
"""Gives the instance for values of the letters, and appends the entries that it mentions."""

_HOLDS: Mapping[str, Callable[[int, int], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


class Sizes:
    """Numbers for the symbolic sizes; a size by index, s[l], is a sequence or a mapping."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    def __call__(self, expr: sp.Expr, letters: Mapping[str, int]) -> int:
        """The value of an index or a bound. Raises SpecError where a size has no number."""
        if isinstance(expr, sp.Integer):
            return int(expr)
        if isinstance(expr, sp.Symbol):
            return letters[expr.name] if expr.name in letters else self._size(expr.name)
        if isinstance(expr, sp.Indexed):
            at = self(expr.indices[0], letters)
            return self._item(expr.base.label.name, at)
        parts = [self(arg, letters) for arg in expr.args]
        if expr.is_Add:
            return sum(parts)
        if expr.is_Mul:
            whole = 1
            for part in parts:
                whole *= part
            return whole
        raise UnsupportedForm(f"'{expr}' is no index or size that can be evaluated")

    def formula(self, node: Formula, letters: Mapping[str, int]) -> int:
        """The same for a formula."""
        if isinstance(node, t.Num):
            return int(node.text)
        if isinstance(node, t.Idx):
            return letters[node.name] if node.name in letters else self._size(node.name)
        if isinstance(node, t.Neg):
            return -self.formula(node.body, letters)
        if isinstance(node, t.Add):
            return sum(self.formula(term, letters) for term in node.terms)
        if isinstance(node, t.Mul):
            whole = 1
            for factor in node.factors:
                whole *= self.formula(factor, letters)
            return whole
        if isinstance(node, t.Ref) and len(node.indices) == 1:
            return self._item(node.name, self.formula(node.indices[0], letters))
        raise UnsupportedForm("an index or size that cannot be evaluated")

    def _size(self, name: str) -> int:
        if name not in self.given:
            raise SpecError(
                f"the size '{name}' has no number",
                hint=f"give one, for example {name} = 3",
            )
        return int(self.given[name])

    def _item(self, name: str, at: int) -> int:
        try:
            return int(self.given[name][at])
        except (KeyError, IndexError, TypeError):
            raise SpecError(
                f"the size '{name}' has no number at index {at}",
                hint=f"give a list of sizes, for example {name} = [2, 3, 2]",
            ) from None


class Compiler:
    """Compiles formulas of one system at given sizes; equal entries become one object."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.entries: dict[Key, t.Ref] = {}
        self.numbers: dict[int, Formula] = {}

    def number(self, value: int) -> Formula:
        if value not in self.numbers:
            self.numbers[value] = t.num(value)
        return self.numbers[value]

    def entry(self, key: Key) -> t.Ref:
        found = self.entries.get(key)
        if found is None:
            found = t.Ref(key[0], tuple(self.number(i) for i in key[1]))
            self.entries[key] = found
        return found

    def index(self, node: Formula) -> Callable[[Letters], int]:
        if isinstance(node, t.Num):
            fixed = int(node.text)
            return lambda letters: fixed
        if isinstance(node, t.Idx) and node.name not in self.sizes.given:
            name = node.name
            return lambda letters: letters[name]
        return lambda letters: self.sizes.formula(node, letters)

    def make(self, node: Formula) -> Maker:
        """The maker of one formula."""
        if isinstance(node, t.Ref):
            return self._ref(node)
        if isinstance(node, t.Num | t.Sym):
            return lambda letters, seen: node
        if isinstance(node, t.Idx):
            value = self.index(node)
            return lambda letters, seen: self.number(value(letters))
        if isinstance(node, t.Sum):
            return self._sum(node)
        if isinstance(node, t.Add):
            terms = [self.make(term) for term in node.terms]
            return lambda letters, seen: t.add(
                *(x for x in (m(letters, seen) for m in terms) if x != t.ZERO)
            )
        if isinstance(node, t.Mul):
            return self._mul(node)
        if isinstance(node, t.Bracket) and isinstance(node.condition, t.Chain):
            holds = self._holds(node.condition)
            if holds is not None:
                return lambda letters, seen: t.ONE if holds(letters) else t.ZERO
        if isinstance(node, t.Cases):
            return self._cases(node)
        return self._children(node)

    def _ref(self, node: t.Ref) -> Maker:
        name = node.name
        indices = [self.index(i) for i in node.indices]

        def ref(letters: Letters, seen: list[Key]) -> Formula:
            key = (name, tuple([i(letters) for i in indices]))
            seen.append(key)
            return self.entry(key)

        return ref

    def _sum(self, node: t.Sum) -> Maker:
        if node.lower is None or node.upper is None:
            raise UnsupportedForm("a sum without bounds cannot be written out")
        body = self.make(node.body)
        lower, upper = self.index(node.lower), self.index(node.upper)
        name = node.index.name

        def written_out(letters: Letters, seen: list[Key]) -> Formula:
            terms = []
            inner = dict(letters)
            for i in range(lower(letters), upper(letters) + 1):
                inner[name] = i
                terms.append(body(inner, seen))
            return t.add(*(term for term in terms if term != t.ZERO))

        return written_out

    def _mul(self, node: t.Mul) -> Maker:
        factors = [self.make(factor) for factor in node.factors]

        def product(letters: Letters, seen: list[Key]) -> Formula:
            here: list[Key] = []
            made = [m(letters, here) for m in factors]
            if t.ZERO in made:
                return t.ZERO
            seen.extend(here)
            return t.mul(*(x for x in made if x != t.ONE))

        return product

    def _holds(self, condition: t.Chain) -> Callable[[Letters], bool] | None:
        """A condition between indices, as a function of the letters; None if it is about values."""
        if any(isinstance(n, t.Ref | t.Call) for n in condition.walk()):
            return None
        ends = [self.index(m) for m in condition.members]
        tests = [_HOLDS[r] for r in condition.relations]
        return lambda letters: all(
            test(ends[i](letters), ends[i + 1](letters)) for i, test in enumerate(tests)
        )

    def _cases(self, node: t.Cases) -> Maker:
        rows = []
        for value, condition in node.rows:
            fixed = self._holds(condition) if isinstance(condition, t.Chain) else None
            open_condition = None if condition is None or fixed else self.make(condition)
            rows.append((self.make(value), fixed, open_condition))

        def cases(letters: Letters, seen: list[Key]) -> Formula:
            kept: list[tuple[Formula, Formula | None]] = []
            for value, fixed, condition in rows:
                if fixed is not None and not fixed(letters):
                    continue
                if fixed is not None or condition is None:
                    kept.append((value(letters, seen), None))
                    break
                kept.append((value(letters, seen), condition(letters, seen)))
            return kept[0][0] if len(kept) == 1 and kept[0][1] is None else t.Cases(tuple(kept))

        return cases

    def _children(self, node: Formula) -> Maker:
        makers = {id(child): self.make(child) for child in node.children()}

        def rebuilt(letters: Letters, seen: list[Key]) -> Formula:
            made = node.map(lambda child: makers[id(child)](letters, seen))
            if isinstance(made, t.Neg) and made.body == t.ZERO:
                return t.ZERO
            return made

        return rebuilt
