"""What follows an atom: scripts, primes, arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from symbackprop.formula.alphabet import RELATIONS
from symbackprop.formula.application import (
    applied_bare,
    apply,
    apply_bare,
    function_name,
    number_exponent,
    takes_arguments,
)
from symbackprop.formula.conditional import class_probability
from symbackprop.formula.entries import entry, entry_letters
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
    Div,
    Formula,
    Idx,
    Norm,
    Num,
    Pow,
    Sum,
    Sym,
    Transpose,
)

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser

MOST = 12
"""Most scripts on one atom."""


def postfix(p: Parser, body: Formula, first: int) -> Formula:
    """The atom with everything that belongs to it."""
    if p.tokens[first].kind == "char" and p.tokens[first].text in "([":
        return _after_bracket(p, body, first)
    power: Formula | None = None  # \log^2 x: the exponent waits for the argument
    for _ in range(MOST):
        function = function_name(p, body)
        if p.sees("'", "prime"):
            p.at += 1
            body = _primed(p, body, 1, first)
        elif p.sees("_"):
            body = _subscript(p, body, first)
        elif p.sees("^"):
            if function and number_exponent(p):
                p.at += 1
                power = p.argument()
            else:
                body = _superscript(p, body, first)
        elif _is_one(body) and p.sees("lbrace"):
            start, stop = p.group(p.at)
            p.at = stop + 1
            body = _indicator(p, start, stop, first)
        elif (
            _is_one(body)
            and p.sees("[", "(")
            and _holds_relation(p, p.at, p.brackets.partner[p.at])
        ):
            start, stop = p.at + 1, p.brackets.partner[p.at]
            p.at = stop + 1
            body = _indicator(p, start, stop, first)
        elif isinstance(body, Sym) and (entry := class_probability(p, body, first)) is not None:
            body = entry
        elif isinstance(body, Sym) and takes_arguments(p, body):
            body = apply(p, body, first)
            if power is not None:
                body, power = Pow(body, power, span=p.span(first)), None
        elif isinstance(body, Sym) and body.base in p.hints.bracketed and p.sees("["):
            body = _in_brackets(p, body, first)
        elif _power_of_value(p, body):
            p.at = p.brackets.partner[p.at] + 1
        else:
            break
    if isinstance(body, Sym) and (body.base.startswith("\\") or applied_bare(p, body)):
        body = apply_bare(p, body, first)
    if power is not None:
        if isinstance(body, Sym) and not body.base.startswith("\\"):
            pass
        body = Pow(body, power, span=p.span(first))
    if p.sees("^", "_", "'", "prime", "!"):
        p.fail("too many scripts, or a script where none can be")
    return body


def _power_of_value(p: Parser, body: Formula) -> bool:
    """`e_j^2(n)`: the square of a quantity that is written with what it depends on."""
    if not (isinstance(body, Pow) and isinstance(body.base, Sym) and p.sees("(")):
        return False
    closing = p.brackets.partner[p.at]
    return body.base.base in p.hints.dropped and closing == p.at + 2


def _after_bracket(p: Parser, body: Formula, first: int) -> Formula:
    """A bracketed formula takes powers and transposes: `(a)^2` is never layer 2.

    A subscript picks an entry of a bracketed symbol, derivative or gradient.
    """
    count = 0
    turns = p.hints.primes == "transpose"
    while (p.sees("^", "_") or (turns and p.sees("'", "prime"))) and count < MOST:
        count += 1
        if p.sees("'", "prime"):
            p.at += 1
            body = Transpose(body, span=p.span(first))
            continue
        if p.sees("_"):
            body = _entry(p, body, first)
            continue
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


def _entry(p: Parser, body: Formula, first: int) -> Formula:
    """An entry of what stands in brackets."""
    mark = p.at
    start, stop = _script(p)
    letters = entry_letters(script_tokens(p.tokens[start:stop]))
    found = entry(body, letters, p.hints) if letters else None
    if found is None:
        p.fail("a script where none can be", p.tokens[mark])
    return replace(found, span=p.span(first))


# --- primes and scripts -------------------------------------------------------------------------


def _primed(p: Parser, body: Formula, count: int, first: int) -> Formula:
    if p.hints.primes == "transpose" and count == 1 and not _is_slope(p, body):
        return Transpose(body, span=p.span(first))
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
        partner = p.brackets.partner[p.at] if token.text == "(" else -1
        if 0 <= partner < p.stop and partner > p.at + 1:  # a^(l), e^(-x): as in plain text
            start, p.at = p.at, partner + 1
            return start, p.at
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
    if _is_one(body) and _holds_relation(p, start, stop):
        return _indicator(p, *_without_braces(p, start, stop), first)
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
    if isinstance(body, Call) and len(body.name) == 1 and not body.primes:
        # f(x)_c, entry c of the value: its arguments only say what it depends on
        body = Sym(body.name)
    if isinstance(body, Call) and body.name == "softmax" and len(tokens) == 1:
        entry = _softmax_entry(body.args[0], tokens[0])
        if entry is not None:
            return replace(entry, span=p.span(first))
    if isinstance(body, Pow) and body.exponent in (Num("0"), Num("1")):
        base = body.base  # `a^0_j`: no power is written so
        if isinstance(base, Sym) and not base.sub and not base.sup:
            body = Sym(base.base, (), (body.exponent.text,), base.primes, base.accent)
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


def _softmax_entry(argument: Formula, letter: str) -> Formula | None:
    r"""`\mathrm{softmax}(o)_j` is exp(o_j) over the sum of all exp(o_k)."""
    if not isinstance(argument, Sym) or argument.sub:
        return None
    other = "k" if letter != "k" else "j"
    own = Call("exp", (replace(argument, sub=(letter,)),))
    every = Call("exp", (replace(argument, sub=(other,)),))
    return Div(own, Sum(every, Idx(other)))


def _in_brackets(p: Parser, body: Sym, first: int) -> Formula:
    """`x[n+k]`, an entry as programs write it."""
    start, stop = p.at + 1, p.brackets.partner[p.at]
    tokens = script_tokens(p.tokens[start:stop])
    if body.sub or not tokens:
        p.fail("an index that is not understood", p.tokens[p.at])
    p.at = stop + 1
    return Sym(body.base, tokens, body.sup, body.primes, body.accent, span=p.span(first))


def _is_one(f: Formula) -> bool:
    return f == Num("1") or f == Sym("1")


def _holds_relation(p: Parser, start: int, stop: int) -> bool:
    return any(t.kind in ("char", "cmd") and t.text in RELATIONS for t in p.tokens[start:stop])


def _without_braces(p: Parser, start: int, stop: int) -> tuple[int, int]:
    """`{\\{u > 0\\}}` without the braces inside."""
    whole = start < stop and p.tokens[start].text == "lbrace"
    return (
        (start + 1, stop - 1) if whole and p.brackets.partner[start] == stop - 1 else (start, stop)
    )


def _two_letters(tokens: tuple[str, ...]) -> bool:
    letters = [t for t in tokens if t != ","]
    return len(letters) == 2 and len(tokens) <= 3 and all(t.isalnum() for t in letters)


def _indicator(p: Parser, start: int, stop: int, first: int) -> Formula:
    from symbackprop.formula.enclosures import condition

    after = p.at
    found = condition(p, start, stop)
    p.at = after
    return Bracket(found, span=p.span(first))


def _is_slope(p: Parser, body: Formula) -> bool:
    """`f'(z)`."""
    return isinstance(body, Sym) and function_name(p, body) and p.sees("(", "\\left")


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
    if isinstance(body, Sym) and tokens is not None and _is_mark(p, body, tokens):
        return replace(body, sup=tokens, span=p.span(first))
    exponent = p.within(start, stop, p.expression)
    p.at = after
    if isinstance(body, Sym) and _is_e(p, body):
        return Call("exp", (exponent,), span=p.span(first))
    if not isinstance(body, Sym) and tokens is not None and tokens[0] in "([":
        p.fail("an index on something else than a symbol", p.tokens[start])
    return Pow(body, exponent, span=p.span(first))


def _is_mark(p: Parser, body: Sym, tokens: tuple[str, ...]) -> bool:
    """`a^z_t`, the a of gate z at t: a power of an entry is written behind its index."""
    letter = len(tokens) == 1 and tokens[0].isalpha() and len(tokens[0]) == 1
    plain = not (body.sub or body.sup or body.primes) and body.base not in p.hints.powers
    return letter and plain and p.sees("_") and not _is_e(p, body)


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
    elif _is_e(p, body) and not transposed and not _is_example(tokens):
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


def _is_example(tokens: tuple[str, ...]) -> bool:
    """`e^{(n)}`, the error of example n; e to the x is `e^x` or `e^{(x)}`."""
    return len(tokens) == 3 and tokens[0] == "(" and tokens[1] in ("i", "n", "t", "k", "p", "m")


def _is_e(p: Parser, body: Sym) -> bool:
    plain = not (body.sub or body.sup or body.primes or body.accent)
    return plain and body.base == "e" and p.hints.exponential
