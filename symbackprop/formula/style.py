"""Style: what a book decides about looks, and the names it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from symbackprop.formula.hints import Hints
from symbackprop.formula.tree import Array, Formula, Idx, Num, Ref, Sym

Named = Ref | Array | Idx | str
"""What a style names: quantities, index letters, and (as str) the functions of a Call."""


def plain_symbol(thing: Named) -> Formula | str:
    """Names as the system has them: `Ref("W1", (j, k))` is `W1_{j,k}`; an adjoint wears a bar."""
    if isinstance(thing, str):
        return Sym(thing)
    if isinstance(thing, Idx):
        return Sym(thing.name)
    sub: list[str] = []
    for i in thing.indices:
        sub.extend((",",) if sub else ())
        sub.extend(_index_tokens(i))
    adjoint = thing.name.startswith("d.")
    base = thing.name.removeprefix("d.")
    return Sym(base, sub=tuple(sub), accent="bar" if adjoint else "")


def _index_tokens(formula: Formula) -> list[str]:
    from symbackprop.formula.tree import Add, Neg

    match formula:
        case Idx(name=name):
            return [name]
        case Num(text=text):
            return list(text)
        case Sym(base=base):
            return [base]
        case Add(terms=terms):
            found: list[str] = []
            for term in terms:
                minus = isinstance(term, Neg)
                if found or minus:
                    found.append("-" if minus else "+")
                found.extend(_index_tokens(term.body if isinstance(term, Neg) else term))
            return found
        case Neg(body=body):
            return ["-", *_index_tokens(body)]
        case Ref(name=name, indices=indices):
            inner = [t for i in indices for t in _index_tokens(i)]
            return [name, "_", "{", *inner, "}"] if inner else [name]
    return ["?"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a formula is printed.

    symbol     the name of a Ref, Array, Idx or function (as str): a Formula (usually a Sym), or
               LaTeX text that is taken as it is
    product    sign between factors: '' (juxtaposition, a dot only where it helps), 'cdot', 'times'
               or '*'
    hadamard   command of the product entry by entry
    exponential  'e' for e^{x}, 'exp' for \\exp(x)
    fraction   'bar', or 'slash' for a / b everywhere
    derivative 'fraction', or 'operator' for d/dw before what is differentiated
    kronecker  '[m = j]' as 'bracket', \\delta_{mj} as 'delta', or 'indicator'
    transpose  what stands as superscript
    bold       arrays in bold letters
    otherwise  LaTeX of the last case
    update     LaTeX of the arrow of an update rule
    hints      how the printed text will be read: decides where brackets are needed
    """

    symbol: Callable[[Named], Formula | str] = plain_symbol
    product: Literal["", "cdot", "times", "*"] = ""
    hadamard: str = "odot"
    exponential: Literal["e", "exp"] = "e"
    fraction: Literal["bar", "slash"] = "bar"
    derivative: Literal["fraction", "operator"] = "fraction"
    kronecker: Literal["bracket", "delta", "indicator"] = "bracket"
    transpose: str = "T"
    bold: bool = False
    otherwise: str = r"\text{otherwise}"
    update: str = r"\leftarrow"
    hints: Hints = field(default_factory=Hints)
