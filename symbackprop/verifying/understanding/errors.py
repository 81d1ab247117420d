"""Named errors: letters that stand for the derivative of the cost by a quantity."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Deriv, Grad, Ref
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import (
    Understanding,
    base_letter,
    has_derivative,
    names_of,
)


def find_errors(u: Understanding) -> None:
    """Named errors: a delta that is said to be a derivative at one layer is it at every layer."""
    kept: list[Definition] = []
    parts = _costs_of_costs(u)
    for d in u.definitions:
        rhs = d.rhs
        if isinstance(rhs, Deriv | Grad) and isinstance(rhs.of, Ref) and rhs.of.name in parts:
            kept.append(d)
            continue
        if (
            isinstance(rhs, Deriv | Grad)
            and isinstance(rhs.of, Ref)
            and isinstance(rhs.by, Ref | Array)
            and len(rhs.by.indices) == len(d.indices)
            and rhs.by.indices == d.indices
            and not rhs.of.indices
        ):
            u.errors.setdefault(d.target, rhs.by.name)
        kept.append(d)
    for s in u.statements:
        if s.meant is None or s.sort == "remark":
            continue
        head = s.meant.members[0]
        if not isinstance(head, Ref | Array) or not base_letter(head, u).startswith("delta"):
            continue
        for m in s.meant.members[1:]:
            if (
                isinstance(m, Deriv | Grad)
                and isinstance(m.of, Ref)
                and not m.of.indices
                and isinstance(m.by, Ref | Array)
                and m.by.indices == head.indices
                and head.indices
            ):
                u.errors.setdefault(head.name, m.by.name)
    u.definitions[:] = kept
    _claim_values(u)


def _costs_of_costs(u: Understanding) -> set[str]:
    """The H of `L = R + α H` where errors of both are named: `g = ∂H/∂s` is none of L."""
    of = {
        d.rhs.of.name
        for d in u.definitions
        if isinstance(d.rhs, Deriv | Grad) and isinstance(d.rhs.of, Ref) and not d.rhs.of.indices
    }
    if len(of) < 2:
        return set()
    return {
        n for d in u.definitions if d.target in of and not d.indices for n in names_of(d.rhs)
    } & of


def _claim_values(u: Understanding) -> None:
    """`δ^L = …` where δ^l is said to be `∂C/∂z^l`: what it is equal to is claimed, not defined."""
    for s in u.statements:
        if s.meant is None or not s.defines or s.sort != "definition":
            continue
        if all(d.target in u.errors and d.indices and not has_derivative(d.rhs) for d in s.defines):
            gone = {id(d) for d in s.defines}
            u.definitions[:] = [d for d in u.definitions if id(d) not in gone]
            s.defines.clear()
            s.sort = "claim"
