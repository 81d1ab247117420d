"""What follows an atom: scripts, primes, arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symbackprop.formula import alphabet as abc
from symbackprop.formula.lexer import Token
from symbackprop.formula.scripts import (
    TRANSPOSERS,
    is_index_superscript,
    script_tokens,
    split_transposer,
)
from symbackprop.formula.tree import (
    Bracket,
    Call,
    Chain,
    Formula,
    Neg,
    Norm,
    Num,
    Pow,
    Sym,
    Transpose,
)

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

POSSIBLE_FUNCTIONS = frozenset({"g", "h", "F", "G", "H", "Phi", "Psi", "kappa", "rho"})
"""Letters that are a function where a bracket touches them and does not hold the letter again."""

MOST = 12
"""Most scripts on one atom."""


def postfix(p: Parser, body: Formula, first: int) -> Formula:
    """The atom with everything that belongs to it."""
    if p.tokens[first].kind == "char" and p.tokens[first].text in "([":
        return _after_bracket(p, body, first)
    power: Formula | None = None  # \log^2 x: the exponent waits for the argument
    for _ in range(MOST):
        function = _function_name(p, body)
        if p.sees("'", "prime"):
            p.at += 1
            body = _primed(p, body, 1, first)
        elif p.sees("_"):
            body = _subscript(p, body, first)
        elif p.sees("^"):
            if function and _number_exponent(p):
                p.at += 1
                power = p.argument()
            else:
                body = _superscript(p, body, first)
        elif isinstance(body, Num) and body.text == "1" and p.sees("lbrace"):
            start, stop = p.group(p.at)
            p.at = stop + 1
            body = _indicator(p, start, stop, first)
        elif isinstance(body, Sym) and _takes_arguments(p, body):
            body = _apply(p, body, first)
            if power is not None:
                body, power = Pow(body, power, span=p.span(first)), None
        else:
            break
    if isinstance(body, Sym) and (body.base.startswith("\\") or _applied_bare(p, body)):
        body = _apply_bare(p, body, first)
    if power is not None:
        if isinstance(body, Sym) and not body.base.startswith("\\"):
            pass
        body = Pow(body, power, span=p.span(first))
    if p.sees("^", "_", "'", "prime", "!"):
        p.fail("too many scripts, or a script where none can be")
    return body


def _after_bracket(p: Parser, body: Formula, first: int) -> Formula:
    """A bracketed formula takes powers and transposes only: `(a)^2` is never layer 2."""
    count = 0
    while p.sees("^") and count < MOST:
        count += 1
        start, stop = _script(p)
        after = p.at
        tokens = script_tokens(p.tokens[start:stop])
        if tokens and p.hints.transpose and "".join(tokens) in TRANSPOSERS:
            body = Transpose(body, span=p.span(first))
        elif tokens and (tokens[0] in "([" or tokens[0] == "prime"):
            p.fail("an index on a bracket", p.tokens[start])
        else:
            exponent = p.within(start, stop, p.expression)
            p.at = after
            body = Pow(body, exponent, span=p.span(first))
    if p.sees("^", "_", "'", "prime", "!"):
        p.fail("a script where none can be")
    return body


# --- primes and scripts -------------------------------------------------------------------------


def _primed(p: Parser, body: Formula, count: int, first: int) -> Formula:
    if not isinstance(body, Sym):
        p.fail("a prime on something else than a symbol", p.tokens[p.at - 1])
    return Sym(body.base, body.sub, body.sup, body.primes + count, body.accent, span=p.span(first))


def _script(p: Parser) -> tuple[int, int]:
    """The range of the script after the mark here; the position is then after it."""
    p.at += 1
    if p.sees("{"):
        start, stop = p.group(p.at)
        p.at = stop + 1
    else:
        if p.at >= p.stop:
            p.fail("a script is missing")
        token = p.tokens[p.at]
        opens = token.kind == "char" and token.text in "}()[]&^_"
        if opens or token.kind in ("begin", "end", "row"):
            p.fail("a script is missing")
        start, stop = p.at, p.at + 1
        p.at += 1
    if start == stop:
        p.fail("an empty script", p.tokens[start - 1])
    return start, stop


def _subscript(p: Parser, body: Formula, first: int) -> Formula:
    start, stop = _script(p)
    tokens = script_tokens(p.tokens[start:stop])
    if tokens is None:
        p.fail("a subscript that is not understood", p.tokens[start])
    if isinstance(body, Num) and body.text == "1":
        return _indicator(p, start, stop, first)
    if isinstance(body, Transpose) and isinstance(body.body, Sym) and not body.body.sub:
        inner = body.body
        return Transpose(Sym(inner.base, tokens, inner.sup, inner.primes, inner.accent))
    if isinstance(body, Pow) and isinstance(body.base, Norm) and tokens in (("2",), ("F",)):
        return body
    if not isinstance(body, Sym):
        p.fail("a subscript on something else than a symbol", p.tokens[start])
    if body.sub:
        p.fail("two subscripts on one symbol", p.tokens[start])
    if body.base == "1" and any(t in ("=", "<", ">", "\\neq", "\\in") for t in tokens):
        return _indicator(p, start, stop, first)
    if body.base in p.hints.kronecker and not body.sup and _two_letters(tokens):
        left, right = (t for t in tokens if t != ",")
        return Bracket(Chain((Sym(left), Sym(right)), ("=",)), span=p.span(first))
    if body.base == "delta" and _two_letters(tokens):
        p.ambiguous.add("kronecker")
    return Sym(body.base, tokens, body.sup, body.primes, body.accent, span=p.span(first))


def _two_letters(tokens: tuple[str, ...]) -> bool:
    letters = [t for t in tokens if t != ","]
    return len(letters) == 2 and len(tokens) <= 3 and all(t.isalnum() for t in letters)


def _indicator(p: Parser, start: int, stop: int, first: int) -> Formula:
    from symbackprop.formula.atoms import condition

    after = p.at
    found = condition(p, start, stop)
    p.at = after
    return Bracket(found, span=p.span(first))


def _superscript(p: Parser, body: Formula, first: int) -> Formula:
    start, stop = _script(p)
    after = p.at
    inner: Sequence[Token] = p.tokens[start:stop]
    if all(t.text in ("prime", "'") for t in inner):
        return _primed(p, body, len(inner), first)
    tokens = script_tokens(inner)
    if isinstance(body, Sym) and tokens is not None:
        found = _symbol_superscript(p, body, tokens, first)
        if found is not None:
            return found
    elif tokens is not None and p.hints.transpose and "".join(tokens) in TRANSPOSERS:
        return Transpose(body, span=p.span(first))
    if isinstance(body, Sym) and body.base.startswith("\\"):
        p.fail("a superscript on a function that is no whole number", p.tokens[start])
    exponent = p.within(start, stop, p.expression)
    p.at = after
    if isinstance(body, Sym) and _is_e(p, body):
        return Call("exp", (exponent,), span=p.span(first))
    if not isinstance(body, Sym) and tokens is not None and tokens[0] in "([":
        p.fail("an index on something else than a symbol", p.tokens[start])
    return Pow(body, exponent, span=p.span(first))


def _symbol_superscript(
    p: Parser, body: Sym, tokens: tuple[str, ...], first: int
) -> Formula | None:
    """A superscript of a symbol as index or transpose; None if it is an exponent."""
    primes = 0
    while tokens and tokens[-1] in ("prime", "'"):
        tokens, primes = tokens[:-1], primes + 1
    while tokens and tokens[0] in ("prime", "'"):
        tokens, primes = tokens[1:], primes + 1
    tokens, transposed = split_transposer(tokens, p.hints)
    found: Formula | None = None
    if not tokens:
        found = body
    elif _is_e(p, body) and not transposed:
        return None
    elif not body.sup and is_index_superscript(body.base, tokens, p.hints):
        if not body.base.startswith("\\"):
            found = Sym(
                body.base,
                body.sub,
                tokens,
                body.primes + primes,
                body.accent,
                span=p.span(first),
            )
        if any(t.isalpha() and len(t) == 1 for t in tokens) and tokens[0] not in "([":
            p.ambiguous.add("superscript")
    if found is None:
        if transposed or primes:
            p.fail("a superscript that is not understood", p.tokens[p.at - 1])
        return None
    return Transpose(found, span=p.span(first)) if transposed else found


def _is_e(p: Parser, body: Sym) -> bool:
    plain = not (body.sub or body.sup or body.primes or body.accent)
    return plain and body.base == "e" and p.hints.exponential


# --- application --------------------------------------------------------------------------------


def _function_name(p: Parser, body: Formula) -> bool:
    return isinstance(body, Sym) and (
        body.base.startswith("\\") or (p.hints.is_function(body.base) and not body.sub)
    )


def _number_exponent(p: Parser) -> bool:
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


def _takes_arguments(p: Parser, body: Sym) -> bool:
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
    if closing + 1 < p.stop and p.tokens[closing + 1].text in ("^", "'"):
        return False
    if _one_symbol(p, opening + 1, closing):
        p.ambiguous.add("call")
        return True
    if body.base in POSSIBLE_FUNCTIONS and not body.sub and _touches(p):
        p.ambiguous.add("call")
        return all(t.text != body.base for t in p.tokens[opening:closing])
    return False


def _touches(p: Parser) -> bool:
    r"""Whether nothing stands between the symbol and the bracket (`\left` counts as nothing)."""
    gap = p.source[p.tokens[p.at - 1].end : p.peek().start]
    return gap in ("", r"\left", r"\bigl", r"\big", r"\Big", r"\Bigl")


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


def _apply(p: Parser, body: Sym, first: int) -> Formula:
    from symbackprop.formula.atoms import listed

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
    p.at = stop + 1
    if body.base in p.hints.dropped:
        return Sym(body.base, body.sub, body.sup, body.primes, body.accent, span=p.span(first))
    name, primes = call_name(body, p.hints.primes == "name")
    return Call(name, args, primes, span=p.span(first))


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


def _applied_bare(p: Parser, body: Sym) -> bool:
    r"""`\sigma z`: a function letter without scripts directly before a symbol."""
    plain = not (body.sub or body.sup or body.accent)
    if not (p.hints.applied and plain and p.hints.is_function(body.base)):
        return False
    token = p.peek()
    follows = token.kind in ("letter", "run", "word") or p.sees("{")
    if follows:
        p.ambiguous.add("applied")
    return follows


def _apply_bare(p: Parser, body: Sym, first: int) -> Formula:
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
        from symbackprop.formula.tree import Mul

        arg = Mul((arg, p.factor()), span=p.span(start))
    if negative:
        arg = Neg(arg, span=p.span(start))
    name, primes = call_name(body, p.hints.primes == "name")
    return Call(name, (arg,), primes, span=p.span(first))
