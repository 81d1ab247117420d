"""Gradients as they are written, with a nabla."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symbackprop.formula.derivatives import negative
from symbackprop.formula.tree import Call, Formula, Grad, MatMul, Mul, Sym

if TYPE_CHECKING:
    from symbackprop.formula.expressions import Parser


def nabla(p: Parser) -> Formula:
    r"""`\nabla_W J`; without a subscript, `\nabla L(\theta)` is by the function's one argument.

    `\nabla^2_W J` and `\nabla_W^2 J` are the gradient of the gradient, the Hessian.
    """
    first = p.at
    p.at += 1
    by: Formula | None = None
    twice = _squared(p)
    if p.sees("_"):
        p.at += 1
        if p.sees("{"):
            start, stop = p.group(p.at)
            if p.at in p.brackets.commas:
                from symbackprop.formula.enclosures import listed

                by = Call("tuple", tuple(listed(p, start, stop)))
            else:
                by = p.within(start, stop, p.expression)
            p.at = stop + 1
        else:
            by = p.argument()
        twice = twice or _squared(p)
    if by is not None and p.sees("-") and not twice:
        return Grad(negative(p), by, span=p.span(first))
    if not p.starts_factor():
        p.fail("nabla without its operand", p.tokens[first])
    of = p.factor()
    if by is None:
        if isinstance(of, Call) and len(of.args) == 1:
            by = of.args[0]
        elif (told := _told_argument(p, of)) is not None:
            by = told
        elif twice:
            p.fail("a second derivative that does not say by what", p.tokens[first])
        else:
            return Call("nabla", (of,), span=p.span(first))
    if twice:
        by, other = _both(by)
        of = Grad(of, other)
    return Grad(of, by, span=p.span(first))


def _both(by: Formula) -> tuple[Formula, Formula]:
    r"""The two that a second derivative is taken by: `\nabla^2_{uv} J`, or twice the same."""
    match by:
        case (
            Mul(factors=(Sym() as first, Sym() as second))
            | MatMul(factors=(Sym() as first, Sym() as second))
            | Call(name="tuple", args=(Sym() as first, Sym() as second))
        ):
            return first, second
    return by, by


def _told_argument(p: Parser, of: Formula) -> Formula | None:
    r"""The w of `\nabla J` and of `\nabla J(w)` in a text with `J(w) = …`. Fails for `\nabla J(v)`."""
    argument = dict(p.hints.argument_of).get(of.base) if isinstance(of, Sym) else None
    if argument is None or not isinstance(of, Sym) or of.sub or of.sup:
        return None
    written = [t.text for t in p.tokens[: p.at]]
    if written[-1:] != [")"] or written[-3:] == ["(", argument, ")"]:
        return Sym(argument)
    inside = written[p.brackets.partner[p.at - 1] + 1 :]
    if inside[:1] == [argument] and inside[1:2] in (["_"], ["^"]):
        return None  # `\nabla J(w_t)`, at a step of learning
    p.fail("a gradient at another place", p.tokens[p.at - 1])


def _squared(p: Parser) -> bool:
    """Reads a superscript 2, in braces or not; whether there is one."""
    texts = [t.text for t in p.tokens[p.at : min(p.at + 4, p.stop)]]
    for square in (["^", "2"], ["^", "{", "2", "}"]):
        if texts[: len(square)] == square:
            p.at += len(square)
            return True
    return False
