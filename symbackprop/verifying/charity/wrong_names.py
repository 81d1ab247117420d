"""Slips in names and functions: the wrong letter, the wrong case, an argument without brackets."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Call, Chain, Deriv, Diff, Div, Formula, Sym
from symbackprop.verifying.charity.reading import Reading, swap
from symbackprop.verifying.names.letters import latex_of
from symbackprop.verifying.understanding.statement import Statement, Understanding


def function_as_name(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    """`sigma^l_j` where sigma is the activation function: the error delta is meant."""
    if not any(isinstance(n, Sym) and n.base in ("sigma", "f", "g") for n in c.walk()):
        return None
    applied = set(u.functions)
    deltas = {(len(x.sub), len(x.sup)) for x in u.resolver.symbols.symbols if x.base == "delta"}
    wrong = [
        n for n in c.walk()
        if isinstance(n, Sym) and n.base in applied and n.base in ("sigma", "f", "g")
        and (n.sub or n.sup) and (len(n.sub), len(n.sup)) in deltas
    ]  # fmt: skip
    if not wrong:
        return None
    new = swap(c, {w: replace(w, base="delta") for w in wrong})
    return Reading(
        "M201",
        f"{latex_of(wrong[0])} uses the letter of the activation function; "
        f"{latex_of(replace(wrong[0], base='delta'))} is meant",
        new,
    )


def case_slip(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    """`w31` where the document only knows `W31`."""
    if s.defines:
        return None
    change: dict[Formula, Formula] = {}
    heads = {x.chain.members[0] for x in u.statements if x.defines}
    defined = {h.base for h in heads if isinstance(h, Sym)}
    for n in c.walk():
        if not isinstance(n, Sym) or n in known or n in change or len(n.base) > 6:
            continue
        if n.base in defined:
            continue
        if _introduced(n, u) or _is_whole(n, u):
            continue
        for other in known:
            if (
                other.base.lower() == n.base.lower()
                and other.base != n.base
                and ((other.sub, other.sup, other.primes) == (n.sub, n.sup, n.primes))
            ):
                change[n] = other
                break
    if not change or any(
        k.base.lower() == k.base and len(k.base) == 1 and not k.sub and not k.sup
        for k in change
        if isinstance(k, Sym)
    ):
        return None
    old, new = next(iter(change.items()))
    assert isinstance(old, Sym)
    assert isinstance(new, Sym)
    return Reading(
        "M202", f"{latex_of(old)} is declared nowhere; {latex_of(new)} is meant", swap(c, change)
    )


def _introduced(n: Sym, u: Understanding) -> bool:
    """Whether the prose introduces a symbol: "for every matrix $M$"."""
    latex = latex_of(n)
    return any(not p.display and p.latex.strip() == latex for p in u.scan.pieces)


def _is_whole(n: Sym, u: Understanding) -> bool:
    """Whether a symbol is the whole of an array whose entries are defined, or an entry of a whole one."""
    w = u.resolver.symbols.resolve(n)
    return any(d.target == w.name and (w.missing or d.whole) for d in u.definitions)


def missing_partial(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    """`∂(…) / P1` for `∂(…) / ∂P1`."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Div) and isinstance(n.num, Diff) and isinstance(n.den, Sym):
            return Deriv(n.num.body, n.den)
        return None

    new = c.rewrite(change)
    if new == c or not isinstance(new, Chain):
        return None
    return Reading("M203", "the ∂ below the bar is missing", new)


def bare_application(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    r"""`\sigma z` for `\sigma(z)`, and `\sigma'^{(z)}`."""
    import re

    text = s.piece.latex
    m = re.search(r"\\(sigma|phi|varphi|psi)\s*('?)\s+(?=[a-z](?![a-z(]))[a-z]", text)
    if m and any(isinstance(n, Call) and n.name == m[1] for n in c.walk()):
        return Reading("M204", f"the argument of \\{m[1]} has no brackets", c)

    def change(n: Formula) -> Formula | None:
        if (
            isinstance(n, Sym)
            and n.base in u.profile.hints.functions
            and n.primes
            and len(n.sup) >= 2
            and n.sup[0] == "("
            and not n.sub
        ):
            inner = tuple(t for t in n.sup if t not in "()")
            if len(inner) == 1:
                return Call(n.base, (Sym(inner[0]),), n.primes)
        return None

    new = c.rewrite(change)
    if new == c or not isinstance(new, Chain):
        return None
    return Reading("M205", "the argument of the derivative is set as a superscript", new)
