"""The network of a document with other costs: what is wrong here may be right for half squared error."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symbackprop.errors import SymbackpropError
from symbackprop.networks.costs import COSTS
from symbackprop.system.model import Quantity, System

NAMES = {"half-sse": "half squared error", "bce": "binary cross entropy", "ce": "cross entropy"}
"""Costs of the registry that are tried, as a reader calls them."""

Pair = tuple[sp.Expr, sp.Expr]
MOST_TERMS = 200
"""A cost that has more terms when multiplied out is left alone."""


def other_costs(system: System) -> dict[str, System]:
    """The same network with each other cost of its outputs and targets; empty where these are unclear.

    An output is what the cost reads and an equation defines; its target is what only the cost reads,
    in the same term. Terms without outputs (weight decay) stay.
    """
    own = [e for e in system.equations if e.target == system.cost]
    if len(own) != 1 or own[0].indices:
        return {}
    rhs = own[0].rhs
    if _terms_of(rhs) > MOST_TERMS:
        return {}
    terms = sp.Add.make_args(sp.expand_mul(rhs, deep=False))
    pairs: dict[Pair, None] = {}
    kept: list[sp.Expr] = []
    for term in terms:
        pair = _pair(term, system)
        if pair is None:
            if any(name in _inner(system) for name in _read(term)):
                return {}
            kept.append(term)
        else:
            pairs[pair] = None
    found: dict[str, System] = {}
    for name, words in NAMES.items():
        row = COSTS.get(name)
        if row is None or not pairs:
            continue
        parts = [row.sign * _over_axes(row.term(a, y), a, system) for a, y in pairs]
        total = sp.Add(*parts, *kept)
        equations = tuple(replace(e, rhs=total) if e is own[0] else e for e in system.equations)
        try:
            found[words] = replace(system, equations=equations)
        except SymbackpropError:
            continue
    return found


def _pair(term: sp.Expr, system: System) -> Pair | None:
    """The one output and the one target of a term, as entries at the letters of the output's axes."""
    names = _read(term)
    elsewhere = {n for e in system.equations if e.target != system.cost for n in _read(e.rhs)}
    outputs = [n for n in names if n in _inner(system)]
    targets = [n for n in names if n not in _inner(system) and n not in elsewhere]
    if len(outputs) != 1 or len(targets) != 1:
        return None
    a, y = system.by_name[outputs[0]], system.by_name[targets[0]]
    if [axis.upper for axis in a.axes] != [axis.upper for axis in y.axes] or len(a.axes) > 1:
        return None
    letters = a.indices
    return _entry(a, letters), _entry(y, letters)


def _inner(system: System) -> frozenset[str]:
    return frozenset(e.target for e in system.equations)


def _read(e: sp.Expr) -> list[str]:
    found = {str(x.base.label) for x in e.atoms(sp.Indexed)}
    found |= {s.name for s in e.free_symbols if s.is_Symbol and not s.is_integer}
    return sorted(found)


def _entry(q: Quantity, letters: tuple[sp.Symbol, ...]) -> sp.Expr:
    from symbackprop.system.model import entry

    return entry(q.name, *letters)


def _over_axes(term: sp.Expr, output: sp.Expr, system: System) -> sp.Expr:
    if not isinstance(output, sp.Indexed):
        return term
    axis = system.by_name[str(output.base.label)].axes[0]
    return sp.Sum(term, (axis.index, axis.lower, axis.upper))


def _terms_of(e: sp.Expr) -> int:
    """How many terms a product of sums has when it is multiplied out."""
    count = 1
    for factor in sp.Mul.make_args(e):
        base, exponent = factor.as_base_exp()
        if base.is_Add:
            times = abs(int(exponent)) if exponent.is_Integer else 1
            count *= len(base.args) ** min(times, 20)
    return count
