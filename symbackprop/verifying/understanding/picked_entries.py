"""Entries that a label picks in a cost: the forms in which authors write them."""

from __future__ import annotations

from collections.abc import Iterator

from symbackprop.formula.tree import Bracket, Call, Chain, Formula, Idx, Prod, Sum, Sym
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.names.scripts import is_letter, items_of, singles
from symbackprop.verifying.understanding.statement import has_derivative


def picked(chain: Chain) -> Iterator[tuple[str, str]]:
    """The label of a cost, with the quantity of which it picks an entry."""
    head = chain.members[0]
    word = "".join(head.sub) if isinstance(head, Sym) else ""
    plain = isinstance(head, Sym) and (not word or (len(word) > 2 and word.isalpha()))
    plain = plain and chain.relations[:1] in (("=",), (":=",))
    if not plain or has_derivative(chain):
        return
    bound = {n.index.name for n in chain.walk() if isinstance(n, Sum | Prod)}
    free: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for n in chain.walk():
        if isinstance(n, Sym) and letter_of(n) and letter_of(n) not in bound | SIZE_LETTERS:
            free.setdefault(key_of(n), []).append((letter_of(n), n.base))
    for m in chain.members[1:]:
        for n in m.walk():
            if isinstance(n, Call) and n.name in ("log", "ln") and len(n.args) == 1:
                of = n.args[0]
                if isinstance(of, Sym) and letter_of(of) and letter_of(of) not in bound:
                    yield letter_of(of), of.base
                for key in _summed(of):  # -z_y + log Σ_j e^{z_j}
                    yield from free.get(key, ())
            elif isinstance(n, Sum):
                other = _other(n)
                if other and other not in bound:
                    for x in n.body.walk():
                        if isinstance(x, Sym) and letter_of(x) == other:
                            yield other, x.base


def _summed(f: Formula) -> set[tuple[str, str]]:
    """The quantities whose entries the sums in a formula run over."""
    return {
        key_of(x)
        for n in f.walk()
        if isinstance(n, Sum)
        for x in n.body.walk()
        if isinstance(x, Sym) and letter_of(x) == n.index.name
    }


def sums_beside(chain: Chain, letter: str) -> bool:
    r"""Whether a formula sums over entries that need not be those of which the label picks one.

    `-\log σ(u_o v) - Σ_k \log σ(-u_k v)` with words k of which none is o; in a softmax, each is meant.
    """
    if has_derivative(chain) or not _is_head(chain):
        return False
    picked = {key_of(n) for n in chain.walk() if isinstance(n, Sym) and letter_of(n) == letter}
    stack: list[Formula] = list(chain.members[1:])
    while stack:
        n = stack.pop()
        if isinstance(n, Call) and n.name in ("log", "ln"):
            continue
        if isinstance(n, Sum) and not _other(n):
            summed = {
                key_of(x)
                for x in n.body.walk()
                if isinstance(x, Sym) and letter_of(x) == n.index.name
            }
            if summed & picked:
                return True
        stack += n.children()
    return False


def _is_head(chain: Chain) -> bool:
    return isinstance(chain.members[0], Sym) and chain.relations[:1] in (("=",), (":=",))


def _other(f: Sum) -> str:
    """The k of `Σ_{j ≠ k}`."""
    for n in f.body.walk():
        if (
            isinstance(n, Bracket)
            and isinstance(n.condition, Chain)
            and n.condition.relations == ("!=",)
        ):
            names = [name_of(m) for m in n.condition.members]
            if f.index.name in names and len(names) == 2:
                return next((x for x in names if x != f.index.name), "")
    return ""


def name_of(f: Formula) -> str:
    if isinstance(f, Idx):
        return f.name
    return f.base if isinstance(f, Sym) and f == Sym(f.base) and is_letter(f.base) else ""


def letter_of(s: Sym) -> str:
    """The letter of `p_y`, "" of anything else."""
    return s.sub[0] if len(s.sub) == 1 and is_letter(s.sub[0]) else ""


def letters_of(s: Sym) -> set[str]:
    """The letters below a symbol, each for itself."""
    items = items_of(s.sub)
    found = singles(s.sub) if len(items) == 1 and "," not in s.sub else items
    return {x for i in found or () for x in i.letters}


def key_of(s: Sym) -> tuple[str, str]:
    return s.base, s.accent
