"""Statements rearranged for a target of loops: one pass over the samples, small values in place.

    for n:  z1[j], a1[j], ..., d.z1[j]        no sample axis is stored
            d.W1[j,k] += d.z1[j]*x[n,k]       sums over samples grow as the samples pass

Where a value of one sample needs a sum over all of them, the samples cannot pass one by one; then
the program is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symbackprop.calculus.letters import put
from symbackprop.export.program import Loop, Program, Range, Statement, Step, statements
from symbackprop.export.schedule import reads


@dataclass(frozen=True, slots=True)
class Fused:
    """start: before the samples; each: for one sample; grow: added to a sum by each sample.

    sample   the letter and range of the samples; None: everything is in `start`
    dropped  the arrays that need no sample axis
    """

    start: tuple[Step, ...]
    each: tuple[Step, ...]
    grow: tuple[Statement, ...]
    sample: Range | None
    dropped: frozenset[str]


def fuse(program: Program, steps: Sequence[Step], keep: set[str]) -> Fused:
    """One pass over the samples, if the program allows it."""
    steps = inlined(program, steps, keep)
    whole = Fused(tuple(steps), (), (), None, frozenset())
    sample = _sample_range(program)
    if sample is None:
        return whole
    carried = {
        name
        for name, array in program.arrays.items()
        if array.bounds and array.bounds[0] == sample[1:] and _is_sampled(program, name)
    }
    start: list[Step] = []
    each: list[Step] = []
    grow: list[Statement] = []
    grown: set[str] = set()
    for step in steps:
        rules = list(statements((step,)))
        sampled = [r.target in carried for r in rules]
        if any(_reads_any(r, grown) for r in rules):
            return whole
        if all(sampled):
            if not all(_one_sample(r, carried, sample) for r in rules):
                return whole
            each.append(_at_sample(step, sample[0]))
        elif any(sampled) or isinstance(step, Loop):
            return whole
        else:
            parts = _growing(step, carried, sample)
            if parts is None:
                return whole
            once, growing = parts
            start.append(once)
            grow += growing
            if growing:
                grown.add(step.target)
    written = {r.target for s in each for r in statements((s,))}
    return Fused(tuple(start), tuple(each), tuple(grow), sample, frozenset(written))


def _sample_range(program: Program) -> Range | None:
    for q in (*program.inputs, *program.targets):
        for axis in q.axes[:1]:
            if axis.kind == "sample":
                return axis.index, axis.lower, axis.upper
    return None


def _is_sampled(program: Program, name: str) -> bool:
    q = program.batched.by_name.get(name.removeprefix("d."))
    return q is None or (bool(q.axes) and q.axes[0].kind == "sample")


def _reads_any(rule: Statement, names: set[str]) -> bool:
    return any(name in names for name, _ in reads(rule.rhs))


def _one_sample(rule: Statement, carried: set[str], sample: Range) -> bool:
    """Whether the statement speaks of one sample only, by the letter of its first index."""
    letter = rule.indices[0]
    if not isinstance(letter, sp.Symbol) or (letter, *sample[1:]) not in rule.ranges:
        return False
    for name, indices in reads(rule.rhs):
        if name in carried and indices[0] != letter:
            return False
        if any(letter in i.free_symbols for i in indices[name in carried :]):
            return False
    return all(letter != limit[0] for s in rule.rhs.atoms(sp.Sum) for limit in s.limits)


def _at_sample(step: Step, letter: sp.Symbol) -> Step:
    """The statement without the range of the sample's letter, which becomes `letter`."""
    if isinstance(step, Loop):
        body = tuple(replace(g, step=_at_sample(g.step, letter)) for g in step.body)
        return replace(step, body=body)
    own = step.indices[0]
    changed = put(step.rhs, {own: letter}) if own != letter else step.rhs
    return replace(
        step,
        indices=(letter, *step.indices[1:]),
        rhs=changed,
        ranges=tuple(r for r in step.ranges if r[0] != own),
    )


def _growing(
    rule: Statement, carried: set[str], sample: Range
) -> tuple[Statement, list[Statement]] | None:
    """What is known before the samples, and what each sample adds; None if it does not split."""
    once: list[sp.Expr] = []
    found: list[Statement] = []
    for term in _terms(rule.rhs):
        names = {name for name, _ in reads(term)}
        if not names & carried:
            once.append(term)
            continue
        sums = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.Sum)]
        if len(sums) != 1:
            return None
        rest = term / sums[0]
        if {name for name, _ in reads(rest)} & carried:
            return None
        over = [x for x in sums[0].limits if tuple(x[1:]) == sample[1:]]
        over = [x for x in over if _is_sample_letter(sums[0], x[0], carried)]
        if len(over) != 1:
            return None
        others = [x for x in sums[0].limits if x is not over[0]]
        body = put(sums[0].function, {over[0][0]: sample[0]})
        if others:
            body = sp.Sum(body, *others)
        piece = Statement(rule.target, rule.indices, rule.ranges, rest * body, rule.note)
        if not all(
            indices[0] == sample[0] for name, indices in reads(piece.rhs) if name in carried
        ):
            return None
        found.append(piece)
    return replace(rule, rhs=sp.Add(*once)), found


def _terms(expr: sp.Expr) -> list[sp.Expr]:
    """The terms of a sum; a product of something with a sum of sums is multiplied out."""
    found: list[sp.Expr] = []
    for term in sp.Add.make_args(expr):
        if term.is_Mul and any(f.is_Add and f.has(sp.Sum) for f in term.args):
            found += sp.Add.make_args(sp.expand_mul(term, deep=False))
        else:
            found.append(term)
    return found


def _is_sample_letter(total: sp.Sum, letter: sp.Symbol, carried: set[str]) -> bool:
    return any(
        str(a.base.label) in carried and a.indices[0] == letter
        for a in total.function.atoms(sp.Indexed)
    )


# --- values that are read once --------------------------------------------------------------


def inlined(program: Program, steps: Sequence[Step], keep: set[str]) -> list[Step]:
    """A value that one statement reads once, entry for entry, is computed where it is read."""
    current = list(steps)
    counts: dict[str, int] = {}
    writes: dict[str, int] = {}
    for rule in statements(tuple(current)):
        writes[rule.target] = writes.get(rule.target, 0) + 1
        for name, _ in reads(rule.rhs):
            counts[name] = counts.get(name, 0) + 1
    waiting: dict[str, Statement] = {}
    result: list[Step] = []
    for step in current:
        if isinstance(step, Loop):
            result.append(step)
            continue
        rule = _with_waiting(step, waiting)
        if (
            counts.get(rule.target) == 1
            and writes[rule.target] == 1
            and rule.target not in keep
            and rule.ranges
            and all(isinstance(i, sp.Symbol) for i in rule.indices)
        ):
            waiting[rule.target] = rule
        result.append(rule)
    used = {name for rule in statements(tuple(result)) for name, _ in reads(rule.rhs)}
    return [
        s
        for s in result
        if isinstance(s, Loop) or s.target in used or s.target in keep or s.target not in waiting
    ]


def _with_waiting(rule: Statement, waiting: dict[str, Statement]) -> Statement:
    """Entries that wait are put in, where the reader has exactly their letters and no sum."""
    summed = {a for s in rule.rhs.atoms(sp.Sum) for a in s.function.atoms(sp.Indexed)}
    where: dict[sp.Expr, sp.Expr] = {}
    letters = {r[0]: r[1:] for r in rule.ranges}
    for atom in rule.rhs.atoms(sp.Indexed):
        source = waiting.get(str(atom.base.label))
        if source is None or atom in summed or len(atom.indices) != len(letters):
            continue
        own = {r[0]: r[1:] for r in source.ranges}
        if all(
            letters.get(here) == own.get(there)
            for here, there in zip(atom.indices, source.indices, strict=True)
        ) and set(atom.indices) == set(letters):
            where[atom] = put(source.rhs, dict(zip(source.indices, atom.indices, strict=True)))
    if not where:
        return rule
    used = dict.fromkeys(waiting[str(atom.base.label)].note for atom in where)
    return replace(rule, rhs=rule.rhs.xreplace(where), note="\n".join((*used, rule.note)))
