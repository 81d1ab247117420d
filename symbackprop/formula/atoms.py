"""Atoms: what a factor begins with. One small function for each kind of beginning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.derivatives import differential, fraction, inline, short_derivative
from symbackprop.formula.enclosures import bars, braces, bracket, curly, indicator, norm, root
from symbackprop.formula.environments import environment
from symbackprop.formula.gradients import nabla
from symbackprop.formula.sums import big_operator
from symbackprop.formula.tree import (
    Formula,
    Num,
    Opaque,
    Span,
    Sym,
)

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

FUNCTION_NAMES = frozenset({*abc.BUILTINS, *abc.WORD_FUNCTIONS})
COMMANDS = frozenset(
    {
        "frac", "sqrt", "sum", "prod", "partial", "nabla", "pdv", "dv", "d", "indicator", "Vert",
        "lVert",
        "lvert", "lbrace", "ldots", "cdots", "vdots", "ddots", *abc.ACCENTS,
        *FUNCTION_NAMES,
    }
)  # fmt: skip
"""Commands that begin a factor."""


def atom(p: Parser) -> Formula:
    """The factor that begins here, without its scripts."""
    token = p.peek()
    if token.text in ("d", "partial"):
        found = inline(p)
        if found is not None:
            return found
    match token.kind:
        case "letter" | "run" | "word":
            return symbol(p)
        case "number":
            if len(token.text) > 40:
                p.fail("a number of more than 40 digits")
            p.at += 1
            return Num(token.text, span=Span(token.start, token.end))
        case "begin":
            return environment(p)
        case "char":
            if token.text in "([":
                return bracket(p)
            if token.text == "{":
                return braces(p)
            if token.text == "|":
                return bars(p)
        case "cmd":
            handler = HANDLERS.get(token.text)
            if handler is not None:
                return handler(p)
            if token.text in FUNCTION_NAMES:
                p.at += 1
                return Sym("\\" + _function(token.text), span=Span(token.start, token.end))
    if token.kind == "end of input":
        p.fail("the formula stops here")
    p.fail(f"'{token.text}' is not understood")


def _function(name: str) -> str:
    return abc.BUILTINS.get(name) or abc.WORD_FUNCTIONS[name]


# --- symbols ----------------------------------------------------------------------------------


def symbol(p: Parser) -> Formula:
    """A name: one letter, or several that the hints or the writing make one.

    A known function comes back as Sym with a backslash before its name; `postfix` applies it.
    """
    first = p.at
    if p.peek().text in ("Sigma", "Pi") and _has_bounds(p):
        return big_operator(p)
    token = p.next()
    if token.kind in ("run", "word"):
        if token.text in FUNCTION_NAMES:
            return Sym("\\" + _function(token.text), span=p.span(first))
        name = token.text
        if token.kind == "run":
            name = _longest(p, first) or name + _digits(p)
        return Sym(name, span=p.span(first))
    text = token.text
    if text in p.hints.prefixes and p.peek().kind in ("letter", "word", "run"):
        name = p.next().text
        return Sym(f"{text} {name}{_digits(p)}", span=p.span(first))
    if text in p.hints.prefixes and p.sees("{") and _one_letter(p):
        name = p.tokens[p.at + 1].text
        p.at += 3
        return Sym(f"{text} {name}", span=p.span(first))
    if len(text) == 1 and text.isascii():
        name = _longest(p, first)
        if name:
            return Sym(name, span=p.span(first))
        if text == "d" and _differential_follows(p, first):
            if p.hints.differentials == "name":
                if p.peek().text in abc.ACCENTS or p.sees("{"):
                    body = p.braced(lambda: accent(p)) if p.sees("{") else accent(p)
                    assert isinstance(body, Sym)
                    return replace(body, base=f"d{body.base}", span=p.span(first))
                return Sym("d" + p.next().text + _digits(p), span=p.span(first))
            if p.hints.differentials == "differential":
                p.at = first
                return differential(p)
        return Sym(text + _digits(p), span=p.span(first))
    return Sym(text, span=p.span(first))


def _has_bounds(p: Parser) -> bool:
    r"""`\\Sigma_{i=1}^m`, `\\Sigma^m_{i=1}`: the letter as the sign of a sum."""
    at = p.at + 1
    for _ in range(2):
        if at + 1 >= p.stop or p.tokens[at].text not in "^_":
            return False
        braced = p.tokens[at + 1].text == "{"
        end = p.brackets.partner[at + 1] if braced else at + 1
        if p.tokens[at].text == "_" and any(t.text == "=" for t in p.tokens[at + 1 : end + 1]):
            return True
        at = end + 1
    return False


def _longest(p: Parser, first: int) -> str:
    """The longest run of touching letters and digits from `first` that the hints call one name."""
    if not p.hints.names:
        return ""
    best, text, at, limit = 0, "", first, max(map(len, p.hints.names))
    while at < p.stop and p.tokens[at].kind in ("letter", "run", "number"):
        if at > first and p.tokens[at].start != p.tokens[at - 1].end:
            break
        text += p.tokens[at].text
        at += 1
        if len(text) > limit:
            break
        if text in p.hints.names:
            best = at
    if best <= first + 1 and not (best and p.tokens[first].kind == "run"):
        return ""
    p.at = best
    return "".join(t.text for t in p.tokens[first:best])


def _digits(p: Parser) -> str:
    token = p.peek()
    if (
        p.hints.letter_digits
        and token.kind == "number"
        and token.start == p.tokens[p.at - 1].end
        and token.text.isdigit()
    ):
        p.at += 1
        return token.text
    return ""


def _differential_follows(p: Parser, first: int) -> bool:
    token = p.peek()
    before = p.tokens[first - 1] if first else None
    after = p.tokens[p.at + 1] if token.text == "{" and p.at + 1 < p.stop else token
    accented = after.text in abc.ACCENTS and p.hints.differentials == "name"
    return (
        (token.kind == "letter" or accented)
        and token.start == p.tokens[first].end
        and not (before and before.kind == "letter" and before.end == p.tokens[first].start)
    )


def _one_letter(p: Parser) -> bool:
    return p.brackets.partner[p.at] == p.at + 2 and p.tokens[p.at + 1].kind in ("letter", "word")


def accent(p: Parser) -> Formula:
    first = p.at
    name = abc.ACCENTS[p.next().text]
    body = p.argument()
    if not isinstance(body, Sym) or body.accent or body.base.startswith("\\"):
        p.fail("an accent over something else than a symbol", p.tokens[first])
    return Sym(body.base, body.sub, body.sup, body.primes, name, span=p.span(first))


def ellipsis(p: Parser) -> Formula:
    token = p.next()
    return Opaque("\\" + token.text, "an ellipsis", span=Span(token.start, token.end))


HANDLERS: dict[str, Callable[[Parser], Formula]] = {
    "frac": fraction,
    "sqrt": root,
    "sum": big_operator,
    "prod": big_operator,
    "partial": differential,
    "d": differential,
    "nabla": nabla,
    "pdv": short_derivative,
    "dv": short_derivative,
    "indicator": indicator,
    "Vert": norm,
    "lVert": norm,
    "lvert": bars,
    "lbrace": curly,
    "ldots": ellipsis,
    "cdots": ellipsis,
    "vdots": ellipsis,
    "ddots": ellipsis,
    **dict.fromkeys(abc.ACCENTS, accent),
}
