"""Quantity <-> symbol: one notation a book, for writing and for reading.

    from symbackprop.notation import find, to_written
    to_written(formula, find("nielsen"), system)
"""

from symbackprop.notation.base import Alternative, Notation, Pattern
from symbackprop.notation.registry import find, names
from symbackprop.notation.rewriting import (
    function_names,
    settle,
    to_meant,
    to_written,
    written_range,
)
from symbackprop.notation.style import WritingStyle

__all__ = [
    "Alternative",
    "Notation",
    "Pattern",
    "WritingStyle",
    "find",
    "function_names",
    "names",
    "settle",
    "to_meant",
    "to_written",
    "written_range",
]
