"""Sums split into terms; adjoints that are 0 or one number put into the others."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symbackprop.export.program import Statement
from symbackprop.export.stable import bottom_up
from symbackprop.system.model import ADJOINT, System


def split_sums(expr: sp.Expr) -> sp.Expr:
    """sum(p + q) = sum(p) + sum(q), and a number times a sum of terms multiplied out."""

    def change(node: sp.Expr) -> sp.Expr:
        if isinstance(node, sp.Sum) and node.function.is_Add:
            return sp.Add(*(change(sp.Sum(t, *node.limits)) for t in node.function.args))
        if isinstance(node, sp.Sum):
            coefficient, rest = node.function.as_coeff_Mul()
            if coefficient != 1 and not rest.is_Add:
                return sp.Mul(coefficient, sp.Sum(rest, *node.limits))
        if node.is_Mul and any(a.is_Add and a.has(sp.Sum) for a in node.args):
            number, rest = node.as_coeff_Mul()
            if rest.is_Add:
                return sp.Add(*(number * t for t in rest.args))
        return node

    return bottom_up(expr, change) if expr.has(sp.Sum) else expr


def without_zeros(rules: list[Statement]) -> list[Statement]:
    """Adjoints that are 0 everywhere vanish from the others."""
    zero = {r.target for r in rules} - {r.target for r in rules if r.rhs != 0}
    while zero:
        changed = []
        for r in rules:
            if r.target in zero:
                # A parameter without influence still has a gradient, of zeros.
                changed.append(replace(r, rhs=sp.S.Zero))
                continue
            gone = {
                a: sp.S.Zero
                for a in (*r.rhs.atoms(sp.Indexed), *r.rhs.atoms(sp.Symbol))
                if (str(a.base.label) if isinstance(a, sp.Indexed) else a.name) in zero
            }
            changed.append(replace(r, rhs=_vanished(r.rhs, gone)) if gone else r)
        rules = changed
        now = {r.target for r in rules} - {r.target for r in rules if r.rhs != 0}
        if now == zero:
            break
        zero = now
    return rules


def without_constants(rules: list[Statement], system: System) -> list[Statement]:
    """Adjoints that are one number everywhere are put into the others as that number."""
    cases: dict[str, list[Statement]] = {}
    for r in rules:
        cases.setdefault(r.target, []).append(r)
    parameters = {ADJOINT + q.name for q in (*system.parameters, *system.inputs)}
    numbers = {
        name: rs[0].rhs
        for name, rs in cases.items()
        if len(rs) == 1 and rs[0].rhs.is_Number and name not in parameters
    }
    if not numbers:
        return rules
    changed = []
    for r in rules:
        where = {
            a: numbers[name]
            for a in (*r.rhs.atoms(sp.Indexed), *r.rhs.atoms(sp.Symbol))
            if (name := str(a.base.label) if isinstance(a, sp.Indexed) else a.name) in numbers
        }
        changed.append(replace(r, rhs=r.rhs.xreplace(where)) if where else r)
    return changed


def _vanished(expr: sp.Expr, gone: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    def change(node: sp.Expr) -> sp.Expr:
        if node in gone:
            return sp.S.Zero
        if isinstance(node, sp.Sum) and node.function == 0:
            return sp.S.Zero
        return node

    return bottom_up(expr, change)
