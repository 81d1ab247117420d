"""What stands between brackets, bars or braces: groups, lists, conditions, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.tree import Bracket, Call, Chain, Formula, Neg, Norm, Span, Sym

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser


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
    if isinstance(body, Neg) and p.tokens[start].text == "-" and p.sees("^", "_"):
        # braces print nothing: the script of `{-e}^{x}` stands at the e
        from symbackprop.formula.postfix import postfix

        return Neg(postfix(p, body.body, start), span=p.span(start))
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


def opens_value(p: Parser) -> bool:
    r"""Whether the bar here, behind a factor, opens an absolute value: `\alpha |w|`, no `P(y | x)`.

    The bars up to the end then come in pairs, none of them has a script (`f|_{x=0}` is a value of f), and
    between two of a pair stands what an expression can begin with, without a relation.
    """
    level = p.brackets.depth[p.at]
    found = [
        i for i in range(p.at, p.stop)
        if p.tokens[i].kind in ("char", "cmd") and p.tokens[i].text == "|" and p.brackets.depth[i] == level
    ]  # fmt: skip
    if p.brackets.partner[p.at] >= 0 or len(found) % 2:
        return False
    if any(i + 1 < p.stop and p.tokens[i + 1].text == "_" for i in found):
        return False
    inside = p.tokens[found[0] + 1 : found[1]]
    if not inside or inside[0].text in (*"+*/^),.", *abc.RELATIONS):
        return False
    return not any(t.kind in ("char", "cmd") and t.text in (",", *abc.RELATIONS) for t in inside)


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
    r"""\mathbb{1} with its condition as subscript or in brackets; `\mathbb{1}_{ij}` is 1 where i = j."""
    first = p.at
    p.at += 1
    below = p.sees("_")
    if below:
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
    letters = [x for x in p.tokens[start:inner] if x.text != ","]
    if below and len(letters) == 2 and all(x.kind == "letter" for x in letters):
        p.at = stop + 1
        same = Chain((Sym(letters[0].text), Sym(letters[1].text)), ("=",))
        return Bracket(same, span=p.span(first))
    found = Bracket(condition(p, start, inner), span=Span(p.tokens[first].start, 0))
    p.at = stop + 1
    return Bracket(found.condition, span=p.span(first))
