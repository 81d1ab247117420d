"""Left sides of raw equations: families, base cases, their ranges, the axes they give a quantity.

h[0,i] = h0[i]            base case: t is fixed to 0
h[t,i] = ... h[t-1,j]     family: t runs over its range, less the values that base cases take
h[t+1,i] = ... h[t,j]     the same, written ahead: t+1 becomes t
h[t=2..T,i] = ...         family with its own range
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symbackprop.system.bounds import Range, is_width, nonnegative
from symbackprop.system.lexer import SyntaxProblem
from symbackprop.system.model import Axis, Equation, Quantity, index
from symbackprop.system.syntax import Entry, Node, Over
from symbackprop.system.translate import Scope, Translator

ZERO = sp.Integer(0)
Report = Callable[[Any, int, int, str, str], None]


@dataclass(frozen=True, slots=True)
class Defined:
    """The left side of one equation as parsed, and the path of the equation in its file."""

    left: Entry
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class LeftSide:
    """The left side in terms of letters; `shifts` is what the right side's letters become."""

    name: str
    indices: tuple[sp.Expr, ...]
    ranges: tuple[Range, ...]
    shifts: Mapping[sp.Basic, sp.Basic] = field(default_factory=dict)


@dataclass(slots=True)
class _Index:
    """One index of a left side: a fixed value, or a letter with what was added to it."""

    fixed: sp.Expr | None = None
    letter: str = ""
    shift: sp.Expr = ZERO
    own: tuple[sp.Expr, sp.Expr] | None = None


def left_sides(defined: Mapping[int, Defined], scope: Scope, report: Report) -> dict[int, LeftSide]:
    """Every left side with its ranges. Mistakes go to `report`; those equations are left out."""
    read: dict[int, list[_Index]] = {}
    for number, d in defined.items():
        items = _read(d, scope, report)
        if items is not None:
            read[number] = items
    by_name: dict[str, list[int]] = {}
    for number in read:
        by_name.setdefault(defined[number].left.name, []).append(number)
    found: dict[int, LeftSide] = {}
    for name, numbers in by_name.items():
        canonical = _canonical([read[n] for n in numbers])
        for number in numbers:
            found[number] = _left(name, read[number], canonical, [read[n] for n in numbers], scope)
    return dict(sorted(found.items()))


def _read(d: Defined, scope: Scope, report: Report) -> list[_Index] | None:
    items: list[_Index] = []
    free = dict(scope.letters)
    problems: list[SyntaxProblem] = []
    for node in d.left.indices or ():
        translator = Translator(scope, free)
        items.append(_index(node, translator))
        problems += translator.problems
    letters = [i.letter for i in items if i.letter]
    for letter in sorted({x for x in letters if letters.count(x) > 1}):
        problems.append(
            SyntaxProblem(
                f"the letter {letter} stands twice on the left side", d.left.start, d.left.end
            )
        )
    for p in problems:
        report(d.path, p.start, p.end, p.message, p.hint)
    return None if problems else items


def _index(node: Node, translator: Translator) -> _Index:
    if isinstance(node, Over):
        if node.letter not in translator.scope.letters:
            translator.unknown("index letter", node.letter, translator.scope.letters, node)
        bounds = translator.affine(node.lower), translator.affine(node.upper)
        return _Index(letter=node.letter, own=bounds)
    at = translator.affine(node)
    letters = [s for s in at.free_symbols if not s.is_positive]
    if not letters:
        return _Index(fixed=at)
    if len(letters) > 1 or at.coeff(letters[0], 1) != 1:
        translator.say("the left side must have one letter an index, as in h[t,i]", node)
        return _Index(fixed=at)
    return _Index(letter=letters[0].name, shift=sp.expand(at - letters[0]))


def _canonical(sides: Sequence[list[_Index]]) -> list[str]:
    """For each position the letter that stands there in some equation ('' if none)."""
    return [next((i.letter for i in column if i.letter), "") for column in zip(*sides, strict=True)]


def _left(
    name: str, items: list[_Index], canonical: list[str], sides: list[list[_Index]], scope: Scope
) -> LeftSide:
    fixed = {
        index(letter): item.fixed
        for letter, item in zip(canonical, items, strict=True)
        if letter and item.fixed is not None
    }
    indices: list[sp.Expr] = []
    ranges: list[Range] = []
    shifts: dict[sp.Basic, sp.Basic] = {}
    for at, item in enumerate(items):
        if item.fixed is not None:
            indices.append(item.fixed)
            continue
        letter = index(item.letter)
        indices.append(letter)
        if item.own is not None:
            ranges.append((letter, *item.own))
            continue
        lower, upper = (b.xreplace(fixed) for b in scope.letters[item.letter])
        if item.shift != 0:
            shifts[letter] = letter - item.shift
        bases = [side[at].fixed for side in sides if side[at].fixed is not None]
        for base in bases:
            assert base is not None
            if base == lower:
                lower = sp.expand(lower + 1)
            elif base == upper:
                upper = sp.expand(upper - 1)
        if item.shift != 0 and not bases:
            # Without a base case the family begins where the letter begins.
            lower = sp.expand(lower + item.shift)
            if nonnegative(-item.shift):
                lower, upper = scope.letters[item.letter][0], sp.expand(upper + item.shift)
        ranges.append((letter, lower, upper))
    return LeftSide(name, tuple(indices), tuple(ranges), shifts)


def defined_quantities(
    cost: str,
    given: Mapping[str, Quantity],
    defined: Mapping[int, Defined],
    equations: Sequence[Equation],
    kinds: Mapping[str, str],
) -> tuple[Quantity, ...]:
    """Declared quantities and those that equations define; role '' where it is to be inferred."""
    kinds = {**kinds_of_letters(equations, given.values()), **kinds}
    of: dict[str, list[Equation]] = {}
    for e in equations:
        of.setdefault(e.target, []).append(e)
    found: list[Quantity] = []
    for name, q in given.items():
        if name not in of:
            axes = tuple(_finished(a, kinds) for a in q.axes)
            found.append(_with(q, axes, q.role or "input"))
    for name, es in of.items():
        declared = given.get(name)
        axes = tuple(_finished(_axis(at, es, declared), kinds) for at in range(len(es[0].indices)))
        if declared is not None:
            found.append(_with(declared, axes, declared.role))
        else:
            found.append(Quantity(name, "cost" if name == cost else "", axes))
    return tuple(found)


def _with(q: Quantity, axes: tuple[Axis, ...], role: str) -> Quantity:
    return Quantity(q.name, role, axes, q.layer, q.facts, q.meaning)


def _axis(at: int, equations: Sequence[Equation], declared: Quantity | None) -> Axis:
    """The axis from the lowest to the highest value that the equations give it."""
    letter = next(
        (
            e.indices[at]
            for e in equations
            if isinstance(e.indices[at], sp.Symbol) and not e.indices[at].is_positive
        ),
        None,
    )
    ends: list[tuple[sp.Expr, sp.Expr]] = []
    if declared is not None and at < len(declared.axes):
        axis = declared.axes[at]
        letter = axis.index
        ends.append((axis.lower, axis.upper))
    if letter is None:
        # Every equation fixes this index (v[1] = ..., v[2] = ...): any unused letter will do.
        letter = index(f"i{at + 1}")
    for e in equations:
        bounds = next(((lo, up) for x, lo, up in e.ranges if x == e.indices[at]), None)
        ends.append(bounds or (e.indices[at], e.indices[at]))
    # The bounds of a family may hold other letters (s[l]); a base case only has numbers there.
    general = [end for end in ends if any(not x.is_positive for x in end[1].free_symbols)] or ends
    lower, upper = general[0]
    for low, high in general[1:]:
        lower = low if nonnegative(lower - low) else lower
        upper = high if nonnegative(high - upper) else upper
    return Axis(letter, upper, lower)


def _finished(axis: Axis, kinds: Mapping[str, str]) -> Axis:
    space = axis.upper.name if isinstance(axis.upper, sp.Symbol) else ""
    kind = kinds.get(axis.index.name, "unit")
    return Axis(axis.index, axis.upper, axis.lower, kind, space)


def kinds_of_letters(equations: Sequence[Equation], given: Iterable[Quantity]) -> dict[str, str]:
    """A letter that is shifted (h[t-1]) counts time; one that widths depend on (s[l]), layers."""
    found: dict[str, str] = {}
    for e in equations:
        free = {x for x, _, _ in e.ranges}
        for node in e.rhs.atoms(sp.Indexed):
            if is_width(node):
                continue
            for at in node.indices:
                for letter in at.free_symbols & free:
                    if at != letter and (at - letter).is_Integer:
                        found.setdefault(letter.name, "time")
    bounds = [b for e in equations for r in e.ranges for b in r[1:]]
    bounds += [a.upper for q in given for a in q.axes]
    for bound in bounds:
        for node in bound.atoms(sp.Indexed):
            for letter in node.free_symbols:
                if isinstance(letter, sp.Symbol) and not letter.is_positive:
                    found[letter.name] = "layer"
    return found
