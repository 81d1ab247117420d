r"""Learning steps in other spellings: `w \to w - η ∂C/∂w`, `w' = w - …`, `w_{t+1} = w_t - …`, `w(t+1) = …`.

What stands left is the parameter after the step; the mark that tells so (a prime, "new", a plus, a
step number) is taken off both sides, and the statement is an update like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symbackprop.formula.tree import Add, Call, Chain, Deriv, Formula, Grad, Mul, Num, Sym
from symbackprop.verifying.understanding.differentials import RATES
from symbackprop.verifying.understanding.iterates import Mark, at_one_step, mark_of
from symbackprop.verifying.understanding.statement import Statement

SMALL_CHANGE = "an arrow to a changed value, without a learning rate or a derivative"

STEPS = frozenset({"t", "n", "k", "i", "s", "tau", "m", "r"})
"""Letters that count the steps of learning: the t of `w(t+1)`."""

_NEW = ("new", "next", "updated", "neu", "新")
_OLD = ("old", "current", "prev", "alt", "旧")


def find_updates(statements: list[Statement]) -> None:
    """Turns learning steps in other spellings into updates; other changes by an arrow get a reason."""
    by = {b for s in statements for n in s.chain.walk() for b in _by(n)}
    marked: list[tuple[Statement, Mark]] = []
    defined: set[Formula] = set()
    for s in statements:
        if s.chain.relations:
            defined.add(s.chain.members[0])
        found = as_update(s.chain, by)
        if found is not None:
            s.chain, mark = found
            s.chain = _with_gradients(s.chain, s.piece.latex, defined)
            if mark is not None:
                marked.append((s, mark))
        elif _changes(s.chain):
            s.reason = s.reason or SMALL_CHANGE
    at_one_step(marked, statements)


def as_update(chain: Chain, parameters: set[str]) -> tuple[Chain, Mark | None] | None:
    """The statement with an arrow to the left, and the mark of the step; None where it is no learning step.

    parameters: letters by which the document differentiates.
    """
    members, relations = chain.members, chain.relations
    if len(relations) > 1 and relations[0] == "to" and isinstance(members[1], Sym):
        pairs = list(_pairs(members[1]))  # `w → w' = w - …`
        if any(new == members[0] for new, _ in pairs):
            members, relations = members[1:], relations[1:]
    if len(members) < 2 or relations[0] not in ("=", ":=", "to"):
        return None
    timed = _at_next_step(members) if relations[0] != "to" else None
    if timed is not None:
        members = timed
    head, new = members[0], members[1]
    if not isinstance(head, Sym) or not isinstance(new, Add):
        return None
    pairs = [(head, head)] if relations[0] == "to" or timed else list(_pairs(head))
    known = parameters | {head.base} if relations[0] == "to" else parameters
    for plain, old in pairs:
        rest = [t for t in new.terms if t != old and not _decayed(t, old)]
        if len(rest) != len(new.terms) - 1 or not _is_step(rest, plain.base, known):
            continue
        changed = [_renamed(m, old, plain) for m in members[1:]]
        step = Chain((plain, *changed), ("<-", *relations[1:]), span=chain.span)
        return step, mark_of(plain, old)
    return None


_AT = re.compile(r"\\nabla(?![A-Za-z_])[^()=+]{0,20}?\(\s*\\?([A-Za-z]+)\s*[_^]")


def _with_gradients(step: Chain, latex: str, defined: set[Formula]) -> Chain:
    r"""`w_{k+1} = w_k - η \nabla J(w_k)`: the gradient by w, at this step."""
    head = step.members[0]
    if not isinstance(head, Sym) or set(_AT.findall(latex)) != {head.base.split()[-1]}:
        return step
    of_all = len(_AT.findall(latex)) == latex.count("\\nabla")

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Call) and n.name == "nabla" and of_all and set(n.args) <= defined:
            return Grad(n.args[0], replace(head, span=None), span=n.span)
        return None

    return step.rewrite_members(change)


def _decayed(term: Formula, old: Sym) -> bool:
    """`(1 - η λ) w`: the weight after some of it was taken off."""
    return (
        isinstance(term, Mul)
        and term.factors[-1] == old
        and any(isinstance(f, Add) and Num("1") in f.terms for f in term.factors)
    )


def _at_next_step(members: tuple[Formula, ...]) -> tuple[Formula, ...] | None:
    """`w(t+1) = w(t) - …` without its arguments; None where the left side is at no next step."""
    match members[0]:
        case Mul(factors=(Sym() as plain, Add(terms=(Sym(base=step, sub=(), sup=()), Num("1"))))):
            pass
        case Mul(factors=(Add(terms=(Sym(base=step, sub=(), sup=()), Num("1"))), Sym() as plain)):
            pass  # a number before a matrix
        case Call(args=(Add(terms=(Sym(base=step, sub=(), sup=()), Num("1"))),)) as call:
            plain = _without_arguments(call)
        case _:
            return None
    if step not in STEPS:
        return None

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Call) and n.args == (Sym(step),) and not n.primes:
            return _without_arguments(n)
        return None

    return (plain, *(m.rewrite(change) for m in members[1:]))


def _without_arguments(call: Call) -> Sym:
    base, _, sub = call.name.partition("_{")
    return Sym(base, tuple(sub.rstrip("}").split()), span=call.span)


def _renamed(f: Formula, old: Sym, new: Sym) -> Formula:
    if old == new:
        return f
    return f.rewrite(lambda n: replace(new, span=n.span) if n == old else None)


def _changes(chain: Chain) -> bool:
    """`w \to w + …` of one quantity."""
    head = chain.members[0]
    return (
        chain.relations[:1] == ("to",)
        and isinstance(head, Sym)
        and isinstance(chain.members[1], Add)
        and head in chain.members[1].terms
    )


def _is_step(terms: list[Formula], letter: str, parameters: set[str]) -> bool:
    """A derivative by the parameter, or a learning rate times anything for a parameter.

    Inside a function neither counts: `h + α tanh(h)` is a layer, `x + ε sign(∂C/∂x)` no descent.
    """
    nodes = [n for t in terms for n in _outside_calls(t)]
    inside = {n.base for t in terms for n in t.walk() if isinstance(n, Sym)}
    outside = {n.base for n in nodes if isinstance(n, Sym)}
    if any(letter in _by(n) for n in nodes):
        return bool(outside)  # a step without any rate is not told from a definition
    if f"Delta {letter}" in outside:
        return True
    layer = letter in inside and letter not in outside
    sure = letter in parameters or "eta" in outside
    return bool(outside & RATES) and sure and not layer


def _outside_calls(f: Formula) -> Iterator[Formula]:
    yield f
    if not isinstance(f, Call | Deriv | Grad):
        for child in f.children():
            yield from _outside_calls(child)


def _by(n: Formula) -> Iterator[str]:
    if isinstance(n, Deriv | Grad) and isinstance(n.by, Formula):
        yield from (x.base for x in n.by.walk() if isinstance(x, Sym))


def _pairs(head: Sym) -> Iterator[tuple[Sym, Sym]]:
    """The parameter without its mark, and how it may be written before the step."""
    if head.primes == 1:
        plain = replace(head, primes=0)
        yield plain, plain
    for scripts in ("sub", "sup"):
        own: tuple[str, ...] = getattr(head, scripts)
        short = _without(own, _NEW)
        if scripts == "sup" and own == ("+",):
            short = ()
        if short is not None:
            plain = _scripted(head, scripts, short)
            yield plain, plain
            for word in _OLD:
                for mark in ((word,), tuple(word)):
                    old = (*own[: _cut(own, _NEW)], *mark, *(own[-1:] if own[-1] == ")" else ()))
                    yield plain, _scripted(head, scripts, old)
        bare, closing = (own[:-1], own[-1:]) if own[-1:] == (")",) else (own, ())
        if bare[-2:] == ("+", "1") and len(bare) > 2 and bare[-3].isalpha():
            before = bare[:-3]
            if before[-1:] in ((",",), ("(",)):
                before = before[:-1]
            plain = _scripted(head, scripts, before)
            yield plain, _scripted(head, scripts, (*bare[:-2], *closing))
            yield plain, plain


def _scripted(s: Sym, where: str, scripts: tuple[str, ...]) -> Sym:
    return replace(s, sub=scripts) if where == "sub" else replace(s, sup=scripts)


def _without(scripts: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...] | None:
    at = _cut(scripts, words)
    if at is None:
        return None
    short = scripts[:at]
    return short[:-1] if short[-1:] in ((",",), ("(",)) else short


def _cut(scripts: tuple[str, ...], words: tuple[str, ...]) -> int | None:
    """Where the word begins that the scripts end in."""
    end = len(scripts) - 1 if scripts[-1:] == (")",) else len(scripts)
    for word in words:
        for mark in ((word,), tuple(word)):
            if scripts[end - len(mark) : end] == mark and end >= len(mark):
                return end - len(mark)
    return None
