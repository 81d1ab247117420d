"""An order in which statements can be run; recurrences become loops.

Statements are the nodes of a graph: one depends on every statement that writes what it reads.
What depends on itself in a circle is a recurrence: it is run in a loop over one letter, upwards
where it reads earlier entries (h[t-1]), downwards where it reads later ones (d.z[t+1]); inside the
loop only reads of the same step order the statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symbackprop.calculus.letters import put
from symbackprop.errors import UnsupportedForm, printable
from symbackprop.export.program import Guarded, Loop, Range, Statement, Step

Read = tuple[str, tuple[sp.Expr, ...]]


def needed(rules: Sequence[Statement], names: Iterable[str]) -> set[int]:
    """The positions of all statements that the named quantities depend on."""
    writers: dict[str, list[int]] = {}
    for i, rule in enumerate(rules):
        writers.setdefault(rule.target, []).append(i)
    stack = [i for name in names for i in writers.get(name, ())]
    seen: set[int] = set()
    while stack:
        i = stack.pop()
        if i in seen:
            continue
        seen.add(i)
        for name, _ in reads(rules[i].rhs):
            of_name = writers.get(name, ())
            stack += [
                k
                for k in of_name
                if k not in seen
                and (len(of_name) == 1 or _depends(rules[i], rules[k], frozenset()))
            ]
    return seen


def schedule(rules: Sequence[Statement]) -> tuple[Step, ...]:
    """The statements in order, with loops. Raises UnsupportedForm where there is no order."""
    return tuple(_ordered(list(rules), frozenset()))


def reads(expr: sp.Expr) -> list[Read]:
    """All entries that an expression reads, scalars with empty indices."""
    found: list[Read] = []
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, sp.Indexed):
            found.append((str(node.base.label), tuple(node.indices)))
        elif isinstance(node, sp.Symbol):
            # An index letter may have the name of a quantity; letters are integers.
            if not node.is_integer:
                found.append((node.name, ()))
        else:
            stack.extend(node.args)
    return found


def _ordered(rules: list[Statement], fixed: frozenset[sp.Symbol]) -> list[Step]:
    steps: list[Step] = []
    for group in _components(rules, fixed):
        if len(group) == 1 and not _reads_itself(group[0], fixed):
            steps.append(group[0])
        else:
            steps.append(_loop(group, fixed))
    return steps


def _components(rules: list[Statement], fixed: frozenset[sp.Symbol]) -> list[list[Statement]]:
    """Strongly connected components, in an order that respects the dependencies (Tarjan)."""
    writers: dict[str, list[int]] = {}
    for i, rule in enumerate(rules):
        writers.setdefault(rule.target, []).append(i)
    needs = [
        sorted(
            {
                k
                for name, _ in reads(rule.rhs)
                for k in writers.get(name, ())
                # A single statement writes all of it: whatever is read depends on that one.
                if (not fixed and len(writers[name]) == 1) or _depends(rule, rules[k], fixed)
            }
        )
        for rule in rules
    ]
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[Statement]] = []
    for root in range(len(rules)):
        if root in number:
            continue
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            node, position = work.pop()
            if position == 0:
                number[node] = low[node] = len(number)
                stack.append(node)
                on_stack.add(node)
            descended = False
            for i in range(position, len(needs[node])):
                other = needs[node][i]
                if other not in number:
                    work += [(node, i + 1), (other, 0)]
                    descended = True
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            if descended:
                continue
            if low[node] == number[node]:
                members = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    members.append(member)
                    if member == node:
                        break
                found.append([rules[m] for m in sorted(members)])
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[node])
    return found


def _depends(reader: Statement, writer: Statement, fixed: frozenset[sp.Symbol]) -> bool:
    """Whether some entry that `reader` reads may be one that `writer` writes (in this step)."""
    for name, indices in reads(reader.rhs):
        if name == writer.target and not any(
            _apart(place, own, reader, writer, fixed)
            for place, own in zip(indices, writer.indices, strict=False)
        ):
            return True
    return False


def _reads_itself(rule: Statement, fixed: frozenset[sp.Symbol]) -> bool:
    return any(name == rule.target for name, _ in reads(rule.rhs)) and _depends(rule, rule, fixed)


def _apart(
    place: sp.Expr, own: sp.Expr, reader: Statement, writer: Statement, fixed: frozenset[sp.Symbol]
) -> bool:
    """Whether two index expressions are certainly different."""
    if place.free_symbols & fixed and own.free_symbols & fixed:
        # Inside a loop both speak of the same step.
        return bool(sp.expand(place - own).is_nonzero)
    low, high = _span(place, reader, fixed)
    low_own, high_own = _span(own, writer, fixed)
    if low is None or high is None or low_own is None or high_own is None:
        return False
    return bool(sp.expand(low - high_own).is_positive or sp.expand(low_own - high).is_positive)


def _span(
    place: sp.Expr, rule: Statement, fixed: frozenset[sp.Symbol]
) -> tuple[sp.Expr | None, sp.Expr | None]:
    """The smallest and largest value of an index, where it is a letter plus a number or a size."""
    bounds = {x: (lo, up) for x, lo, up in rule.ranges}
    bound_here = {x: (lo, up) for s in rule.rhs.atoms(sp.Sum) for x, lo, up in s.limits}
    bounds.update({x: r for x, r in bound_here.items() if x not in bounds})
    low = high = place
    for letter in place.free_symbols:
        if letter in bounds:
            if sp.expand(place).coeff(letter) != 1:
                return None, None
            low = put(low, {letter: bounds[letter][0]})
            high = put(high, {letter: bounds[letter][1]})
    return sp.expand(low), sp.expand(high)


# --- loops ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Axis:
    """The place of the loop's letter in each quantity of a recurrence, and its direction."""

    places: dict[str, int]
    descending: bool


def _loop(group: list[Statement], fixed: frozenset[sp.Symbol]) -> Loop:
    names = {rule.target for rule in group}
    axis = _loop_axis(group, names, fixed)
    if axis is None:
        listed = ", ".join(sorted(printable(n) for n in names))
        raise UnsupportedForm(
            f"{listed} depend on each other in a circle that no loop over one index resolves",
            hint="a recurrence needs an index that only goes up or only goes down",
        )
    group = [_lettered(rule, axis.places) for rule in group]
    letter = _common_letter(group, axis)
    members: list[tuple[sp.Expr, sp.Expr, Statement]] = []
    for rule in group:
        own = rule.indices[axis.places[rule.target]]
        members.append(_aligned(rule, own, letter))
    lower = _extreme([m[0] for m in members], largest=False)
    upper = _extreme([m[1] for m in members], largest=True)
    inner = _ordered([m[2] for m in members], fixed | {letter})
    where = {id(m[2]): (m[0], m[1]) for m in members}
    body = []
    for step in inner:
        low, high = where[id(step)] if isinstance(step, Statement) else (lower, upper)
        body.append(Guarded(low, high, step))
    return Loop(letter, lower, upper, axis.descending, tuple(body))


def _aligned(
    rule: Statement, own: sp.Expr, letter: sp.Symbol
) -> tuple[sp.Expr, sp.Expr, Statement]:
    """The statement at the loop's letter: its range there, and itself without that range."""
    for x, lower, upper in rule.ranges:
        if x not in own.free_symbols:
            continue
        shift = sp.expand(own - x)
        inner = sp.expand(letter - shift)
        rest = tuple(r for r in rule.ranges if r[0] != x)
        changed = replace(
            rule,
            indices=tuple(put(i, {x: inner}) for i in rule.indices),
            rhs=put(rule.rhs, {x: inner}),
            ranges=rest,
        )
        return sp.expand(lower + shift), sp.expand(upper + shift), changed
    changed = replace(rule, rhs=rule.rhs)
    return own, own, changed


def _lettered(rule: Statement, places: dict[str, int]) -> Statement:
    """Where the step is fixed, t = 2, a read of step 1 is one of step t-1: the loop sees its direction."""
    own = rule.indices[places[rule.target]]
    for x, lower, upper in rule.ranges:
        if x not in own.free_symbols or lower != upper:
            continue
        at = put(own, {x: lower})
        where: dict[sp.Expr, sp.Expr] = {}
        for atom in rule.rhs.atoms(sp.Indexed):
            name = str(atom.base.label)
            if name not in places:
                continue
            place = atom.indices[places[name]]
            gap = sp.expand(place - at)
            if gap.is_Integer and x not in place.free_symbols:
                indices = list(atom.indices)
                indices[places[name]] = sp.expand(own + gap)
                where[atom] = atom.base[tuple(indices)]
        if where:
            # No renaming of bound letters: the entry keeps all its other letters.
            return replace(rule, rhs=rule.rhs.xreplace(where))
    return rule


def _common_letter(group: list[Statement], axis: _Axis) -> sp.Symbol:
    for rule in group:
        own = rule.indices[axis.places[rule.target]]
        for x, _, _ in rule.ranges:
            if x in own.free_symbols:
                return x
    raise AssertionError("a recurrence has a letter")


def _extreme(bounds: list[sp.Expr], largest: bool) -> sp.Expr:
    best = bounds[0]
    for other in bounds[1:]:
        gap = sp.expand(other - best)
        if (gap.is_nonnegative if largest else gap.is_nonpositive) and gap != 0:
            best = other
        elif not (gap.is_nonpositive if largest else gap.is_nonnegative):
            raise UnsupportedForm(
                f"cannot compare the bounds {printable(str(best))} and {printable(str(other))}"
            )
    return best


def _loop_axis(
    group: list[Statement], names: set[str], fixed: frozenset[sp.Symbol]
) -> _Axis | None:
    """Try every axis of the first quantity; follow its letter through the others."""
    first = group[0]
    for place, own in enumerate(first.indices):
        if own.free_symbols & fixed:
            continue
        places = _follow(group, names, first.target, place)
        if places is None:
            continue
        lettered = [_lettered(rule, places) for rule in group]
        direction = _direction(lettered, names, places)
        if direction is not None:
            return _Axis(places, direction)
    return None


def _follow(
    group: list[Statement], names: set[str], start: str, place: int
) -> dict[str, int] | None:
    places = {start: place}
    grown = True
    while grown:
        grown = False
        for rule in group:
            if rule.target in places:
                own = rule.indices[places[rule.target]]
                letters = own.free_symbols & {r[0] for r in rule.ranges}
                for name, indices in reads(rule.rhs):
                    if name not in names or name in places:
                        continue
                    for i, index in enumerate(indices):
                        if letters and index.free_symbols & letters:
                            places[name] = i
                            grown = True
                            break
            else:
                # The other way round: the statement reads a known quantity at its own letter.
                for name, indices in reads(rule.rhs):
                    if name not in places:
                        continue
                    letters = indices[places[name]].free_symbols
                    for i, index in enumerate(rule.indices):
                        if index.free_symbols & letters:
                            places[rule.target] = i
                            grown = True
                            break
                    if rule.target in places:
                        break
    return places if names <= set(places) else None


def _direction(group: list[Statement], names: set[str], places: dict[str, int]) -> bool | None:
    """True: descending; None: neither direction serves all reads."""
    earlier = later = False
    for rule in group:
        own = rule.indices[places[rule.target]]
        for name, indices in reads(rule.rhs):
            if name not in names:
                continue
            shift = sp.expand(indices[places[name]] - own)
            if not shift.is_Integer:
                return None
            earlier = earlier or shift < 0
            later = later or shift > 0
    if earlier == later:
        return None
    return later


def loop_letters(steps: Iterable[Step]) -> set[sp.Symbol]:
    """All letters of loops."""
    found: set[sp.Symbol] = set()
    for step in steps:
        if isinstance(step, Loop):
            found |= {step.letter} | loop_letters(g.step for g in step.body)
    return found


def ranges_of(rule: Statement) -> dict[sp.Symbol, tuple[sp.Expr, sp.Expr]]:
    """The range of each free letter of a statement."""
    return {x: (lo, up) for x, lo, up in rule.ranges}


__all__ = ["Range", "loop_letters", "ranges_of", "reads", "schedule"]
