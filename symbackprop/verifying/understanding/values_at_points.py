r"""Slopes at a number: `\left.\frac{d\sigma}{dz}\right|_{z=0}` and `\sigma'(z)\Big|_{z=0}` are `\sigma'(0)`.

Only of a letter that the text applies: the slope of a function of one number. What else has a bar and a
point stays unread: a quantity at a point depends on what is kept fixed there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.formula.tree import Call, Formula, Neg, Num, Opaque
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

_LETTER = r"\\?(?P<%s>[A-Za-z]+)"
_BAR = (
    r"\s*(?:\\right|\\[bB]igg?[rlm]?)?\s*(?:\||\\r?vert)\s*_\s*\{?"
    r"\s*\\?(?P<at>[A-Za-z]+)\s*=\s*(?P<value>-?\s*\d+(?:\.\d+)?)\s*\}?\s*"
)
_D = r"(?:d|\\mathrm\s*\{?\s*d\s*\}?|\\partial)\s*"
_SLOPE = re.compile(
    r"\s*(?:\\left\s*\.)?\s*\\[dt]?frac\s*\{\s*" + _D + _LETTER % "of"
    + r"\s*(?:\(\s*\\?(?P<inner>[A-Za-z]+)\s*\))?\s*\}\s*\{\s*" + _D + _LETTER % "by" + r"\s*\}" + _BAR
)  # fmt: skip
_PRIMED = re.compile(
    r"\s*(?:\\left\s*\.)?\s*" + _LETTER % "of" + r"\s*(?P<primes>'+)\s*\(\s*" + _LETTER % "by" + r"\s*\)" + _BAR
)  # fmt: skip


def read_values_at_points(statements: Iterable[Statement]) -> None:
    """Reads the slopes of functions at a number."""
    statements = list(statements)
    applied = {n.name for s in statements for n in s.chain.walk() if isinstance(n, Call)}

    def change(n: Formula) -> Formula | None:
        return _slope(n, applied) if isinstance(n, Opaque) else None

    rewrite_all(statements, change)


def _slope(lost: Opaque, applied: set[str]) -> Formula | None:
    m = _SLOPE.fullmatch(lost.text) or _PRIMED.fullmatch(lost.text)
    if m is None or m["of"] not in applied or m["by"] != m["at"]:
        return None
    parts = m.groupdict()
    if parts.get("inner") not in (None, m["by"]):
        return None
    text = m["value"].replace(" ", "")
    number: Formula = Neg(Num(text[1:])) if text[0] == "-" else Num(text)
    return Call(m["of"], (number,), len(parts.get("primes") or "'"), span=lost.span)


__all__ = ["read_values_at_points"]
