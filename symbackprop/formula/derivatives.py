"""Derivatives as they are written: fractions of differentials, operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.tree import (
    Deriv,
    Diff,
    Div,
    Formula,
    Neg,
    Num,
    Pow,
)

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

ORDERS = {"2": 2, "3": 3}


def fraction(p: Parser) -> Formula:
    r"""\frac: a quotient, or a derivative if both halves begin with the same differential sign."""
    first = p.at
    p.at += 1
    above = _half(p)
    below = _half(p)
    after = p.at
    sign = _sign(p, *above)
    if sign and _sign(p, *below, below=True) == sign:
        return _derivative(p, above, below, after, first)
    p.at = after
    num = p.within(*above, p.expression)
    den = p.within(*below, p.expression)
    p.at = after
    return Div(num, den, span=p.span(first))


def short_derivative(p: Parser) -> Formula:
    r"""`\pdv{J}{w}`, `\dv{z}{x}` (physics package); with one argument it is an operator."""
    first = p.at
    total = p.next().text == "dv"
    one = p.argument()
    if p.sees("{"):
        return Deriv(one, p.argument(), total=total, span=p.span(first))
    return Deriv(_operand(p), one, operator=True, total=total, span=p.span(first))


def _half(p: Parser) -> tuple[int, int]:
    if p.sees("{"):
        start, stop = p.group(p.at)
        if start == stop:
            p.fail("an empty half of a fraction")
        p.at = stop + 1
        return start, stop
    if p.at >= p.stop:
        p.fail("half of a fraction is missing")
    p.at += 1
    return p.at - 1, p.at


def _sign(p: Parser, start: int, stop: int, below: bool = False) -> str:
    r"""'partial' or 'd' if tokens[start:stop] begin with \partial, an upright or a plain d."""
    token = p.tokens[start]
    if token.kind == "cmd" and token.text in ("partial", "d"):
        return token.text
    if token.kind == "letter" and token.text in ("delta", "Delta") and start + 1 < stop:
        if p.tokens[start + 1].kind not in ("letter", "run", "word"):
            return ""
        p.ambiguous.add("delta")
        return token.text if p.hints.delta_derivative else ""
    if token.kind == "letter" and token.text == "d":
        if start + 1 == stop:
            return "" if below else "d"
        after = p.tokens[start + 1]
        if after.text == "^" and not below:
            return "d"
        touching = (
            after.kind in ("letter", "run", "word")
            or after.text in "{("
            or after.text in abc.BUILTINS
        )
        return "d" if touching or after.text in abc.ACCENTS or after.text == "partial" else ""
    return ""


def _derivative(
    p: Parser, above: tuple[int, int], below: tuple[int, int], after: int, first: int
) -> Formula:
    total = p.tokens[above[0]].text == "d"
    p.at = above[0] + 1
    order = 1
    if p.at < above[1] and p.sees("^"):
        p.at += 1
        order_token = p.argument()
        if not isinstance(order_token, Num) or order_token.text not in ORDERS:
            p.fail("an order of differentiation that is not understood", p.tokens[above[0]])
        order = ORDERS[order_token.text]
    of_range = (p.at, above[1])
    bys = _variables(p, below, order)
    if len(bys) != order:
        p.fail("the orders above and below the bar differ", p.tokens[above[0]])
    if of_range[0] < of_range[1]:
        of = p.within(*of_range, p.term)
        p.at = after
        for by in reversed(bys):
            of = Deriv(of, by, total=total, span=p.span(first))
        return of
    p.at = after
    of = _operand(p)
    for by in reversed(bys):
        of = Deriv(of, by, operator=True, total=total, span=p.span(first))
    return of


def _variables(p: Parser, below: tuple[int, int], order: int) -> list[Formula]:
    """What is differentiated by, outermost first: `\\partial x \\partial y`, `\\partial x^2`."""
    found: list[Formula] = []
    sign = p.tokens[below[0]].text
    saved, p.stop = p.stop, below[1]
    p.at = below[0]
    while p.at < below[1]:
        if p.peek().text != sign:
            p.fail("not understood in this denominator")
        p.at += 1
        by = p.factor()
        match by:
            case Pow(base=base, exponent=Num(text=text)) if order > 1 and text in ORDERS:
                found.extend([base] * ORDERS[text])
            case _:
                found.append(by)
    p.stop = saved
    return found


def _operand(p: Parser) -> Formula:
    """What an operator d/dw acts on: a bracket, or the rest of the product."""
    if p.sees("(", "["):
        found = p.factor()
        if p.starts_factor():
            p.ambiguous.add("operator")
        return found
    if p.sees("cdot", "times", "*"):
        p.fail("an operator of differentiation without its operand")
    if p.sees("-"):
        return negative(p)
    if not p.starts_factor():
        p.fail("an operator of differentiation without its operand")
    return p.product()


def negative(p: Parser) -> Formula:
    r"""`-\log p` after an operator: minus belongs to what is differentiated."""
    first = p.at
    p.at += 1
    if not p.starts_factor():
        p.fail("an operator of differentiation without its operand")
    return Neg(p.product(), span=p.span(first))


def inline(p: Parser) -> Formula | None:
    """`∂²J/∂w²`, `∂²J/∂u∂v`, `d/du f(u)`, `d²/du² f(u)` on one line; None if it is none of these.

    First derivatives of something, `dJ/dw`, are quotients of differentials.
    """
    first = p.at
    above = _inline_sign(p)
    if above is None:
        return None
    sign, order = above
    of = None if p.sees("/") else p.factor() if order > 1 and p.starts_factor() else None
    bys = _inline_variables(p, sign, order) if p.sees("/") and (of or order) else []
    total = sign == "d"
    if len(bys) != order or (order == 1 and of is not None):
        p.at = first
        return None
    operator = of is None
    of = _operand(p) if of is None else of
    for by in reversed(bys):
        of = Deriv(of, by, operator=operator, total=total, span=p.span(first))
    return of


def _inline_sign(p: Parser) -> tuple[str, int] | None:
    """The differential sign above the slash, and its power; None where a first derivative may begin."""
    token = p.peek()
    if token.text not in ("partial", "d") or token.kind not in ("cmd", "letter"):
        return None
    after = p.tokens[p.at + 1].text if p.at + 1 < p.stop else ""
    if after not in ("^", "/"):
        return None
    p.at += 1
    if after == "/":
        return token.text, 1
    p.at += 1
    power = p.argument()
    if isinstance(power, Num) and power.text in ORDERS:
        return token.text, ORDERS[power.text]
    p.at -= 1
    return token.text, 0


def _inline_variables(p: Parser, sign: str, order: int) -> list[Formula]:
    """What stands below the slash: as many variables as the order, each behind its sign."""
    p.at += 1
    found: list[Formula] = []
    saved, closing = p.stop, -1
    if p.sees("(") and p.at + 1 < p.stop and p.tokens[p.at + 1].text == sign:
        start, closing = p.group(p.at)
        p.at, p.stop = start, closing
    while len(found) < order and p.at + 1 < p.stop and p.peek().text == sign:
        touching = p.tokens[p.at].end == p.tokens[p.at + 1].start
        if sign == "d" and p.peek().kind == "letter" and not touching:
            break
        p.at += 1
        if not p.starts_factor():
            break
        by = p.factor()
        match by:
            case Pow(base=base, exponent=Num(text=text)) if order > 1 and text in ORDERS:
                found.extend([base] * ORDERS[text])
            case _:
                found.append(by)
    whole = closing < 0 or p.at == closing
    p.stop = saved
    if closing >= 0:
        p.at = closing + 1
    return found if whole else []


def differential(p: Parser) -> Formula:
    r"""`\mathrm{d}a`, or a lone `\partial a`: the differential of the factor that follows.

    `\partial_{o_j} L` is the derivative by o_j.
    """
    first = p.at
    token = p.next()
    if token.text == "partial" and p.sees("_"):
        p.at += 1
        by = p.argument()
        if not p.starts_factor():
            p.fail("a derivative without its operand", token)
        return Deriv(p.factor(), by, span=p.span(first))
    if not p.starts_factor():
        p.fail("a differential sign without its operand", token)
    body = p.factor()
    return Diff(body, total=token.text != "partial", span=p.span(first))
