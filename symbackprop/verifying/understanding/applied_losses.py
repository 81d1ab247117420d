r"""Losses at several arguments: `J = \frac1m \sum_i L(a^{[L](i)}, y^{(i)})` with `L(a, y) = -(y \log a + …)`.

A loss whose formula holds nothing but its arguments is a function of them. Where the text applies it
to others, its formula is put in; `L(a, y)` itself, and `L(a^{(i)}, y^{(i)})` of the example i, keep
the name, for what the loss is of is then what the arguments of its formula are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Num,
    Opaque,
    Pow,
    Prod,
    Sum,
    Sym,
)
from symbackprop.verifying.understanding.statement import Statement

UNREAD = "a loss at other arguments than those that its formula is given for"

UNITS = ("k", "j", "q", "u")
"""Letters for the outputs, where a loss of numbers is summed over them."""

EQUALS = ("=", ":=", "equiv")

_APPLIED = re.compile(
    r"(?<![A-Za-z\\{])(?:(?P<letter>[LCE])|\\(?P<ell>ell)|\\mathcal\s*\{?\s*(?P<cal>[A-Z])\s*\}?)\s*"
    r"(?:\\left|\\[bB]igg?l?)?\s*\("
)
_SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])|\s+|\\[,;!:]")
_HEAD = re.compile(r"\s*&?\s*(?::|\\equiv|=)")
_EXAMPLE = re.compile(r"\^\{?\([a-z]\)\}?|(?<=\])\([a-z]\)")

Template = tuple[tuple[Sym, ...], Formula]
"""The arguments of a loss, and its formula."""


def several_arguments(texts: Iterable[str]) -> frozenset[str]:
    """Letters of losses that the texts define with arguments and apply to others."""
    heads: dict[str, set[str]] = {}
    uses: dict[str, set[str]] = {}
    for text in texts:
        for base, arguments, rest in _applied(text):
            if "," not in arguments or ";" in arguments:
                continue
            (heads if _HEAD.match(rest) else uses).setdefault(base, set()).add(arguments)
    return frozenset(
        base for base, own in heads.items()
        if any(_plain(a) not in own for a in uses.get(base, ()))
    )  # fmt: skip


def _applied(text: str) -> Iterator[tuple[str, str, str]]:
    """Every applied letter of a loss: its base, what stands in its brackets, and the text behind them."""
    for m in _APPLIED.finditer(text):
        base = m["letter"] or m["ell"] or f"mathcal {m['cal']}"
        level, at = 1, m.end()
        while at < len(text) and level:
            level += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        yield base, _SIZES.sub("", text[m.end() : at - 1]), text[at:]


def _plain(arguments: str) -> str:
    """The arguments without the superscript of one example."""
    return _EXAMPLE.sub("", arguments)


def templates(chains: Iterable[Chain], bases: frozenset[str]) -> dict[str, Template]:
    """The losses among these letters that one formula of their arguments defines."""
    found: dict[str, Template] = {}
    several: set[str] = set()
    for c in chains:
        head = c.members[0]
        if not isinstance(head, Call) or head.name not in bases or c.relations[:1] == ():
            continue
        if c.relations[0] not in EQUALS or head.primes or len(head.args) < 2:
            continue
        args = tuple(a for a in head.args if isinstance(a, Sym) and not a.sub)
        own = {n for n in c.members[1].walk() if isinstance(n, Sym)}
        if not own & set(args):
            continue  # the loss of one example in terms of others: no formula of its own
        if head.name in found:
            several.add(head.name)
        closed = not any(isinstance(n, Deriv | Grad | Opaque) for n in c.members[1].walk())
        if len(args) == len(head.args) == len(set(args)) and closed and _only(c.members[1], args):
            found[head.name] = args, c.members[1]
        else:
            several.add(head.name)
    return {base: t for base, t in found.items() if base not in several}


def _only(rhs: Formula, args: tuple[Sym, ...]) -> bool:
    """Whether a formula holds nothing but these letters, whole or in entries that it sums over."""
    bound = {n.index.name for n in rhs.walk() if isinstance(n, Sum | Prod)}
    for n in rhs.walk():
        if isinstance(n, Sym) and n not in args:
            whole = replace(n, sub=(), span=None)
            entry = whole in args and len(n.sub) == 1 and n.sub[0] in bound
            if not entry and n.base not in bound and not _is_size(n, rhs):
                return False
    return True


def _is_size(n: Sym, rhs: Formula) -> bool:
    """The K of `\\sum_{k=1}^K`."""
    return any(isinstance(s, Sum | Prod) and s.upper == n for s in rhs.walk())


def write_out_losses(
    statements: Sequence[Statement], found: dict[str, Template], arrays: bool = False
) -> None:
    """Puts the formulas in where the losses are applied to other arguments than their own.

    arrays: letters without subscript are vectors, so that a loss of numbers is summed over the outputs.
    """
    if not found:
        return
    bases = {n.base for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    for s in statements:
        if any(isinstance(n, Call) and n.name in found for n in s.chain.walk()):
            taken = bases | {t for n in s.chain.walk() if isinstance(n, Sym) for t in n.sub}
            unit = next((x for x in UNITS if arrays and x not in taken), "")
            s.chain = s.chain.rewrite_members(_putting_in(found, unit))


def _putting_in(found: dict[str, Template], unit: str) -> Callable[[Formula], Formula | None]:
    return lambda n: _written(n, found, unit)


def _written(n: Formula, found: dict[str, Template], unit: str) -> Formula | None:
    if not isinstance(n, Call) or n.name not in found:
        return None
    own, rhs = found[n.name]
    marks = {_example(a) for a in n.args}
    plain = tuple(_without_example(a) for a in n.args)
    if len(marks) == 1 and not n.primes and set(plain) == set(own):
        return Sym(n.name, (), next(iter(marks)), span=n.span)
    if len(plain) != len(own) or n.primes or not all(isinstance(a, Sym) for a in n.args):
        return Opaque(n.name, UNREAD, span=n.span)
    at = {a: x for a, x in zip(own, n.args, strict=True) if isinstance(x, Sym)}
    if unit and any(map(_of_last_layer, at.values())) and _of_numbers(rhs, own):
        if any(x.sub for x in at.values()):
            return Opaque(n.name, UNREAD, span=n.span)
        at = {a: replace(x, sub=(unit,)) for a, x in at.items()}
        body = rhs.rewrite(lambda x: replace(at[x], span=None) if x in at else None)
        return Sum(body, Idx(unit), span=n.span)
    if any(isinstance(x, Sym) and x.sub and x not in at for x in rhs.walk()) and any(
        x.sub for x in at.values()
    ):
        return Opaque(n.name, UNREAD, span=n.span)  # an entry of one of several vectors

    def change(x: Formula) -> Formula | None:
        if not isinstance(x, Sym):
            return None
        if x in at:
            return replace(at[x], span=None)
        whole = replace(x, sub=(), span=None)
        return replace(at[whole], sub=x.sub, span=None) if whole in at else None

    return replace(rhs.rewrite(change), span=n.span)


def _of_last_layer(s: Sym) -> bool:
    """`a^{[L](i)}`: as many outputs as the last layer has."""
    return any(t in ("L", "l") for t in s.sup)


def _of_numbers(rhs: Formula, own: tuple[Sym, ...]) -> bool:
    """A formula of numbers, as `-(y \\log a + (1 - y) \\log(1 - a))`: no sum, no norm, no transpose."""
    kinds = Add | Neg | Mul | MatMul | Hadamard | Div | Pow | Call | Num
    return all(n in own or isinstance(n, kinds) for n in rhs.walk())


def _example(a: Formula) -> tuple[str, ...]:
    """The `(i)` above an argument, () without one."""
    if isinstance(a, Sym) and len(a.sup) >= 3 and (a.sup[-3], a.sup[-1]) == ("(", ")"):
        return a.sup[-3:] if a.sup[-2] not in ("l", "L") else ()
    return ()


def _without_example(a: Formula) -> Formula:
    mark = _example(a)
    plain = replace(a, sup=a.sup[: -len(mark)]) if mark and isinstance(a, Sym) else a
    return replace(plain, span=None)


__all__ = ["several_arguments", "templates", "write_out_losses"]
