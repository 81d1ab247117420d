"""Sizes, widths, and which bare letters are vectors or matrices."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from symbackprop.formula.tree import (
    Add,
    Chain,
    Formula,
    Idx,
    MatMul,
    Mul,
    Norm,
    Prod,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS, SIZE_LETTERS
from symbackprop.verifying.names.scripts import items_of
from symbackprop.verifying.names.symbols import Symbols
from symbackprop.verifying.understanding.array_letters import is_bare
from symbackprop.verifying.understanding.gate_names import without_gate
from symbackprop.verifying.understanding.numbered_times import is_numbered, is_step
from symbackprop.verifying.understanding.profile import Profile


def sizes_of(chains: list[Chain], table: Symbols) -> tuple[frozenset[str], frozenset[str]]:
    """Names of sizes (upper ends of sums, layer numbers) and letters of layer widths."""
    sizes: set[str] = set()
    widths: set[str] = set()
    running = {
        n.index.name for c in chains for n in c.walk() if isinstance(n, Sum) and n.upper is not None
    }
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sum | Prod) and n.upper is not None:
                for x in n.upper.walk():
                    if isinstance(x, Sym):
                        if not x.sub and not x.sup:
                            if x.base not in running:
                                sizes.add(x.base)
                        elif not x.sup:
                            items = items_of(x.sub)
                            if len(items) == 1 and items[0].letters:
                                layers = {
                                    name for g in table.groups.values() for name in g.sup_letters
                                }
                                known = set(items[0].letters) & (
                                    {"l", "L"} | table.letters | (SIZE_LETTERS & layers)
                                )
                                if x.base == "n" and items[0].text == "l":
                                    sizes.add("n_l")
                                elif known:
                                    widths.add(x.base)
                                elif x.base == "n" or not set(items[0].letters) & table.bound:
                                    sizes.add(f"{x.base}_{items[0].text}")  # n_H, d_x
                    elif isinstance(x, Idx) and x.name not in running:
                        sizes.add(x.name)
    for group in table.groups.values():
        for name in group.sup_letters | group.sub_letters:
            if name in SIZE_LETTERS - table.quantities:
                sizes.add(name)
    scripts = table.script_letters
    if "t" in scripts and "tau" in scripts and "T" not in scripts and "tau" not in table.bound:
        sizes.add("tau")  # h^{(τ)}, the last of the times t
    return frozenset(sizes), frozenset(widths)


def numbered_arrays(
    symbols: list[Sym], profile: Profile, numerators: frozenset[str]
) -> frozenset[str]:
    """Bases that are written as `z_1` and, as a whole vector, as `z`: the digits are indices."""
    from symbackprop.verifying.understanding.profile import looks_array

    whole = {
        s.base for s in symbols
        if not s.sub and looks_array(_lettered(s)) and not (s.base in COSTS and s.base in numerators)
    }  # fmt: skip
    digits = {s.base for s in symbols if s.sub and all(t.isdigit() for t in s.sub)}
    return frozenset(whole & digits)


_ENTRY_LETTERS = frozenset("ijkmpqruv")


def told_entries(chains: list[Chain], symbols: list[Sym]) -> frozenset[str]:
    """Bases of `z_1` in a text that speaks of `z_j`, and writes other letters as `a_1` and as `a_j`.

    There the digits are indices. Of a letter that stands with digits alone (a layer, say) and is
    only spoken of, nothing is known.
    """
    digits: dict[str, set[int]] = {}
    letters: dict[str, set[tuple[str, ...]]] = {}
    for s in symbols:
        if s.sub and all(t.isdigit() for t in s.sub):
            digits.setdefault(s.base, set()).add(len(s.sub))
        elif s.sub:
            letters.setdefault(s.base, set()).add(s.sub)
    both = {
        t for base, subs in letters.items() for sub in subs for t in sub
        if len(sub) in digits.get(base, ()) and set(sub) <= _ENTRY_LETTERS
    }  # fmt: skip
    return frozenset(
        n.base
        for c in chains
        if not c.relations and len(c.members) == 1
        for n in c.members
        if isinstance(n, Sym) and n.sub and set(n.sub) <= both
        and len(n.sub) in digits.get(n.base, ()) and n.base not in letters
    )  # fmt: skip


def _lettered(s: Sym) -> Sym:
    """`b1`, the biases of layer 1, looks like b."""
    letters = s.base.rstrip("0123456789")
    return replace(s, base=letters) if letters else s


def scalars_of(chains: list[Chain]) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Bare symbols in equations of single entries (`z_1 = W_{11} x_1 + b`): numbers, not vectors."""
    found = {
        (a.base, a.sup)
        for c in chains
        for n in c.walk()
        if isinstance(n, Mul | MatMul)
        for a, b in pairwise(n.factors)
        if isinstance(a, Sym) and a.base.islower() and not a.sub and b == Sym("1")
    }  # `b 1`: a number times a column of ones
    if any(map(is_step, chains)):
        return frozenset(found)  # the digits number steps
    of_times = {n.base for c in chains for n in c.walk() if isinstance(n, Sym) and n.sub == ("t",)}
    for c in chains:
        head = c.members[0]
        if not c.relations or not isinstance(head, Sym) or not head.sub:
            continue
        if not all(t.isdigit() for t in head.sub) or head.base in of_times:
            continue
        for m in c.members[1:]:
            if isinstance(m, Sym) or any(isinstance(n, Norm | Transpose) for n in m.walk()):
                continue
            found |= {
                (n.base, n.sup) for n in m.walk()
                # the X of `Z_1 = X W_1 + b_1` is no number
                if isinstance(n, Sym) and not n.sub and not (_capital(head) and _capital(n))
            }  # fmt: skip
    return frozenset(found)


def numbered_biases(chains: list[Chain]) -> frozenset[Sym]:
    """The `b_1` of `Z_1 = X W_1 + b_1`: what is added to a product of matrices is a vector for all rows."""
    found: set[Sym] = set()
    for c in chains:
        if c.relations[:1] not in (("=",), (":=",)):
            continue
        for n in (x for m in c.members[1:] for x in m.walk() if isinstance(x, Add)):
            if not any(isinstance(t, MatMul) and all(map(_is_matrix, t.factors)) for t in n.terms):
                continue
            found |= {replace(t, span=None) for t in n.terms if isinstance(t, Sym) and _is_b(t)}
    return frozenset(found)


def _is_b(s: Sym) -> bool:
    """`b_1` or `b1`."""
    if s.sup or not s.base[:1].islower():
        return False
    return (*s.base[1:], *s.sub) in {(d,) for d in "0123456789"}


def _is_matrix(f: Formula) -> bool:
    body = f.body if isinstance(f, Transpose) else f
    return isinstance(body, Sym) and _capital(body)


def _capital(s: Sym) -> bool:
    return s.base[:1].isupper() and (len(s.base) == 1 or s.base[1:].isdigit())


def ranks_of(
    symbols: list[Sym],
    table: Symbols,
    profile: Profile,
    numerators: frozenset[str],
    scalars: frozenset[tuple[str, tuple[str, ...]]],
    gates: frozenset[str] = frozenset(),
    compared: frozenset[str] = frozenset(),
    biases: frozenset[Sym] = frozenset(),
    steps: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """Matrix style: capital letters are matrices, small ones vectors, cost letters numbers.

    `x_t` is the vector of a time, but where `[j = t]` tells that t counts entries.
    """
    from symbackprop.verifying.understanding.profile import is_bold, looks_array

    found: dict[str, int] = {}
    for s in dict.fromkeys(symbols):
        w = table.resolve(s)
        if w.missing or (s.base, s.sup) in scalars:
            continue
        if is_bold(s, profile.bold) or replace(s, span=None) in biases:
            found[w.name] = 1
            continue
        if is_numbered(s, steps):
            found[w.name] = 1
            continue
        if not looks_array(without_gate(s, gates)) and not is_bare(s, table.whole):
            continue
        if s.sub and table.groups[(s.base, s.accent, s.primes)].sub_arities:
            items = table.index_items(s.sub)
            if items is not None and not all(
                i.letters and set(i.letters) <= {"t", "T", "tau"} - compared for i in items
            ):
                continue
        if s.base in COSTS and s.base in numerators:
            continue
        base = s.base.split()[-1]
        found[w.name] = 2 if base[:1].isupper() else 1
    return found
