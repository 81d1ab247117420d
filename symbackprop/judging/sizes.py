"""Over which sizes a claim is judged, and when that proves it for all sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from symbackprop.formula import tree as t
from symbackprop.judging.judge import Court, Outcome, of_problem
from symbackprop.judging.problems import IllFormed, Problem
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import System

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim

DISTINCT = (3, 2, 4, 5)


def symbolic(system: System) -> tuple[list[str], list[str], list[str]]:
    """Names of the plain sizes, of the depth-like sizes (bounds of layer and time axes), of indexed widths."""
    plain: dict[str, None] = {}
    deep: dict[str, None] = {}
    widths: dict[str, None] = {}
    for q in system.quantities:
        for axis in q.axes:
            for bound in (axis.lower, axis.upper):
                for a in bound.atoms(sp.Indexed):
                    widths.setdefault(str(a.base.label))
                letters = {b.index for b in q.axes}
                for s in bound.free_symbols - letters:
                    if isinstance(s, sp.Symbol) and s.name not in widths:
                        (deep if axis.kind in ("layer", "time") else plain).setdefault(s.name)
    for s in system.sizes:
        if s.name not in deep and s.name not in widths:
            plain.setdefault(s.name)
    return [p for p in plain if p not in widths and p not in deep], list(deep), list(widths)


def trial_sizes(system: System) -> list[dict[str, int]]:
    """Small sizes to screen with: all different, then all equal; one empty choice for a concrete system."""
    plain, deep, widths = symbolic(system)
    if not plain and not deep and not widths:
        return [{}]
    found = []
    for depth, square in ((3, False), (2, True)):
        sizes: dict[str, int] = {}
        for k, name in enumerate(plain):
            sizes[name] = 2 if square else DISTINCT[k % len(DISTINCT)]
        for name in deep:
            sizes[name] = depth
        for name in widths:
            for l in range(depth + 1):
                sizes[f"{name}[{l}]"] = 2 if square else (3, 2, 4, 1)[l % 4]
        found.append(sizes)
    return found


def over_sizes(claim: Claim, members: Sequence[t.Formula]) -> list[Verdict]:
    """One verdict for each member after the first."""
    trials = trial_sizes(claim.judge.system)
    rounds: list[list[Outcome | Problem]] = []
    for sizes in trials:
        try:
            rounds.append(claim.at(claim.judge.court(sizes), members))
        except Problem as problem:
            rounds.append([problem] * (len(members) - 1))
    return [_verdict([r[k] for r in rounds], trials) for k in range(len(members) - 1)]


def _verdict(outcomes: list[Outcome | Problem], trials: list[dict[str, int]]) -> Verdict:
    for o in outcomes:
        if isinstance(o, IllFormed):
            return of_problem(o)
        if isinstance(o, Outcome) and o.kind == "refuted":
            return Verdict("refuted", reason="false at a sample", counterexample=o.counterexample)
    for o in outcomes:
        if isinstance(o, Problem):
            return of_problem(o)
    sound: list[Outcome] = [o for o in outcomes if isinstance(o, Outcome)]
    facts = tuple(dict.fromkeys(f for o in sound if o.proof for f in o.proof.facts))
    if trials == [{}]:
        return _one(sound[0], facts)
    listed = "; ".join(", ".join(f"{k}={v}" for k, v in s.items()) for s in trials)
    exact = all(o.kind == "proved" for o in sound)
    how = ("exact" if exact else "equal at samples") + f" at {listed}"
    return Verdict("agrees", how=how, facts=facts)


def _one(o: Outcome, facts: tuple[str, ...]) -> Verdict:
    if o.kind == "agrees":
        return Verdict("agrees", how=o.reason)
    how = "exact proof"
    if o.proof is not None and o.proof.kinks:
        how += ", except at points without a derivative"
    return Verdict("proved", how=how, reason=o.reason, facts=facts)


_ = (Any, Court)
