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
    inlined  values that one statement reads once, entry for entry: computed where they are read
    """

    start: tuple[Step, ...]
    each: tuple[Step, ...]
    grow: tuple[Statement, ...]
    sample: Range | None
    dropped: frozenset[str]
    inlined: dict[str, Statement]


def fuse(program: Program, steps: Sequence[Step], keep: set[str]) -> Fused:
    """One pass over the samples, if the program allows it."""
    single = read_once(steps, keep)
    left = tuple(s for s in steps if isinstance(s, Loop) or s.target not in single)
    whole = Fused(left, (), (), None, frozenset(), single)
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
    first = sample[0]
    at_sample = {
        name: rule if name not in carried else _moved(rule, first) for name, rule in single.items()
    }
    return Fused(
        tuple(s for s in start if isinstance(s, Loop) or s.target not in single),
        tuple(s for s in each if isinstance(s, Loop) or s.target not in single),
        tuple(grow),
        sample,
        frozenset(written),
        at_sample,
    )


def _moved(rule: Statement, letter: sp.Symbol) -> Statement:
    moved = _at_sample(rule, letter)
    assert isinstance(moved, Statement)
    return moved


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


def read_once(steps: Sequence[Step], keep: set[str]) -> dict[str, Statement]:
    """Values that one statement reads once, under no sum, at exactly its own letters."""
    counts: dict[str, int] = {}
    writes: dict[str, int] = {}
    for rule in statements(tuple(steps)):
        writes[rule.target] = writes.get(rule.target, 0) + 1
        for name, _ in reads(rule.rhs):
            counts[name] = counts.get(name, 0) + 1
    candidates: dict[str, Statement] = {}
    found: dict[str, Statement] = {}
    for step in steps:
        if isinstance(step, Loop):
            continue
        for name in _read_plainly(step, candidates):
            found[name] = candidates[name]
        if (
            counts.get(step.target) == 1
            and writes[step.target] == 1
            and step.target not in keep
            and step.ranges
            and all(isinstance(i, sp.Symbol) for i in step.indices)
        ):
            candidates[step.target] = step
    return found


def _read_plainly(rule: Statement, candidates: dict[str, Statement]) -> list[str]:
    """Which candidates the statement reads at exactly its own letters, outside sums."""
    atoms = rule.rhs.atoms(sp.Indexed)
    here = [a for a in atoms if str(a.base.label) in candidates]
    if not here:
        return []
    summed = {a for s in rule.rhs.atoms(sp.Sum) for a in s.function.atoms(sp.Indexed)}
    letters = {r[0]: r[1:] for r in rule.ranges}
    found = []
    for atom in here:
        source = candidates[str(atom.base.label)]
        own = {r[0]: r[1:] for r in source.ranges}
        if atom in summed or set(atom.indices) != set(letters):
            continue
        if len(atom.indices) == len(letters) and all(
            letters[x] == own.get(y) for x, y in zip(atom.indices, source.indices, strict=True)
        ):
            found.append(source.target)
    return found
