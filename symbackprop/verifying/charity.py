"""Charitable readings: what a slip of the pen may have meant, judged before it is said.

Two kinds. A *slip* is wrong writing whatever its value (`w31` where only `W31` exists); it is mended
first and reported as a misprint if the mended statement holds. A *reading* is tried only when the
statement does not hold as written: "true only if you meant …".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Diff,
    Div,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Pow,
    Prod,
    Ref,
    Sum,
    Sym,
)
from symbackprop.verifying.symbols import FRESH, latex_of
from symbackprop.verifying.understand import Statement, Understanding


@dataclass(frozen=True, slots=True)
class Reading:
    """A mended statement: `code` of the finding, what was changed in words, the new chain (written)."""

    code: str
    message: str
    chain: Chain


def slips(s: Statement, u: Understanding, known: frozenset[Sym]) -> list[Reading]:
    """Wrong writing that is mended before judging; each Reading mends all slips up to it."""
    found: list[Reading] = []
    chain = s.chain
    for step in (
        _function_as_name, _case_slip, _missing_partial, _bare_application, _missing_index,
        _shorthand, _other_width, _undeclared_end, _loop_arguments, _arrow, _no_left_side,
    ):  # fmt: skip
        mended = step(chain, s, u, known)
        if mended is not None:
            found.append(mended)
            chain = mended.chain
    return found


# --- slips ------------------------------------------------------------------------------------------


def _function_as_name(
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
    new = _swap(c, {w: replace(w, base="delta") for w in wrong})
    return Reading(
        "M201",
        f"{latex_of(wrong[0])} uses the letter of the activation function; "
        f"{latex_of(replace(wrong[0], base='delta'))} is meant",
        new,
    )


def _case_slip(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    """`w31` where the document only knows `W31`."""
    if s.defines:
        return None
    change: dict[Formula, Formula] = {}
    for n in c.walk():
        if not isinstance(n, Sym) or n in known or n in change or len(n.base) > 6:
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
        k.base.lower() == k.base and len(k.base) == 1 and not k.sub
        for k in change
        if isinstance(k, Sym)
    ):
        return None
    old, new = next(iter(change.items()))
    assert isinstance(old, Sym)
    assert isinstance(new, Sym)
    return Reading(
        "M202", f"{latex_of(old)} is declared nowhere; {latex_of(new)} is meant", _swap(c, change)
    )


def _missing_partial(
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


def _bare_application(
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


def _missing_index(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    """`sum_i (y_i - y_o)^2`: the second symbol lacks the index of the sum."""
    for n in c.walk():
        if not isinstance(n, Sum):
            continue
        letter = n.index.name
        inside = [x for x in n.body.walk() if isinstance(x, Sym)]
        for x in inside:
            if x.sub == (letter,):
                for y in inside:
                    if (
                        y.base == x.base and y.sub != x.sub and len(y.sub) == 1 and y.sub[0].isalpha()
                        and y.sub[0] not in u.resolver.symbols.letters and not y.sup
                    ):  # fmt: skip
                        new = _swap(c, {y: Sym(y.sub[0], (letter,))})
                        return Reading(
                            "M206",
                            f"{latex_of(y)} lacks the index {letter} of the sum: "
                            f"{y.sub[0]}_{letter} is meant",
                            new,
                        )
    return None


def _shorthand(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    """`J(W)` in a text that declares `J(W, b)` and `J(W, b; x, y)`."""
    short = [n for n in c.walk() if isinstance(n, Sym) and n.sub == ("short",)]
    if not short:
        return None
    new = _swap(c, {n: Sym(n.base) for n in short})
    return Reading(
        "M208", f"{short[0].base}(W) is declared nowhere; the cost of one example is meant", new
    )


def _other_width(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    """`S_{l}` where the widths are `s_l`."""
    widths = u.resolver.widths
    for n in c.walk():
        if isinstance(n, Sum | Prod) and isinstance(n.upper, Sym):
            base = n.upper.base
            if base.isupper() and base in widths and base.lower() in widths:
                return Reading("M209", f"{latex_of(n.upper)} is written for {base.lower()}_l", c)
    return None


def _undeclared_end(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    """`sum_{j=1}^n` over the units of a layer, where widths are `s_l` and n is nothing."""
    if not u.resolver.widths:
        return None
    found: list[str] = []

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sum) and isinstance(n.upper, Sym) and not n.upper.sub and not n.upper.sup:
            layered = any(
                isinstance(x, Sym) and x.sup and n.index.name in x.sub for x in n.body.walk()
            )
            if layered and n.upper.base.islower():
                found.append(n.upper.base)
                return replace(n, lower=None, upper=None, body=n.body.rewrite(change))
        return None

    new = c.rewrite(change)
    if not found or not isinstance(new, Chain):
        return None
    return Reading("M215", f"the upper end {found[0]} of the sum is declared nowhere", new)


def _loop_arguments(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    """`D := D + grad J(W, b; x, y)` in a loop over examples."""
    head = c.members[0]
    if s.sort != "update" or not isinstance(head, Sym) or not u.profile.costs:
        return None
    for n in c.walk():
        if isinstance(n, Grad | Deriv) and isinstance(n.of, Sym) and n.of.base in u.profile.costs:
            bare = not n.of.sub and not n.of.sup
            if bare and head.base.startswith("Delta"):
                return Reading("M207", "the arguments of the cost lack the index of the example", c)
    return None


def _arrow(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    if s.sort == "shape" and "\\mapsto" in s.piece.latex:
        return Reading("M210", "\\mapsto maps elements; between sets \\to is meant", c)
    return None


def _no_left_side(
    c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]
) -> Reading | None:
    if s.sort == "cost" and all(r == "to" for r in c.relations):
        return Reading("M217", "the cost has no left side", c)
    return None


# --- readings ---------------------------------------------------------------------------------------


def readings(s: Statement, u: Understanding, chain: Chain) -> Iterator[Reading]:
    """Other readings of a written chain, the likeliest first."""
    yield from _sum_reach(chain)
    yield from _hadamard_for_dot(chain)
    yield from _missing_layer(chain, u)
    yield from _captured(chain)
    layered = list(_missing_layer(chain, u))
    for one in layered:
        for two in _hadamard_for_dot(one.chain):
            yield Reading(two.code, f"{one.message}, and {two.message}", two.chain)


def _sum_reach(c: Chain) -> Iterator[Reading]:
    """`sum_n a_n - b_n`: the sum goes over the whole difference."""
    changed = False

    def change(n: Formula) -> Formula | None:
        nonlocal changed
        if isinstance(n, Add):
            for i, t in enumerate(n.terms):
                body = t.body if isinstance(t, Neg) else t
                if isinstance(body, Sum) and i + 1 < len(n.terms) and not isinstance(t, Neg):
                    changed = True
                    inner = Add((body.body, *n.terms[i + 1 :]))
                    whole = replace(body, body=inner)
                    return Add((*n.terms[:i], whole)) if i else whole
        return None

    new = c.rewrite(change)
    if changed and isinstance(new, Chain):
        yield Reading(
            "M211", "the sum is meant to run over the whole sum of terms (brackets missing)", new
        )


def _hadamard_for_dot(c: Chain) -> Iterator[Reading]:
    """A dot between two vectors where the entry-by-entry product is meant."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, MatMul) and len(n.factors) == 2:
            return Hadamard(tuple(x.rewrite(change) for x in n.factors))
        if isinstance(n, Mul) and len(n.factors) >= 2 and any(s == "cdot" for s in n.signs):
            return Hadamard(n.factors)
        return None

    new = c.rewrite(change)
    if new != c and isinstance(new, Chain):
        yield Reading("M212", "the product is meant entry by entry (⊙)", new)


def _missing_layer(c: Chain, u: Understanding) -> Iterator[Reading]:
    """`∂C/∂z` beside `δ^L`: the layer is left out."""
    head = c.members[0]
    if not isinstance(head, Sym) or not head.sup:
        return
    families = {x.base for x in u.resolver.symbols.symbols if x.sup and x.base != head.base}
    change: dict[Formula, Formula] = {}
    for n in c.walk():
        if isinstance(n, Sym) and not n.sup and not n.sub and n.base in families and n != head:
            change[n] = replace(n, sup=head.sup)
    for n in c.walk():
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym):
            change.pop(n.of, None)
    if change:
        old, new = next(iter(change.items()))
        assert isinstance(old, Sym)
        assert isinstance(new, Sym)
        yield Reading("M213", f"{latex_of(old)} lacks its layer: {latex_of(new)}", _swap(c, change))


def _captured(c: Chain) -> Iterator[Reading]:
    """A letter that is free on the left and bound by a sum on the right stands for two things."""
    free = {
        t
        for n in c.members[0].walk()
        if isinstance(n, Sym)
        for t in (*n.sub, *n.sup)
        if len(t) == 1
    }
    bound = {n.index.name for m in c.members[1:] for n in m.walk() if isinstance(n, Sum | Prod)}
    for letter in sorted(free & bound):

        def change(n: Formula, letter: str = letter) -> Formula | None:
            if isinstance(n, Deriv | Grad):
                # what is differentiated may sum over the letter; what it is differentiated by may not
                return replace(n, of=_rename_bound(n.of, letter, FRESH))
            if isinstance(n, Sum) and n.index.name == letter:
                return _outer_sum(n, letter)
            return None

        new = c.rewrite(change)
        if new != c and isinstance(new, Chain):
            yield Reading(
                "M214",
                f"the letter {letter} is used for two things; the sum needs one of its own",
                new,
            )


def _rename_bound(f: Formula, old: str, new: str) -> Formula:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sum | Prod) and n.index.name == old:
            return replace(n, index=Idx(new), body=_rename_letters(n.body, old, new))
        return None

    return f.rewrite(change)


def _rename_letters(f: Formula, old: str, new: str) -> Formula:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym):
            sub = tuple(new if t == old else t for t in n.sub)
            sup = tuple(new if t == old else t for t in n.sup)
            return replace(n, sub=sub, sup=sup)
        if isinstance(n, Idx) and n.name == old:
            return Idx(new)
        return None

    return f.rewrite(change)


def _outer_sum(n: Sum, letter: str) -> Formula:
    """The sum with its own letter, which its arguments of samples take; the parameter keeps the free one."""
    fresh = FRESH

    def inside(x: Formula) -> Formula | None:
        if isinstance(x, Deriv):
            return replace(x, of=_rename_letters(x.of, letter, fresh))
        return None

    return replace(n, index=Idx(fresh), body=n.body.rewrite(inside))


def _swap(c: Chain, change: dict[Formula, Formula]) -> Chain:
    def one(n: Formula) -> Formula | None:
        for old, new in change.items():
            if n == old:
                return replace(new, span=n.span)
        return None

    new = c.rewrite(one)
    assert isinstance(new, Chain)
    return new


_ = (Array, Pow, Ref)
