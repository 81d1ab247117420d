"""Entries as programs write them: `y[n] = b + sum_k w[k] x[n+k]`."""

from __future__ import annotations

import re

_ENTRY = re.compile(
    r"(?<![A-Za-z\\_^{])(?P<base>[a-zA-Z])\[\s*[a-z0-9](?:\s*(?:[-+]\s*)?[A-Za-z0-9])*\s*\]"
)
_WITH_LETTER = re.compile(r"(?<![A-Za-z\\_^{])(?P<base>[a-zA-Z])\[\s*(?P<index>[a-z])\s*\]")
_NO_ARRAYS = frozenset("EPVI")
"""Letters of expectations, probabilities, variances and indicators."""


def bracketed_entries(text: str) -> frozenset[str]:
    """The letters, where at least two stand with one index letter in brackets."""
    single = {m["base"] for m in _WITH_LETTER.finditer(text)} - _NO_ARRAYS
    if len(single) < 2:
        return frozenset()
    return frozenset({m["base"] for m in _ENTRY.finditer(text)} - _NO_ARRAYS)
