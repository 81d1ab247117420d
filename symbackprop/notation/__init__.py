"""Quantity <-> symbol: one notation a book, for writing and for reading.

from symbackprop.notation import find, to_written
to_written(formula, find("nielsen"), system)
"""

from symbackprop.notation.base import Alternative, Notation, Pattern
from symbackprop.notation.hints import reading_hints, writing_style
from symbackprop.notation.registry import find, names
from symbackprop.notation.rewriting import (
    function_names,
    output_symbol,
    to_meant,
    to_written,
)
from symbackprop.notation.settling import settle, written_range
from symbackprop.notation.style import WritingStyle

__all__ = [
    "Alternative",
    "Notation",
    "Pattern",
    "WritingStyle",
    "find",
    "function_names",
    "names",
    "output_symbol",
    "reading_hints",
    "settle",
    "to_meant",
    "to_written",
    "writing_style",
    "written_range",
]
