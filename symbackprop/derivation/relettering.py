"""Index letters that the document needs for something else give way: samples n = 1, ..., m take both.

The sections on one sample are told before the batch is: their sums take any letter that is free there.
A section with a system of its own, the batches of the four conventions, has its letters right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from symbackprop.derivation.steps import Prose, Section, Step, Table
from symbackprop.formula.tree import Array, Formula, Idx, Ref

SPARE = tuple("irqpuvgh")
OF_ALL = ("cost scale",)
"""Topics that speak of all samples: there the letter is what it is taken for."""


def clear_of(sections: Iterable[Section], taken: tuple[str, ...]) -> list[Section]:
    """The sections without `taken` as index letters, each replaced by one that no formula uses."""
    told = list(sections)
    names = {name for section in told for name in _names(section)}
    spare = (x for x in SPARE if x not in names and x not in taken)
    new = {Idx(name): Idx(next(spare, f"{name}_1")) for name in taken if name in names}
    if not new:
        return told

    def change(formula: Formula) -> Formula:
        return formula.rewrite(lambda n: new.get(n) if isinstance(n, Idx) else None)

    called = {old.name: letter.name for old, letter in new.items()}
    return [_with(section, change, called) for section in told]


def _with(part: Any, change: Any, called: Mapping[str, str]) -> Any:
    """Any piece of a derivation with its formulas changed."""
    if isinstance(part, Formula):
        return change(part)
    if isinstance(part, tuple):
        return tuple(_with(inner, change, called) for inner in part)
    if isinstance(part, Mapping):
        return {key: _with(inner, change, called) for key, inner in part.items()}
    if isinstance(part, Prose):
        if part.topic in OF_ALL:
            return part
        return replace(part, about=_with(part.about, change, called))
    if isinstance(part, Table):
        rows, header = (_with(x, change, called) for x in (part.rows, part.header))
        return replace(part, rows=rows, header=header, about=_with(part.about, change, called))
    if isinstance(part, Section):
        if part.system is not None:
            return part
        items, about = (_with(x, change, called) for x in (part.items, part.about))
        return replace(part, items=items, about=about)
    if isinstance(part, Step):
        ranges = {called.get(x, x): _with(r, change, called) for x, r in part.ranges.items()}
        return replace(
            part,
            statements=_with(part.statements, change, called),
            definitions=_with(part.definitions, change, called),
            about=_with(part.about, change, called),
            ranges=ranges,
        )
    return part


def _names(part: Any) -> Iterator[str]:
    """The letters of indices, and the names of quantities."""
    if isinstance(part, Formula):
        for n in part.walk():
            if isinstance(n, Idx | Ref | Array):
                yield n.name
    elif isinstance(part, tuple):
        for inner in part:
            yield from _names(inner)
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from _names(inner)
    elif isinstance(part, Prose):
        if part.topic not in OF_ALL:
            yield from _names(part.about)
    elif isinstance(part, Table):
        yield from _names((part.header, part.rows, part.about))
    elif isinstance(part, Section) and part.system is None:
        yield from _names((part.items, part.about))
    elif isinstance(part, Step):
        yield from part.ranges
        yield from _names((part.statements, part.definitions, part.about, part.ranges))
