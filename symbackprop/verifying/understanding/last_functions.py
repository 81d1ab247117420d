r"""The function of the last layer: `A^{[l]} = g^{[l]}(Z^{[l]})` beside a `g^{[L]}` that is another one.

What is said of any layer with its function is said of the last one with the function of the last.
"""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.formula.tree import Call, Formula, Idx
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Understanding, has_derivative

LAST = "L"
_LETTER = re.compile(r"(?<![A-Za-z\\])(?:l|ell)(?![A-Za-z])")


def of_last_layer(name: str) -> str:
    r"""`g^{[L]}` for `g^{[l]}`, `g_{L}` for `g_{l}`; "" for a function without the letter of a layer."""
    at = min((i for i in (name.find("^"), name.find("_")) if i > 0), default=0)
    scripts, count = _LETTER.subn(LAST, name[at:]) if at else ("", 0)
    return name[:at] + scripts if count == 1 else ""


def define_last_layer(u: Understanding) -> None:
    """Adds, for what a function of layer l computes, the same for the last layer with its own function."""
    called = {n.name for s in u.statements for n in s.chain.walk() if isinstance(n, Call)}
    for d in list(u.definitions):
        letter = d.indices[0] if d.indices else None
        if not isinstance(letter, Idx) or letter.name not in ("l", "ell") or has_derivative(d.rhs):
            continue
        names = {n.name for n in d.rhs.walk() if isinstance(n, Call)}
        own = {name: last for name in names if (last := of_last_layer(name)) in called}
        at_last = (Idx(LAST), *d.indices[1:])
        if not own or any(
            (o.target, o.indices[:1]) == (d.target, at_last[:1]) for o in u.definitions
        ):
            continue
        rhs = _at_last(d.rhs, letter, own)
        u.definitions.append(Definition(d.target, at_last, d.whole, rhs, d.place, d.label, d.weak))


def _at_last(rhs: Formula, letter: Idx, own: dict[str, str]) -> Formula:
    def change(n: Formula) -> Formula | None:
        if n == letter:
            return Idx(LAST)
        if isinstance(n, Call) and n.name in own:
            return replace(n, name=own[n.name], args=tuple(a.rewrite(change) for a in n.args))
        return None

    return rhs.rewrite(change)


__all__ = ["define_last_layer", "of_last_layer"]
