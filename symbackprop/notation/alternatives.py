r"""Other forms in which a book writes the same: `a - y` as `-(y - a)`, `\delta a` as `a \delta`.

A form is data (`base.Alternative`): a usual and another formula with metavariables `Sym("?name")`.
Some names say what they stand for: 'output', 'target', 'value', 'weight', 'error'; any other stands
for anything. That both are equal is a claim; a judge proves it wherever it is used.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.formula.tree import Add, Chain, Deriv, Formula, Mul, Ref, Sym
from symbackprop.notation.base import Alternative, telling_entry
from symbackprop.notation.slots import ERROR, Network, role_of, slot_of
from symbackprop.system.model import ADJOINT

KINDS: Mapping[str, tuple[str, ...]] = {
    "output": ("activation",),
    "target": ("target",),
    "value": ("activation", "input"),
    "weight": ("weight",),
    "error": (ERROR + "pre-activation", ERROR + "activation"),
}
"""Roles of the entries for which a metavariable of that name stands."""

Found = dict[str, Formula]


def in_other_form(formula: Formula, alternative: Alternative, system: Network) -> Formula:
    """The (meant) formula with the alternative used wherever its usual form stands."""

    def change(node: Formula) -> Formula | None:
        found = match(alternative.usual, node, system)
        if found is None:
            return _inside(node)
        return _put(alternative.instead, found)

    def _inside(node: Formula) -> Formula | None:
        """Two neighbours of a longer sum or product may have the usual form."""
        if not isinstance(node, Add | Mul) or type(node) is not type(alternative.usual):
            return None
        parts = list(node.children())
        size = len(alternative.usual.children())
        for at in range(len(parts) - size + 1):
            if at == 0 and size == len(parts):
                continue
            piece = type(node)(tuple(parts[at : at + size]))
            found = match(alternative.usual, piece, system)
            if found is not None:
                new = _put(alternative.instead, found)
                inner = list(new.children()) if type(new) is type(node) else [new]
                return type(node)(tuple(parts[:at] + inner + parts[at + size :]))
        return None

    return formula.rewrite(change)


def match(pattern: Formula, formula: Formula, system: Network) -> Found | None:
    """What the metavariables of the pattern stand for, if the formula has its form."""
    found: Found = {}
    return found if _match(pattern, formula, found, system) else None


def _match(pattern: Formula, formula: Formula, found: Found, system: Network) -> bool:
    if isinstance(pattern, Sym) and pattern.base.startswith("?"):
        name = pattern.base[1:]
        if name in found:
            return found[name] == formula
        if name in KINDS and _role(formula, system) not in KINDS[name]:
            return False
        found[name] = formula
        return True
    if type(pattern) is not type(formula):
        return False
    ours, theirs = pattern.children(), formula.children()
    if not ours:
        return pattern == formula
    return len(ours) == len(theirs) and all(
        _match(p, f, found, system) for p, f in zip(ours, theirs, strict=True)
    )


def _role(formula: Formula, system: Network) -> str:
    """The role of an entry; a derivative of the cost is an error as well."""
    if isinstance(formula, Ref) and formula.name.removeprefix(ADJOINT) in system.by_name:
        return slot_of(formula, system).role
    if isinstance(formula, Deriv) and isinstance(formula.by, Ref):
        of = formula.of
        cost = system.by_name.get(of.name) if isinstance(of, Ref) else None
        if cost is not None and cost.role == "cost":
            return ERROR + _role(formula.by, system)
    return ""


def _put(pattern: Formula, found: Found) -> Formula:
    def change(node: Formula) -> Formula | None:
        return found[node.base[1:]] if isinstance(node, Sym) and node.base[1:] in found else None

    return pattern.rewrite(change)


def claim(alternative: Alternative, system: Network) -> Chain | None:
    """usual = other form, for entries of this network: what a judge has to prove.

    None if the network has no entries of the kinds that the metavariables name.
    """
    found: Found = {}
    for node in alternative.usual.walk():
        if not isinstance(node, Sym) or not node.base.startswith("?") or node.base[1:] in found:
            continue
        name = node.base[1:]
        entry = _entry(name, system, taken=tuple(found.values()))
        if entry is None:
            return None
        found[name] = entry
    usual, instead = (_put(side, found) for side in (alternative.usual, alternative.instead))
    return Chain((usual, instead), ("=",))


def _entry(name: str, system: Network, taken: tuple[Formula, ...]) -> Ref | None:
    """The last entry of a fitting quantity that is not taken yet."""
    roles = KINDS.get(name, ("activation", "input"))
    adjoint = roles[0].startswith(ERROR)
    for role in roles:
        for quantity in reversed(system.quantities):
            if role_of(quantity) == role.removeprefix(ERROR):
                entry = telling_entry(quantity)
                if adjoint:
                    entry = Ref(ADJOINT + entry.name, entry.indices)
                if entry not in taken:
                    return entry
    return None
