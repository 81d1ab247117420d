"""Slips in indices, ends of sums, arguments and arrows."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Chain, Deriv, Formula, Grad, Prod, Sum, Sym
from symbackprop.verifying.charity.reading import Reading, swap
from symbackprop.verifying.names.letters import latex_of
from symbackprop.verifying.understanding.statement import Statement, Understanding


def missing_index(
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
                        new = swap(c, {y: Sym(y.sub[0], (letter,))})
                        return Reading(
                            "M206",
                            f"{latex_of(y)} lacks the index {letter} of the sum: "
                            f"{y.sub[0]}_{letter} is meant",
                            new,
                        )
    return None


def shorthand(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    """`J(W)` in a text that declares `J(W, b)` and `J(W, b; x, y)`."""
    short = [n for n in c.walk() if isinstance(n, Sym) and n.sub == ("short",)]
    if not short:
        return None
    new = swap(c, {n: Sym(n.base) for n in short})
    return Reading(
        "M208", f"{short[0].base}(W) is declared nowhere; the cost of one example is meant", new
    )


def other_width(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    """`S_{l}` where the widths are `s_l`."""
    widths = u.resolver.widths
    wrong: dict[Formula, Formula] = {}
    message = ""
    for n in c.walk():
        if isinstance(n, Sum | Prod) and isinstance(n.upper, Sym):
            base = n.upper.base
            if base.isupper() and base in widths and base.lower() in widths:
                wrong[n.upper] = replace(n.upper, base=base.lower(), span=None)
                message = message or f"{latex_of(n.upper)} is written for {base.lower()}_l"
    if wrong:
        return Reading("M209", message, swap(c, wrong))
    return None


def undeclared_end(
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
            used = sum(x == n.upper for x in c.walk()) > 1  # 1/m, or another sum: it is something
            if layered and n.upper.base.islower() and not used:
                found.append(n.upper.base)
                return replace(n, lower=None, upper=None, body=n.body.rewrite(change))
        return None

    new = c.rewrite(change)
    if not found or not isinstance(new, Chain):
        return None
    return Reading("M215", f"the upper end {found[0]} of the sum is declared nowhere", new)


def loop_arguments(
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


def arrow(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    if s.sort == "shape" and "\\mapsto" in s.piece.latex:
        return Reading("M210", "\\mapsto maps elements; between sets \\to is meant", c)
    return None


def no_left_side(c: Chain, s: Statement, u: Understanding, known: frozenset[Sym]) -> Reading | None:
    if s.sort == "cost" and all(r == "to" for r in c.relations):
        return Reading("M217", "the cost has no left side", c)
    return None
