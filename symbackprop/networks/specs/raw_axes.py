"""The axes and given quantities of a raw spec."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symbackprop.networks.specs.file import Problems
from symbackprop.system.facts import KINDS
from symbackprop.system.lexer import SyntaxProblem
from symbackprop.system.model import (
    ROLES,
    Axis,
    Fact,
    Quantity,
    index,
)
from symbackprop.system.syntax import parse_expression
from symbackprop.system.translate import Bounds, Scope, Translator, readable

_FACT = re.compile(r"\s*(.+?)(?:\s+over\s+([A-Za-z][A-Za-z0-9_]*))?\s*\Z")
_MEANING = re.compile(r"[^\x00-\x1f\x7f\\$`<>|{}\[\]#*_&%~^\"]{0,200}\Z")
_KINDS = ("unit", "layer", "sample", "time")


@dataclass(frozen=True)
class Letters:
    """The index letters of a spec: ranges, kinds, and the symbolic sizes in the ranges."""

    bounds: dict[str, Bounds]
    kinds: dict[str, str]
    sizes: tuple[sp.Symbol, ...]
    widths: frozenset[str]


def read_letters(checked: Any, problems: Problems) -> Letters:
    bounds: dict[str, Bounds] = {}
    kinds: dict[str, str] = {}
    sizes: dict[str, sp.Symbol] = {}
    widths: set[str] = set()
    for name in checked.axes:
        wrong = readable(name)
        if wrong:
            problems.at(("axes", name), wrong, value=False)
    for name, given in checked.axes.items():
        path: tuple[str, ...] = ("axes", name)
        size = given
        if not isinstance(given, int | str):
            size = given.size
            if given.kind is not None:
                if given.kind not in _KINDS:
                    problems.unknown((*path, "kind"), "kind of axis", given.kind, _KINDS)
                kinds[name] = given.kind
            path = (*path, "size")
        upper = _upper(path, str(size), checked.axes, sizes, widths, problems)
        bounds[name] = (sp.Integer(1), upper)
    for name in sizes:
        if name in checked.quantities:
            problems.at(("quantities", name), f"'{name}' is the size of an axis", value=False)
    return Letters(bounds, kinds, tuple(sizes.values()), frozenset(widths))


def _upper(
    path: tuple[str, ...],
    text: str,
    letters: Mapping[str, Any],
    sizes: dict[str, sp.Symbol],
    widths: set[str],
    problems: Problems,
) -> sp.Expr:
    """The size of an axis: 3, "T", "T-1", or the width "s[l]"."""
    from symbackprop.system.model import size as size_symbol
    from symbackprop.system.syntax import Entry, Node

    try:
        node = parse_expression(text)
    except SyntaxProblem as problem:
        problems.inside(path, problem.start, problem.end, problem.message, problem.hint)
        return sp.Integer(1)
    names: set[str] = set()
    families: set[str] = set()

    def collect(part: Node) -> None:
        if isinstance(part, Entry):
            (names if part.indices is None else families).add(part.name)
            for inner in part.indices or ():
                collect(inner)
        for attribute in ("terms", "factors"):
            for _, child in getattr(part, attribute, ()):
                collect(child)

    collect(node)
    for name in sorted((names | families) - set(letters)):
        wrong = readable(name)
        if wrong:
            problems.at(path, wrong)
            return sp.Integer(1)
        if name in names:
            sizes.setdefault(name, size_symbol(name))
    widths |= families
    scope = Scope(
        {x: (sp.Integer(1), sp.Integer(1)) for x in letters}, frozenset(sizes), frozenset(families)
    )
    translator = Translator(scope, scope.letters)
    upper = translator.affine(node)
    for p in translator.problems:
        problems.inside(path, p.start, p.end, p.message, p.hint)
    if upper.is_Integer and upper < 1:
        problems.at(path, f"a size must be at least 1, not {upper}")
    return upper


def read_quantities(checked: Any, letters: Letters, problems: Problems) -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    for name, spec in checked.quantities.items():
        path = ("quantities", name)
        wrong = readable(name)
        if name in letters.bounds:
            wrong = f"'{name}' is an index letter of [axes] and also a quantity"
        if name in letters.widths:
            wrong = f"'{name}' is the width of an axis and also a quantity"
        if wrong:
            problems.at(path, wrong, value=False)
            continue
        role = spec.role
        if role not in ROLES:
            problems.unknown((*path, "role"), "role", role, ROLES)
            role = ""
        axes = _axes(spec, letters, (*path, "axes"), problems)
        if not _MEANING.match(spec.meaning):
            problems.at((*path, "meaning"), "a meaning is one line of plain words")
        layer = None if spec.layer is None else sp.Integer(spec.layer)
        if layer is not None and not 0 <= spec.layer <= 10**6:
            problems.at((*path, "layer"), "a layer is a number from 0")
        facts = _facts(spec, [a.index.name for a in axes], (*path, "facts"), problems)
        found[name] = Quantity(name, role, axes, layer, facts, spec.meaning)
    return found


def _axes(spec: Any, letters: Letters, path: Any, problems: Problems) -> tuple[Axis, ...]:
    given = spec.axes
    names = [x.strip() for x in given.split(",")] if isinstance(given, str) else list(given)
    if names == [""]:
        return ()
    axes = []
    for number, name in enumerate(names):
        here = (*path, number) if isinstance(given, list) else path
        if name not in letters.bounds:
            problems.unknown(here, "axis", name, letters.bounds)
        elif name in names[:number]:
            problems.at(here, f"the axis {name} stands twice", "two axes need two letters")
        else:
            lower, upper = letters.bounds[name]
            axes.append(Axis(index(name), upper, lower, letters.kinds.get(name, "unit")))
    return tuple(axes)


def _facts(spec: Any, axes: list[str], path: Any, problems: Problems) -> frozenset[Fact]:
    found = set()
    for number, text in enumerate(spec.facts):
        match = _FACT.match(text)
        kind, over = (match[1], match[2] or "") if match else (text, "")
        if kind not in KINDS:
            problems.unknown((*path, number), "fact", kind, KINDS)
        elif over and over not in axes:
            problems.unknown((*path, number), "axis", over, axes)
        elif kind == "sums to 1" and not over:
            problems.at((*path, number), "over which axis?", 'for example "sums to 1 over o"')
        else:
            found.add(Fact(kind, over))
    return frozenset(found)
