"""Application: which bracket after a symbol holds its arguments, and what the call is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.tree import Call, Formula, Mul, Neg, Num, Sym

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

POSSIBLE_FUNCTIONS = frozenset({"g", "h", "F", "G", "H", "Phi", "Psi", "kappa", "rho"})
"""Letters that are a function where a bracket touches them and does not hold the letter again."""


def function_name(p: Parser, body: Formula) -> bool:
    return isinstance(body, Sym) and (
        body.base.startswith("\\") or (p.hints.is_function(body.base) and not body.sub)
    )


def number_exponent(p: Parser) -> bool:
    r"""Whether a whole number above 1 stands as superscript and arguments follow (`\log^2 x`)."""
    at = p.at + 1
    if at >= p.stop:
        return False
    after = at + 1
    if p.tokens[at].text == "{":
        after = p.brackets.partner[at] + 1
        at += 1
        if after != at + 2:
            return False
    if p.tokens[at].kind != "number" or not p.tokens[at].text.isdigit():
        return False
    builtin = p.tokens[p.at - 1].kind in ("cmd", "run", "word")
    return builtin or (after < p.stop and p.tokens[after].text in ("(", "["))


def takes_arguments(p: Parser, body: Sym) -> bool:
    """Whether the bracket that follows holds arguments of the symbol.

    Yes after a function; after any symbol if the bracket holds a list; and if it holds just one
    symbol and no exponent follows (`L(\\theta)`; nobody puts a bracket around a single factor).
    """
    if not p.sees("(", "[", "lbrace"):
        return False
    opening = p.at
    closing = p.brackets.partner[opening]
    if closing < 0 or closing >= p.stop:
        return False
    builtin = body.base.startswith("\\")
    if builtin or p.hints.is_function(body.base):
        if builtin and body.base[1:] in ("log", "exp") and p.tokens[opening].text == "lbrace":
            return True
        return p.sees("(") or builtin or opening in p.brackets.commas
    if p.sees("[") and body.base in ("E", "Var", "mathbb E") and _touches(p):
        p.fail("an expectation is not understood")
    if not p.sees("("):
        return False
    if body.base in p.hints.variables or "*" in p.hints.variables:
        return False
    if opening in p.brackets.commas:
        return True
    if body.base in POSSIBLE_FUNCTIONS and not body.sub and _touches(p):
        p.ambiguous.add("call")
        return all(t.text != body.base for t in p.tokens[opening:closing])
    after = p.tokens[closing + 1].text if closing + 1 < p.stop else ""
    if after in ("^", "'"):
        return False
    if after == "_" and any(t.text == "_" for t in p.tokens[opening:closing]):
        return False  # X_{nd} (δ_1)_{nh}: an entry of what has a subscript
    if _one_symbol(p, opening + 1, closing):
        p.ambiguous.add("call")
        return True
    return False


def _touches(p: Parser) -> bool:
    r"""Whether nothing stands between the symbol and the bracket (`\left` counts as nothing)."""
    gap = p.source[p.tokens[p.at - 1].end : p.peek().start]
    return gap in ("", r"\left") or re.fullmatch(r"\\(?:big|Big|bigg|Bigg)l?", gap) is not None


def _one_symbol(p: Parser, start: int, stop: int) -> bool:
    """Whether tokens[start:stop] are one letter (bold in braces, too) with scripts."""
    if start >= stop:
        return False
    at = start
    if p.tokens[at].text in abc.ACCENTS or p.tokens[at].text in p.hints.prefixes:
        at += 1
    if at < stop and p.tokens[at].text == "{":
        if p.brackets.partner[at] != at + 2:
            return False
        at += 3
    elif at < stop and p.tokens[at].kind in ("letter", "word", "run"):
        at += 1
        if (
            at < stop
            and p.tokens[at].kind == "number"
            and p.tokens[at - 1].end == (p.tokens[at].start)
        ):
            at += 1
    else:
        return False
    while at < stop:
        if p.tokens[at].text == "'":
            at += 1
        elif p.tokens[at].text in "_^" and at + 1 < stop:
            at += 1
            at = p.brackets.partner[at] + 1 if p.tokens[at].text == "{" else at + 1
            if at <= start:
                return False
        else:
            return False
    return True


def apply(p: Parser, body: Sym, first: int) -> Formula:
    from symbackprop.formula.enclosures import listed

    opening = p.at
    start, stop = p.group(opening)
    if start == stop:
        p.fail("empty brackets", p.tokens[opening])
    if p.tokens[opening].text == "[" and opening in p.brackets.commas:
        args: tuple[Formula, ...] = (p.factor_at(opening),)
    elif _is_placeholder(p, start, stop):
        p.at = stop + 1
        return Sym(body.base, body.sub, body.sup, body.primes, body.accent, span=p.span(first))
    else:
        args = tuple(listed(p, start, stop))
    semicolon = _before_semicolon(p, start, stop)
    p.at = stop + 1
    if body.base in p.hints.dropped:
        sup = body.sup or _example_of(args)
        return Sym(body.base, body.sub, sup, body.primes, body.accent, span=p.span(first))
    name, primes = call_name(body, p.hints.primes == "name")
    return Call(name, args, primes, semicolon, span=p.span(first))


def _before_semicolon(p: Parser, start: int, stop: int) -> int:
    """How many arguments stand before a semicolon; 0 without one."""
    level = p.brackets.depth[start - 1] + 1
    marks = [
        p.tokens[i].text
        for i in range(start, stop)
        if p.tokens[i].kind == "char" and p.tokens[i].text in ",;" and p.brackets.depth[i] == level
    ]
    return marks.index(";") + 1 if ";" in marks else 0


def _example_of(args: tuple[Formula, ...]) -> tuple[str, ...]:
    """`h(x^{(i)})` is `h^{(i)}`: the superscript of the example that the arguments belong to."""
    for a in args:
        marked = isinstance(a, Sym) and len(a.sup) >= 3 and (a.sup[-3], a.sup[-1]) == ("(", ")")
        letter = a.sup[-2] if isinstance(a, Sym) and marked else ""
        # (l) and (L) are layers, no examples
        if isinstance(a, Sym) and len(letter) == 1 and letter.islower() and letter != "l":
            return a.sup[-3:]
    return ()


def _is_placeholder(p: Parser, start: int, stop: int) -> bool:
    """`f(\\cdot)` is the function itself."""
    return stop == start + 1 and p.tokens[start].text == "cdot"


def call_name(body: Sym, primes_in_name: bool = False) -> tuple[str, int]:
    """The name for a Call of this symbol and its derivative count.

    Scripts become part of the name, written as LaTeX would (`h_{W,b}`), so that nothing is lost.
    """
    name = body.base.removeprefix("\\")
    if body.accent:
        name = f"{body.accent} {name}"
    if primes_in_name:
        name += "'" * body.primes
    if body.sub:
        name += "_{" + " ".join(body.sub) + "}"
    if body.sup:
        name += "^{" + " ".join(body.sup) + "}"
    return name, 0 if primes_in_name else body.primes


def applied_bare(p: Parser, body: Sym) -> bool:
    r"""`\sigma z`: a function letter without scripts directly before a symbol."""
    plain = not (body.sub or body.sup or body.accent)
    if not (p.hints.applied and plain and p.hints.is_function(body.base)):
        return False
    token = p.peek()
    follows = token.kind in ("letter", "run", "word") or p.sees("{")
    if follows:
        p.ambiguous.add("applied")
    return follows


def apply_bare(p: Parser, body: Sym, first: int) -> Formula:
    r"""`\log x`, `\log 2 x`: one factor, or a number and the factors that touch it."""
    if not p.starts_factor() and not p.sees("-", "|"):
        if body.base.startswith("\\"):
            if body.sub or body.sup:
                p.fail("a function without its argument", p.tokens[first])
            return Sym(body.base[1:], primes=body.primes, span=p.span(first))
        return body
    start = p.at
    negative = p.sees("-")
    if negative:
        p.at += 1
    arg = p.factor()
    if isinstance(arg, Num) and p.peek().kind in ("letter", "run", "word"):
        arg = Mul((arg, p.factor()), span=p.span(start))
    if negative:
        arg = Neg(arg, span=p.span(start))
    name, primes = call_name(body, p.hints.primes == "name")
    return Call(name, (arg,), primes, span=p.span(first))
