r"""Vectors and matrices that a worked example gives in numbers: `x = (0.6, -0.4)`, `W = [[0.3, -0.2], [0.5, 0.8]]`.

Where such a text goes on entry by entry (`z1`, `w_{12}`), its definitions are written out: `z = W x + b` is
`z1 = w11 x1 + w12 x2 + b1` and `z2 = …`. Where any statement about one of these arrays as a whole cannot be written
out, all stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    MatMul,
    Mul,
    Neg,
    Num,
    Pow,
    Sym,
    Transpose,
)
from symbackprop.verifying.understanding.statement import Statement, has_derivative

FAMILY = 3_000_000
"""Families of such entries are counted from here."""
MOST = 6
"""Arrays with more rows or columns are not written out."""
ENTRYWISE = frozenset({"sigmoid", "sigma", "tanh", "relu", "exp", "log", "sqrt", "softplus"})

Rows = tuple[tuple[Formula, ...], ...]
"""A matrix by its rows; a vector is a matrix of one column, a number one of one entry."""


class _Whole(Exception):
    """An array as a whole, of which the entries are not known."""


def write_out_given(statements: list[Statement]) -> None:
    """Replaces each definition with arrays that are given in numbers by those of the entries."""
    given = {
        s.chain.members[0].base: rows
        for s in statements if (rows := _numbers(s.chain)) and isinstance(s.chain.members[0], Sym)
    }  # fmt: skip
    if not given:
        return
    symbols = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    arrays: dict[str, Rows] = {}
    for base, rows in given.items():
        entries = _entries(base, len(rows), len(rows[0]), symbols)
        if entries is None:
            return
        arrays[base] = entries
    if not any(_spoken_of(entries, symbols) for entries in arrays.values()):
        return
    found: list[Statement] = []
    try:
        for s in statements:
            copies = _copies(s, arrays, symbols)
            if len(copies) != 1 or copies[0] is not s:
                for one in copies:
                    one.family = FAMILY + len(found)
            found += copies
    except _Whole:
        return
    statements[:] = found


def _numbers(chain: Chain) -> Rows:
    """The rows of an array of numbers that a name stands for; nothing for anything else."""
    head = chain.members[0]
    if len(chain.members) != 2 or chain.relations[0] not in ("=", ":=") or head != _bare(head):
        return ()
    listed = chain.members[1]
    if isinstance(listed, Transpose):
        listed = listed.body
    if not isinstance(listed, Call) or listed.name not in ("tuple", "list") or len(listed.args) < 2:
        return ()
    if all(_is_number(a) for a in listed.args):
        rows: Rows = tuple((a,) for a in listed.args)
    else:
        lists = [a for a in listed.args if isinstance(a, Call) and a.name in ("tuple", "list")]
        rows = tuple(a.args for a in lists)
        if len(lists) != len(listed.args) or len({len(r) for r in rows}) != 1:
            return ()
        if not all(_is_number(x) for r in rows for x in r):
            return ()
    return rows if len(rows) <= MOST and len(rows[0]) <= MOST else ()


def _bare(f: Formula) -> Sym | None:
    return Sym(f.base) if isinstance(f, Sym) and len(f.base) == 1 else None


def _is_number(f: Formula) -> bool:
    return isinstance(f.body if isinstance(f, Neg) else f, Num)


def _entries(base: str, high: int, wide: int, symbols: set[Sym]) -> Rows | None:
    """The symbols of the entries, as the text writes them: `w11`, `W_{11}` or `w_{1,1}`; None where W and w are two."""
    places = [
        [(str(i),) if wide == 1 else (str(i), str(j)) for j in range(1, wide + 1)]
        for i in range(1, high + 1)
    ]
    forms = [
        {p: form(b, p) for row in places for p in row}
        for b in dict.fromkeys((base, base.lower()) if wide > 1 else (base,))
        for form in (_glued, _with_scripts, _with_commas)
    ]
    said = [f for k, f in enumerate(forms) if set(f.values()) & symbols and f not in forms[:k]]
    chosen = said[0] if said else forms[0]
    other = next(iter(chosen.values())).base[0]
    if len(said) > 1 or (other != base and Sym(other) in symbols):
        return None
    return tuple(tuple(chosen[p] for p in row) for row in places)


def _glued(base: str, place: tuple[str, ...]) -> Sym:
    return Sym(base + "".join(place))


def _with_scripts(base: str, place: tuple[str, ...]) -> Sym:
    return Sym(base, place)


def _with_commas(base: str, place: tuple[str, ...]) -> Sym:
    return Sym(base, place if len(place) == 1 else (place[0], ",", place[1]))


def _spoken_of(entries: Rows, symbols: set[Sym]) -> bool:
    return any(e in symbols for row in entries for e in row)


def _copies(s: Statement, arrays: dict[str, Rows], symbols: set[Sym]) -> list[Statement]:
    """The statement entry by entry. Raises _Whole where it is about an array that cannot be written out."""
    chain = s.chain
    about = any(isinstance(n, Sym) and n == Sym(n.base) and n.base in arrays for n in chain.walk())
    if not about or not chain.relations:
        return [s]
    rows = _numbers(chain)
    if rows:
        assert isinstance(chain.members[0], Sym)
        return _each(s, arrays[chain.members[0].base], rows)
    head = chain.members[0]
    if has_derivative(chain) or len(chain.members) != 2 or chain.relations[0] not in ("=", ":="):
        raise _Whole
    if not isinstance(head, Sym) or head != _bare(head):
        raise _Whole
    value = _written_out(chain.members[1], arrays)
    if len(value) == len(value[0]) == 1:
        return [replace(s, chain=replace(chain, members=(head, value[0][0])))]
    if head.base not in arrays:
        own = _entries(head.base, len(value), len(value[0]), symbols)
        if own is None or len(value[0]) != 1:
            raise _Whole
        arrays[head.base] = own
    return _each(s, arrays[head.base], value)


def _each(s: Statement, entries: Rows, values: Rows) -> list[Statement]:
    if (len(entries), len(entries[0])) != (len(values), len(values[0])):
        raise _Whole
    return [
        replace(s, chain=replace(s.chain, members=(e, v)), defines=[])
        for row, own in zip(entries, values, strict=True)
        for e, v in zip(row, own, strict=True)
    ]


def _written_out(f: Formula, arrays: dict[str, Rows]) -> Rows:
    """The entries of a formula."""
    if isinstance(f, Sym):
        return arrays.get(f.base, ((f,),)) if f == Sym(f.base) else ((f,),)
    if isinstance(f, Num):
        return ((f,),)
    if isinstance(f, Neg):
        return tuple(tuple(Neg(x) for x in row) for row in _written_out(f.body, arrays))
    if isinstance(f, Transpose):
        return tuple(zip(*_written_out(f.body, arrays), strict=True))
    if isinstance(f, Add):
        return _together([_written_out(t, arrays) for t in f.terms], Add)
    if isinstance(f, Hadamard):
        return _together([_written_out(t, arrays) for t in f.factors], Mul)
    if isinstance(f, Mul | MatMul):
        value = _written_out(f.factors[0], arrays)
        for x in f.factors[1:]:
            value = _product(value, _written_out(x, arrays))
        return value
    if isinstance(f, Call) and len(f.args) == 1 and not f.primes:
        inner = _written_out(f.args[0], arrays)
        if len(inner) * len(inner[0]) > 1 and f.name not in ENTRYWISE:
            raise _Whole
        return tuple(tuple(replace(f, args=(x,)) for x in row) for row in inner)
    if isinstance(f, Div | Pow) and not isinstance(f, Deriv | Grad):
        parts = [_written_out(x, arrays) for x in f.children()]
        if any(len(p) * len(p[0]) > 1 for p in parts):
            raise _Whole
        one, two = (p[0][0] for p in parts)
        if isinstance(f, Div):
            return ((replace(f, num=one, den=two),),)
        return ((replace(f, base=one, exponent=two),),)
    if any(isinstance(n, Sym) and n.base in arrays for n in f.walk()):
        raise _Whole
    return ((f,),)


def _together(parts: Sequence[Rows], join: type[Add | Mul]) -> Rows:
    """Sums and products entry by entry."""
    if len({(len(p), len(p[0])) for p in parts}) != 1:
        raise _Whole
    return tuple(
        tuple(join(tuple(p[i][j] for p in parts)) for j in range(len(parts[0][0])))
        for i in range(len(parts[0]))
    )


def _product(one: Rows, two: Rows) -> Rows:
    """A multiple, a product of matrices, or the inner product of two vectors (`v . h`)."""
    if len(one) == len(one[0]) == 1 or len(two) == len(two[0]) == 1:
        number, array = (one, two) if len(one) == len(one[0]) == 1 else (two, one)
        return tuple(tuple(Mul((number[0][0], x)) for x in row) for row in array)
    if len(one[0]) == len(two[0]) == 1 and len(one) == len(two):
        one = (tuple(row[0] for row in one),)
    if len(one[0]) != len(two):
        raise _Whole
    return tuple(
        tuple(
            Add(tuple(Mul((x, two[k][j])) for k, x in enumerate(row))) for j in range(len(two[0]))
        )
        for row in one
    )


__all__ = ["write_out_given"]
