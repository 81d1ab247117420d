"""Sums over names: in `\\sum_{j=1}^{3} w_{1j,x}^2` the letter j stands inside a name.

Where every `w_{11,x}`, `w_{12,x}`, `w_{13,x}` is a symbol of the document, the sum is written out: a
name is no quantity with an index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Chain, Formula, Idx, Num, Sum, Sym, add

MOST = 64
"""Sums with more terms are left as they are."""


Names = frozenset[tuple[str, str]]


def names_of(symbols: Iterable[Sym]) -> Names:
    """Letters with their subscripts, as a document writes them."""
    return frozenset((s.base, _text(s.sub)) for s in symbols)


def written_out(chain: Chain, names: Names) -> Chain:
    """The chain with such sums as additions; `names` are those of the document."""
    if not any(isinstance(n, Sum) for n in chain.walk()):
        return chain

    def change(f: Formula) -> Formula | None:
        if not isinstance(f, Sum):
            return None
        body = f.body.rewrite(change)
        bounds = (f.lower, f.upper)
        if not all(isinstance(b, Num) and b.text.isdigit() for b in bounds):
            return replace(f, body=body)
        low, high = (int(b.text) for b in bounds if isinstance(b, Num))
        letter = f.index.name
        mixed = {n for n in body.walk() if isinstance(n, Sym) and _inside_a_name(n, letter)}
        if not mixed or not 0 <= high - low < MOST:
            return replace(f, body=body)
        terms = [_put(body, letter, k) for k in range(low, high + 1)]
        made = {n for t in terms for n in t.walk() if isinstance(n, Sym)}
        if len(made) > MOST or any(
            _text(n.sub) and not _open(n) and (n.base, _text(n.sub)) not in names for n in made
        ):
            return replace(f, body=body)
        return add(*terms)

    return chain.rewrite_members(change)


def _text(tokens: tuple[str, ...]) -> str:
    return "".join(t for t in tokens if t not in "{} ")


def _inside_a_name(s: Sym, letter: str) -> bool:
    """Whether the letter touches a number or stands under a letter in the subscript."""
    for k, token in enumerate(s.sub):
        if token != letter:
            continue
        beside = {s.sub[k - 1] if k else "", s.sub[k + 1] if k + 1 < len(s.sub) else ""}
        if "_" in beside or any(b.isdigit() for b in beside):
            return True
    return False


def _open(s: Sym) -> bool:
    """Whether a letter of an enclosing sum still stands in the name."""
    return any(len(t) == 1 and t.isalpha() and t.islower() and t in "ijkmnopqr" for t in s.sub)


def _put(f: Formula, letter: str, number: int) -> Formula:
    text = str(number)

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and letter in n.sub + n.sup:
            sub = tuple(text if t == letter else t for t in n.sub)
            sup = tuple(text if t == letter else t for t in n.sup)
            return replace(n, sub=sub, sup=sup)
        if isinstance(n, Sym) and n.base == letter and not n.sub and not n.sup:
            return Num(text)
        if isinstance(n, Idx) and n.name == letter:
            return Num(text)
        return None

    return f.rewrite(change)
