"""A book's order and economy: target before output in a difference, sums without bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from symbackprop.derivation.algebra import times
from symbackprop.derivation.steps import Section, Step, Table
from symbackprop.formula.tree import (
    ONE,
    Add,
    Array,
    Chain,
    Deriv,
    Formula,
    Hadamard,
    Mul,
    Neg,
    Norm,
    Num,
    Pow,
    Ref,
    Sum,
)
from symbackprop.system.model import System

Change = Callable[[Formula], Formula]


class TargetFirst:
    """a - y becomes -(y - a), and (a - y)^2 becomes (y - a)^2."""

    def __init__(self, system: System) -> None:
        self._targets = {q.name for q in system.targets}

    def _is_difference(self, node: Formula) -> bool:
        if not (isinstance(node, Add) and len(node.terms) == 2):
            return False
        first, second = node.terms
        return (
            not isinstance(first, Neg)
            and isinstance(second, Neg)
            and isinstance(second.body, Ref | Array)
            and second.body.name in self._targets
        )

    def __call__(self, formula: Formula) -> Formula:
        if isinstance(formula, Norm):
            return formula  # a norm has no sign; both orders are written on purpose
        if isinstance(formula, Pow) and self._is_difference(formula.base):
            if isinstance(formula.exponent, Num) and formula.exponent.value % 2 == 0:
                return Pow(self._turned(formula.base), formula.exponent)
            return formula.map(self)
        if self._is_difference(formula):
            return Neg(self._turned(formula))
        inner = formula.map(self)
        if isinstance(inner, Hadamard) and any(isinstance(f, Neg) for f in inner.factors):
            minus = sum(isinstance(f, Neg) for f in inner.factors) % 2
            bare = Hadamard(tuple(f.body if isinstance(f, Neg) else f for f in inner.factors))
            return Neg(bare) if minus else bare
        if isinstance(inner, Mul) and any(self._is_difference(f) for f in formula.children()):
            return times(*inner.factors)
        return inner

    def _turned(self, node: Formula) -> Formula:
        assert isinstance(node, Add)
        first, second = node.terms
        assert isinstance(second, Neg)
        return Add((second.body, Neg(self(first))))


class Operators:
    """d/dw J where a derivative of the cost stands alone; in products it stays one fraction."""

    def __init__(self, costs: tuple[str, ...]) -> None:
        self._costs = costs

    def __call__(self, formula: Formula) -> Formula:
        if isinstance(formula, Deriv) and self._is_cost(formula.of):
            return replace(formula, operator=True)
        if isinstance(formula, Add):
            return Add(tuple(self._term(t) for t in formula.terms))
        return formula

    def _term(self, term: Formula) -> Formula:
        """A term of an update, w - eta d/dw J: the derivative comes last."""
        if isinstance(term, Neg):
            return Neg(self._term(term.body))
        if isinstance(term, Mul) and len(term.factors) == 2:
            return Mul((term.factors[0], self(term.factors[1])))
        return self(term) if isinstance(term, Deriv) else term

    def _is_cost(self, of: Formula) -> bool:
        return isinstance(of, Ref) and of.name in self._costs


def bare_sums(formula: Formula) -> Formula:
    """Sums that start at 1 without their bounds: the axis of the index says how far they run."""
    inner = formula.map(bare_sums)
    if isinstance(inner, Sum) and inner.lower == ONE:
        return Sum(inner.body, inner.index)
    return inner


def changed(section: Section, change: Change) -> Section:
    """The section with `change` applied to every formula."""
    return replace(
        section,
        items=tuple(_item(item, change) for item in section.items),
        about=_about(section.about, change),
    )


def _item(item: Any, change: Change) -> Any:
    if isinstance(item, Section):
        return changed(item, change)
    about = _about(item.about, change)
    if isinstance(item, Step):
        statements = tuple(_chain(c, change) for c in item.statements)
        return replace(item, statements=statements, about=about)
    if isinstance(item, Table):
        rows = tuple(
            tuple(change(c) if isinstance(c, Formula) else c for c in row) for row in item.rows
        )
        return replace(item, rows=rows, about=about)
    return replace(item, about=about)


def _chain(chain: Chain, change: Change) -> Chain:
    members = [change(m) for m in chain.members]
    reasons = chain.reasons or ("",) * len(chain.relations)
    kept, links = [members[0]], []
    for relation, reason, member in zip(chain.relations, reasons, members[1:], strict=True):
        if relation == "=" and member == kept[-1]:
            continue
        kept.append(member)
        links.append((relation, reason))
    reasons = tuple(reason for _, reason in links)
    relations = tuple(relation for relation, _ in links)
    return Chain(tuple(kept), relations, reasons if any(reasons) else ())


def _about(about: Mapping[str, Any], change: Change) -> dict[str, Any]:
    return {k: change(v) if isinstance(v, Formula) else v for k, v in about.items()}
