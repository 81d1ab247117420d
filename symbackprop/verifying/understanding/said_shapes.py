r"""Shapes that the document says: `W^{(l)} \in \mathbb{R}^{s_{l+1} \times s_l}`, `x_t \in \mathbb{R}^D`.

How many factors there are tells vectors from matrices, whatever the case of their letters; the
factors are the lengths of the axes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symbackprop.documents.scan import Piece
from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import (
    ONE,
    Add,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Mul,
    Neg,
    Norm,
    Num,
    Ref,
    Sum,
    Sym,
)
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.names.resolve import Resolver, Unclear
from symbackprop.verifying.systems.shapes import Shape
from symbackprop.verifying.understanding.inner_products import factors_of_inner_products
from symbackprop.verifying.understanding.output_columns import columns_of
from symbackprop.verifying.understanding.output_rows import one_column, one_row
from symbackprop.verifying.understanding.statement import Statement

REALS = "ℝ"


@dataclass(frozen=True, slots=True)
class Said:
    """A symbol and the lengths of its axes as written; None where a length was not understood."""

    symbol: Sym
    lengths: tuple[Formula | None, ...]


def said_shapes(statements: Iterable[Statement], rows: bool = False) -> tuple[Said, ...]:
    r"""What the statements `symbol \in \mathbb{R}^{...}` say.

    rows: vectors are rows in this document, so `1 \times n` is a vector of n.
    """
    statements = list(statements)
    found = _said(statements) + _weighted(statements)
    known = {one.symbol for one in found}
    alike = {(one.symbol.base, len(one.symbol.sub)) for one in found}
    found += [
        one for one in _multiplied(statements)
        if (one.symbol.base, len(one.symbol.sub)) not in alike
    ]  # fmt: skip
    chains = [s.chain for s in statements]
    found += _diagonals(chains, known)
    found += [Said(symbol, lengths) for symbol, lengths in one_row(chains) if symbol not in known]
    turned = one_column(chains, {one.symbol for one in found if one.lengths[:1] == (ONE,)})
    found = [one for one in found if one.symbol not in turned]
    found += [Said(symbol, lengths) for symbol, lengths in turned.items()]
    told = columns_of(chains) if rows else {}
    columned = [Said(symbol, lengths) for symbol, lengths in told.items() if symbol not in known]
    if rows and not any(one.lengths[1:] == (ONE,) for one in found):
        # Whoever writes a vector as `1 \times n` means a row.
        return (
            *columned,
            *(
                Said(one.symbol, one.lengths[1:])
                if len(one.lengths) == 2 and one.lengths[0] == ONE and one.symbol.base.islower()
                else one
                for one in found
                if one.lengths[:1] != (ONE,) or one.symbol.base.islower()
            ),
        )
    # Whoever writes vectors as `n \times 1` writes no vector with one length.
    columns = not any(len(one.lengths) == 1 for one in found)
    return (
        *columned,
        *(
            Said(one.symbol, one.lengths[:1])
            if columns
            and one.lengths[1:] == (ONE,)
            and one.symbol.base.islower()
            and one.symbol not in turned
            else one
            for one in found
        ),
    )


ROWS = re.compile(
    r"\b(?:vectors?|states?|inputs?|examples?)\b[^.$]{0,30}\b(?:are|is|as)\b[^.$]{0,20}\brows?\b|\brow[- ]vectors?\b"
    r"|行向量",
    re.IGNORECASE,
)
"""Prose that says that vectors are rows."""


_LEFT = re.compile(
    r"=\s*&?\s*(?:\\(?:mathbf|bm|boldsymbol|vec)\s*\{?\s*)?(?!d[A-Z])[a-z]\}?(?:_(?:\w|\{\w+\}))?\s*(?:\\cdot\s*)?"
    r"(?:\\(?:mathbf|bm|boldsymbol)\s*\{?\s*)?[A-Z]"
)
"""A vector left of a matrix: `q = s W`; `dZ` is one name."""

_RIGHT = re.compile(
    r"=\s*&?\s*(?:\\(?:mathbf|bm|boldsymbol|vec)\s*\{?\s*)?[A-Z]\}?(?:_(?:\w|\{\w+\})|\^(?:\w|\\top|\{[^{}]*\}))*\s*"
    r"(?:\\cdot\s*)?(?:\\(?:mathbf|bm|boldsymbol|vec)\s*\{?\s*)?[a-z](?![A-Za-z(])"
)
"""A vector right of a matrix: `z = W x`."""


def says_rows(statements: Iterable[Statement], pieces: Iterable[Piece]) -> bool:
    r"""Whether vectors are rows, by prose or by the shapes `1 \times n` of small letters; none is `n \times 1`."""
    pieces = list(pieces)
    if not any(_LEFT.search(p.latex) for p in pieces if "partial" not in p.latex):
        return False
    found = [one for one in _said(statements) if one.symbol.base.islower()]
    if any(len(one.lengths) == 2 and one.lengths[1] == ONE for one in found):
        return False
    if any(ROWS.search(p.before.replace("*", "")) for p in pieces):
        return True
    if not found and not any(_RIGHT.search(p.latex) for p in pieces):
        return True  # vectors stand left of matrices, and nowhere right of them
    return any(len(one.lengths) == 2 and one.lengths[0] == ONE for one in found) and not any(
        len(one.lengths) == 1 for one in found
    )


def _said(statements: Iterable[Statement]) -> list[Said]:
    """What is said, as it is written."""
    found: list[Said] = []
    listed: list[Sym] = []  # U and V of `U, V, W in R^n`
    last: object = None
    for s in statements:
        members = s.chain.members
        if s.piece is not last:
            listed, last = [], s.piece
        if not s.chain.relations and isinstance(members[0], Sym):
            listed.append(members[0])
            continue
        before, listed = listed, []
        if s.chain.relations != ("in",) or not isinstance(members[0], Sym):
            continue
        space = members[1]
        if not isinstance(space, Sym) or space.base != REALS or space.sub:
            continue
        lengths = tuple(_length(part) for part in _factors(space.sup))
        if len(lengths) <= 2:
            found += [Said(one, lengths) for one in (*before, members[0])]
    return found


def _weighted(statements: Sequence[Statement]) -> list[Said]:
    r"""The v_i of `o = \\sum_i α_i v_i` where the text takes the norm of o: vectors, their weights numbers."""
    chains = [s.chain for s in statements]
    normed = {
        p.body if isinstance(p, Neg) else p
        for c in chains for n in c.walk()
        if isinstance(n, Norm) for p in (n.body.terms if isinstance(n.body, Add) else (n.body,))
    }  # fmt: skip
    heads = {(c.members[0].base, c.members[0].accent) for c in chains
             if c.relations[:1] == ("=",) and isinstance(c.members[0], Sym)}  # fmt: skip
    found: list[Said] = []
    for c in chains:
        head = c.members[0]
        if c.relations[:1] != ("=",) or head not in normed or not isinstance(head, Sym) or head.sub:
            continue
        match c.members[1]:
            case Sum(index=index, body=Mul(factors=factors)):
                each = [f for f in factors if isinstance(f, Sym) and f.sub == (index.name,)]
                free = [f for f in each if (f.base, f.accent) not in heads]
                if len(each) == len(factors) and len(free) == 1 < len(each):
                    found.append(Said(free[0], (None,)))
    return found


def _diagonals(chains: Iterable[Chain], known: set[Sym]) -> list[Said]:
    r"""`D_t = \operatorname{diag}(1 - h_t^2)` is a matrix, whatever its letter."""
    return [
        Said(c.members[0], (None, None)) for c in chains
        if c.relations and isinstance(c.members[0], Sym) and c.members[0] not in known
        and any(isinstance(m, Call) and m.name in ("diag", "Diag") for m in c.members[1:])
    ]  # fmt: skip


def _multiplied(statements: Sequence[Statement]) -> list[Said]:
    r"""The u_w and v_c of `s_w = u_w^\\top v_c`, the x_i of `s_i = w^\\top x_i`."""
    if any(not _of_two_entries(c, s.chain) for s in statements for c in s.under):
        return []  # what holds under a condition is judged entry by entry
    return [Said(x, (None,)) for x in factors_of_inner_products(s.chain for s in statements)]


def _of_two_entries(condition: Chain, chain: Chain) -> bool:
    """The `c \\neq d` beside `∂q_c/∂a_d`, which speaks of both."""
    names = {m.base for m in condition.members if isinstance(m, Sym) and m == Sym(m.base)}
    written = {t for n in chain.walk() if isinstance(n, Sym) for t in n.sub}
    return condition.relations == ("!=",) and len(names) == 2 and names <= written


def axes_of(said: Iterable[Said]) -> dict[str, int]:
    """How many axes each letter is said to have, where all shapes say the same, and none of an entry."""
    found: dict[str, set[int]] = {}
    for one in said:
        found.setdefault(one.symbol.base, set()).add(0 if one.symbol.sub else len(one.lengths))
    return {base: next(iter(counts)) for base, counts in found.items() if len(counts) == 1}


def said_arrays(statements: Iterable[Statement]) -> tuple[Sym, ...]:
    r"""Symbols with a subscript of a letter that are vectors or matrices: `x_i \\in \\mathbb{R}^d`."""
    return tuple(
        one.symbol for one in said_shapes(statements)
        if one.lengths and one.lengths != (ONE,)
        and (one.symbol.sub or one.lengths == (None, None))
    )  # fmt: skip


def is_like(s: Sym, arrays: Iterable[Sym]) -> bool:
    """Whether a symbol is one of these but for the letters or numbers in its scripts."""
    return any(
        (s.base, s.accent, _places(s.sub), _places(s.sup))
        == (a.base, a.accent, _places(a.sub), _places(a.sup))
        for a in arrays
    )


def _places(script: Sequence[str]) -> int:
    """How many letters or numbers a script has; the `t+1` is one."""
    return len(script) - 2 * sum(x in ("+", "-") for x in script[1:])


def _factors(tokens: Sequence[str]) -> list[list[str]]:
    """The parts between the crosses; none for the numbers themselves."""
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == "times":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if parts != [[]] else []


def _length(tokens: list[str]) -> Formula | None:
    """`12`, `n`, `n_x`, `s_{l+1}`, `n^{[l]}`."""
    text = "".join(tokens)
    if text.isascii() and text.isdigit():
        return Num(text)
    if not tokens or not (tokens[0].isalpha()):
        return None
    script = tokens[2:]
    if script[:1] == ["{"] and script[-1] == "}":
        script = script[1:-1]
    if len(tokens) == 1:
        return Sym(tokens[0])
    if not script or "{" in script or "}" in script:
        return None
    if tokens[1] == "_":
        return Sym(tokens[0], tuple(script))
    return Sym(tokens[0], (), tuple(script)) if tokens[1] == "^" else None


def bounds_of(said: Iterable[Said], chains: Iterable[Chain]) -> list[Chain]:
    """Sums up to the lengths: so the letters of lengths are found where those of sums are.

    A letter that has scripts in equations, is made of quantities there or is differentiated by, is
    a quantity, unless it is a usual one for a size; the d of `1 / sqrt(d)` is the size, the d_k of
    `1 / sqrt(d_k)` another one.
    """
    said = list(said)
    lengths = {x.base for one in said for x in one.lengths if isinstance(x, Sym) and not x.sub}
    taken: set[str] = set()
    for c in chains:
        inside = [n for n in c.walk() if isinstance(n, Sym)]
        rooted = {n.args[0] for n in c.walk() if isinstance(n, Call) and n.name == "sqrt"}
        taken |= {n.base for n in inside if (n.sub or n.sup or n.accent) and n not in rooted}
        taken |= {
            n.by.base for n in c.walk() if isinstance(n, Deriv | Grad) and isinstance(n.by, Sym)
        }
        if isinstance(c.members[0], Sym) and {n.base for n in inside} - lengths - SIZE_LETTERS:
            taken.add(c.members[0].base)
    taken -= SIZE_LETTERS
    return [
        Chain((Sum(ONE, Idx("r"), ONE, length),), ())
        for one in said
        for length in one.lengths
        if isinstance(length, Sym) and (length.sub or length.base not in taken)
    ]


def ranks_said(said: Iterable[Said], resolver: Resolver) -> dict[str, int]:
    """How many axes names have that are never written with their entries."""
    found: dict[str, int] = {}
    for one in said:
        w = resolver.symbols.resolve(one.symbol)
        if not w.missing and w.power is None:
            found.setdefault(w.name, len(one.lengths))
    return found


def shapes_of(said: Iterable[Said], resolver: Resolver) -> tuple[Shape, ...]:
    """The entries of the arrays with the ranges of their letters."""
    found: list[Shape] = []
    for one in said:
        w = resolver.symbols.resolve(one.symbol)
        open_axes = w.missing or resolver.ranks.get(w.name, 0)
        if w.power is not None or open_axes != len(one.lengths):
            continue
        letters = tuple(Idx(f"r{k + 1}") for k in range(open_axes))
        ranges: dict[str, tuple[Formula, Formula]] = {}
        for letter, length in zip(letters, one.lengths, strict=True):
            meant = None if length is None else _meant(length, resolver)
            if meant is not None:
                ranges[letter.name] = (ONE, meant)
        if ranges:
            found.append((Ref(w.name, (*w.indices, *letters)), ranges))
    return tuple(found)


def _meant(length: Formula, resolver: Resolver) -> Formula | None:
    if isinstance(length, Num):
        return length
    try:
        found = resolver(Sum(ONE, Idx("r"), ONE, length))
    except (Unclear, SymbackpropError):
        return None
    return found.upper if isinstance(found, Sum) else None
