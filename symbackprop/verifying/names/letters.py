"""Letters with a meaning of their own, and names as text: safe for a System, LaTeX for people."""

from __future__ import annotations

from symbackprop.formula.entries import FRESH
from symbackprop.formula.latex_writer import write
from symbackprop.formula.tree import Sym

CANDIDATES = frozenset("ijklmnopqrtcds") | {"tau", "ell"}
"""Letters that are taken for indices without a sum that binds them, unless they are quantities."""

CHANGE = "__change"
"""After the name of a quantity: a small change of it, which is free."""

SIZE_LETTERS = frozenset("LTNKMHDCBV") | {"n_l", "n_L", "n_y", "n_x", "n_h"}

COSTS = frozenset({"J", "L", "C", "E", "ell", "Loss", "loss", "F", "Q"}) | frozenset(
    f"mathcal {letter}" for letter in "JLCE"
)
"""Bases of symbols that are costs where they are differentiated."""


def safe_name(name: str) -> str:
    """A name that a System accepts: letters, digits, underscores; no two names fall together."""
    out = []
    for c in name:
        if c.isascii() and c.isalnum():
            out.append(c)
        else:
            out.append({"_": "_", "^": "_up", "'": "_prime", ".": "_total", "~": "_", "/": "_ar",
                        "[": "_", "]": "", "(": "_", ")": "", ",": "_", "+": "_plus", "-": "_minus",
                        "*": "_star"}.get(c, f"_u{ord(c):x}_"))  # fmt: skip
    text = "".join(out)
    if len(text) == 1:
        text += "_"  # a letter of its own: it must not fall together with an index letter
    return text if text[:1].isalpha() else f"q{text}"


def latex_of(s: Sym) -> str:
    """The symbol as LaTeX again, for messages."""
    return write(s, inline=True)


__all__ = ["CANDIDATES", "CHANGE", "COSTS", "FRESH", "SIZE_LETTERS", "latex_of", "safe_name"]
