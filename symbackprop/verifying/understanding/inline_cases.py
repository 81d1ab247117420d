r"""Cases on one line: `H(u) = 1 \text{ if } u > 0 \text{ else } 0`, with "otherwise" or "and 0 otherwise".

They are read as the two rows of `cases`. What stands where in the line is lost with that: no part of
such a statement is pointed at, only the whole.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

from symbackprop.formula.tree import Chain, Formula

_IF = r"(?:\\q?quad|\\[,;: ]|~|\s|,)*\\(?:text|mathrm|textrm|mbox)\s*\{{\s*,?\s*{}\s*\}}(?:\\[,;: ]|~|\s)*"
_WHEN = _IF.format(r"(?:if|when|for|wenn|falls)")
_ELSE = _IF.format(r"(?:;\s*)?(?:else|otherwise|and|or|sonst)")
_AFTER = _IF.format(r"(?:otherwise|else|sonst)")
_VALUE = r"(?:(?!\\\\|&|=|\\begin|\\text|\\mathrm|\\qquad|\\quad).)+?"
_ONE_LINE = re.compile(
    rf"(?P<head>^[^=&]*?=\s*)(?P<first>{_VALUE}){_WHEN}(?P<when>{_VALUE})"
    rf"{_ELSE}(?P<other>{_VALUE})(?:{_AFTER})?(?P<end>\s*[.,;]?\s*)$",
    re.DOTALL,
)


def with_cases(latex: str) -> str | None:
    r"""The formula with `\begin{cases}`; None where it is none of cases on one line."""
    if "\\text" not in latex and "\\m" not in latex:
        return None
    found = _ONE_LINE.match(latex)
    if found is None:
        return None
    rows = (
        rf"{found['first']} & \text{{if }} {found['when']} \\ {found['other']} & \text{{otherwise}}"
    )
    return rf"{found['head']}\begin{{cases}} {rows} \end{{cases}}{found['end']}"


def without_places(chain: Chain) -> Chain:
    """The same with no word on where its parts stand."""
    new = _bare(chain)
    assert isinstance(new, Chain)
    return new


def _bare(f: Formula) -> Formula:
    parts: dict[str, Any] = {x.name: _bare_part(getattr(f, x.name)) for x in fields(f)}
    return replace(f, **{**parts, "span": None})


def _bare_part(part: object) -> object:
    if isinstance(part, Formula):
        return _bare(part)
    return tuple(map(_bare_part, part)) if isinstance(part, tuple) else part
