r"""`\bar i_t, \bar f_t, …` for the pre-activations: an accent that names what a function is applied to.

Of `i_t = σ(W_i x_t + b_i)` the `\bar i_t` is the argument. A text that says so of several seldom writes all
their equations, so those that nothing defines are added.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.formula.tree import Array, Call, Ref, Sym
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Understanding

_WORDS = (
    r"(?:pre-?\s?activations?|pre-?\s?non-?linearit(?:y|ies)|(?:net|weighted|total)\s+inputs?"
    r"|arguments?\s+of\s+(?:the|these|those|their)|before\s+the\s+(?:nonlinearit|activation|sigmoid|squash))"
)
_BEHIND = re.compile(
    rf"[\s,$]*(?:(?:for|are|be|denotes?|is|stands?\s+for)\s+)?(?:the\s+)?[\w\s-]{{0,20}}\b{_WORDS}",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"\b{_WORDS}[^.;]{{0,40}}\b(?:by|as|are|with|call|denoted?|written|write)\s*$", re.IGNORECASE
)


def name_pre_activations(u: Understanding) -> None:
    """Adds the definitions of accented names that the prose says to be pre-activations."""
    accents = _said(u)
    if not accents:
        return
    table = u.resolver.symbols
    heads = {d.target: d for d in u.definitions}
    found: dict[str, Definition] = {}
    ranks = u.resolver.ranks
    stated = [s.chain for s in u.statements if s.chain.relations]
    for n in (n for c in stated for n in c.walk() if isinstance(n, Sym)):
        if n.accent not in accents:
            continue
        plain, own = table.resolve(replace(n, accent="")), table.resolve(n)
        of = heads.get(plain.name)
        if of is None or own.name in heads or own.name == plain.name or own.power is not None:
            continue
        if ranks.get(own.name, 0) != ranks.get(plain.name, 0):
            continue
        if isinstance(of.rhs, Call) and len(of.rhs.args) == 1 and not of.rhs.primes:
            argument = of.rhs.args[0]
            if not isinstance(argument, Ref | Array):
                found.setdefault(own.name, replace(of, target=own.name, rhs=argument))
    u.definitions.extend(found.values())


def _said(u: Understanding) -> set[str]:
    """The accents of symbols that stand alone beside such prose."""
    found: set[str] = set()
    for s in u.statements:
        if not s.chain.relations and isinstance(s.chain.members[0], Sym):
            accent = s.chain.members[0].accent
            if accent and (_BEHIND.match(s.piece.after) or _BEFORE.search(s.piece.before)):
                found.add(accent)
    return found


__all__ = ["name_pre_activations"]
