r"""Probabilities of classes: `P(y = k \mid x; \theta)` is P_k, and `P(y^{(i)} = k \mid x^{(i)})` is P_k^{(i)}.

`P(o \mid c)`, of a word o where another is given, is P_o.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symbackprop.formula.lexer import Token
from symbackprop.formula.scripts import script_tokens
from symbackprop.formula.tree import Sym

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

PROBABILITIES = frozenset({"P", "p", "Pr"})
BAR = ("mid", "|", "vert")


def class_probability(p: Parser, body: Sym, first: int) -> Sym | None:
    """The entry that a bracket `(y = k | x)` means; None for any other bracket. Moves behind the bracket."""
    if body.base not in PROBABILITIES or body.sub or body.sup or not p.sees("("):
        return None
    opening = p.at
    closing = p.brackets.partner[opening]
    if not opening < closing < p.stop:
        return None
    inside = p.tokens[opening + 1 : closing]
    bar = next((k for k, t in enumerate(inside) if t.text in BAR), None)
    if bar is None:
        return None
    label, given = inside[:bar], inside[bar + 1 :]
    if _is_word(label) and _is_word(given):
        p.at = closing + 1
        return Sym(body.base, (label[0].text,), span=p.span(first))
    equal = next((k for k, t in enumerate(label) if t.text == "="), None)
    if equal is None or equal + 2 != len(label) or not given or given[0].text not in "xX":
        return None
    which = label[-1]
    if not (which.kind == "number" or (which.kind == "letter" and len(which.text) == 1)):
        return None
    marks = {_mark(label[1:equal]), _mark(given[1:])} - {()}
    if len(marks) > 1:
        return None
    p.at = closing + 1
    return Sym(body.base, (which.text,), next(iter(marks), ()), span=p.span(first))


def _is_word(tokens: Sequence[Token]) -> bool:
    """The o and the c of `P(o | c)`, words by their letters."""
    return len(tokens) == 1 and tokens[0].kind == "letter" and tokens[0].text.islower()


def _mark(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The `(i)` of `^{(i)} …`."""
    if len(tokens) < 3 or tokens[0].text != "^" or tokens[1].text != "{":
        return ()
    end = next((k for k, t in enumerate(tokens) if t.text == "}"), 0)
    return tuple(script_tokens(tokens[2:end]) or ())


__all__ = ["class_probability"]
