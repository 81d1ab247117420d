"""Atoms: what a factor begins with. One small function for each kind of beginning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.derivatives import differential, fraction, nabla, short_derivative
from symbackprop.formula.environments import environment
from symbackprop.formula.sums import big_operator
from symbackprop.formula.tree import (
    Bracket,
    Call,
    Chain,
    Formula,
    Norm,
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
    token = p.next()
    if token.kind in ("run", "word"):
        if token.text in FUNCTION_NAMES:
            return Sym("\\" + _function(token.text), span=p.span(first))
        if token.kind == "run":
            name = _longest(p, first) or token.text + _digits(p)
        else:
            name = token.text
        return Sym(name, span=p.span(first))
    text = token.text
    if text in p.hints.prefixes and p.peek().kind in ("letter", "word", "run"):
        return Sym(f"{text} {p.next().text}", span=p.span(first))
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
                return Sym("d" + p.next().text + _digits(p), span=p.span(first))
            if p.hints.differentials == "differential":
                p.at = first
                return differential(p)
        return Sym(text + _digits(p), span=p.span(first))
    return Sym(text, span=p.span(first))


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
    return (
        token.kind == "letter"
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


# --- brackets ---------------------------------------------------------------------------------


def listed(p: Parser, start: int, stop: int) -> list[Formula]:
    """The parts of tokens[start:stop] between commas (also ; and |), each an expression."""
    level = p.brackets.depth[start - 1] + 1
    parts: list[Formula] = []
    begin = start
    for i in range(start, stop + 1):
        token = p.tokens[i]
        cut = i == stop or (
            token.kind == "char" and token.text in ",;" and p.brackets.depth[i] == level
        )
        if cut:
            if begin == i:
                p.fail("an entry of this list is missing", token)
            parts.append(p.within(begin, i, p.expression))
            begin = i + 1
    return parts


def bracket(p: Parser) -> Formula:
    """(…) or […]: a group, a list, or the bracket [m = j] that is 1 or 0."""
    opening = p.at
    start, stop = p.group(opening)
    kinds = p.tokens[opening].text + p.tokens[stop].text
    if start == stop:
        p.fail("empty brackets", p.tokens[opening])
    if opening in p.brackets.commas:
        parts = listed(p, start, stop)
        p.at = stop + 1
        name = {"()": "tuple", "[]": "list"}.get(kinds, "interval")
        return Call(name, tuple(parts), span=p.span(opening))
    if kinds not in ("()", "[]"):
        p.fail("this bracket is closed by one of another kind", p.tokens[opening])
    if kinds == "[]" and _relation_inside(p, start, stop):
        body: Formula = Bracket(condition(p, start, stop))
    else:
        body = p.within(start, stop, p.expression)
    p.at = stop + 1
    return body


def _relation_inside(p: Parser, start: int, stop: int) -> bool:
    level = p.brackets.depth[start - 1] + 1
    return any(
        p.tokens[i].text in abc.RELATIONS
        and p.tokens[i].kind in ("char", "cmd")
        and p.brackets.depth[i] == level
        for i in range(start, stop)
    )


def condition(p: Parser, start: int, stop: int) -> Formula:
    """A chain of relations in tokens[start:stop]."""
    if start >= stop:
        p.fail("a condition is missing")
    level = p.brackets.depth[start]
    members: list[Formula] = []
    relations: list[str] = []
    begin = start
    for i in range(start, stop + 1):
        token = p.tokens[i] if i < stop else None
        if token is None or (
            token.kind in ("char", "cmd")
            and token.text in abc.RELATIONS
            and p.brackets.depth[i] == level
        ):
            if begin >= i:
                p.fail("a side of this condition is missing", p.tokens[min(i, stop - 1)])
            members.append(p.within(begin, i, p.expression))
            begin = i + 1
            if token is not None:
                relations.append(abc.RELATIONS[token.text])
    if not relations:
        p.fail("a condition without a relation", p.tokens[start])
    return Chain(tuple(members), tuple(relations))


def braces(p: Parser) -> Formula:
    start, stop = p.group(p.at)
    if start == stop:
        p.fail("empty braces")
    if stop == start + 1 and p.tokens[start].kind == "cmd" and p.tokens[start].text == "d":
        p.at = stop  # {\rm d}: the braces mean nothing
        p.fail("a differential in braces of its own")
    body = p.within(start, stop, p.expression)
    p.at = stop + 1
    return body


def curly(p: Parser) -> Formula:
    first = p.at
    start, stop = p.group(first)
    if p.tokens[stop].text != "rbrace":
        p.fail("this brace is not closed", p.tokens[first])
    if first in p.brackets.commas:
        parts = listed(p, start, stop)
        p.at = stop + 1
        return Call("set", tuple(parts), span=p.span(first))
    body = p.within(start, stop, p.expression)
    p.at = stop + 1
    return body


def norm(p: Parser) -> Formula:
    first = p.at
    start, stop = _between(p, "Vert", "rVert")
    body = p.within(start, stop, p.expression)
    p.at = stop + 1
    if p.sees("_"):
        p.at += 1
        which = p.next()
        if which.text == "{":
            which = p.next()
            p.at = p.group(p.at - 2)[1] + 1
        if which.text not in ("2", "F", "mathrm F"):
            p.fail("a norm that is not the Euclidean one", which)
    return Norm(body, span=p.span(first))


def bars(p: Parser) -> Formula:
    first = p.at
    start, stop = _between(p, "|", "rvert")
    body = p.within(start, stop, p.expression)
    p.at = stop + 1
    return Call("abs", (body,), span=p.span(first))


def _between(p: Parser, mark: str, closing: str) -> tuple[int, int]:
    """The range from the bar here to its partner."""
    first = p.at
    if p.brackets.partner[first] >= 0:
        start, stop = p.group(first)
        if p.tokens[stop].text != closing:
            p.fail("this bar is not closed", p.tokens[first])
    else:
        level = p.brackets.depth[first]
        start, stop = first + 1, first + 1
        while stop < p.stop and not (
            p.tokens[stop].text == mark and p.brackets.depth[stop] == level
        ):
            stop += 1
        if stop >= p.stop:
            p.fail("this bar is not closed", p.tokens[first])
    if start == stop:
        p.fail("nothing between the bars", p.tokens[first])
    return start, stop


def root(p: Parser) -> Formula:
    first = p.at
    p.at += 1
    if p.sees("["):
        p.fail("a root of another degree than 2")
    return Call("sqrt", (p.argument(),), span=p.span(first))


def indicator(p: Parser) -> Formula:
    r"""\mathbb{1} with its condition as subscript or in brackets."""
    first = p.at
    p.at += 1
    if p.sees("_"):
        p.at += 1
    if not p.sees("{", "(", "[", "lbrace"):
        p.fail("an indicator without a condition", p.tokens[first])
    start, stop = p.group(p.at)
    if (
        stop > start
        and p.tokens[start].text in ("lbrace", "(", "[")
        and (p.brackets.partner[start] == stop - 1)
    ):
        start, inner = start + 1, stop - 1
    else:
        inner = stop
    found = Bracket(condition(p, start, inner), span=Span(p.tokens[first].start, 0))
    p.at = stop + 1
    return Bracket(found.condition, span=p.span(first))


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
