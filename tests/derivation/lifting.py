"""A formula of arrays, read entry by entry."""

from __future__ import annotations

from symbackprop.system.model import System

from .normal_form import ONE, N, body_of, inside, linear, product, rebuilt, remade, summed, total


def entry_of(n: N, system: System, sender_first: bool = False, unroll: bool = False) -> N | None:
    """The entry at (i, j) of an array, at (i) of a vector, in normal form; None if it is no array.

    Letters are taken as the axes are counted: the first free one "i*", the second "j*". Where weights
    are stored sender first, the stored matrix is the transpose of the meant one. With `unroll`, sums over
    axes of so many entries are written out.
    """
    if sender_first:
        n = rebuilt(n, lambda x: _turned(x, system))
    rank = rank_of(n, system)
    if rank is None:
        return None
    found = entry(n, tuple(linear({x: 1}, 0) for x in ("i*", "j*")[:rank]), system, 0)
    return rebuilt(found, lambda x: _written_out(x, system)) if unroll else found


def _written_out(n: N, system: System) -> N | None:
    if n[0] != "sum":
        return None
    counts = {
        axis.upper
        for x in inside(n[2])
        if x[0] == "ref" and x[1] in system.by_name
        for axis, i in zip(system[x[1]].axes, x[2:], strict=False)
        if i == linear({n[1]: 1}, 0)
    }
    if len(counts) != 1 or not (upper := counts.pop()).is_Integer:
        return None
    parts = [body_of(n, linear({}, i)) for i in range(1, int(upper) + 1)]
    return total([rebuilt(p, lambda x: _written_out(x, system)) for p in parts])


def _turned(n: N, system: System) -> N | None:
    of = n[2] if n[0] == "grad" else n
    if of[0] == "arr" and of[1] in system.by_name and system[of[1]].role == "weight":
        return ("Transpose", n)
    return None


def rank_of(n: N, system: System) -> int | None:
    """1 for a vector, 2 for a matrix, 0 for a number; None where arrays do not fit."""
    match n[0]:
        case "arr":
            q = system.by_name.get(n[1])
            return None if q is None else len(q.axes) - (len(n) - 2)
        case "grad":
            return rank_of(n[2], system)
        case "Transpose":
            rank = rank_of(n[1], system)
            return 2 if rank == 1 else rank
        case "mat":
            first, last = rank_of(n[1][0], system), rank_of(n[1][-1], system)
            if first is None or last is None:
                return None
            if n[1][0][0] == "Transpose" and rank_of(n[1][0][1], system) == 1:
                return 0 if last == 1 else 1
            return 2 if last == 2 else 1
        case "mul":
            return max((rank_of(x, system) or 0 for x in n[2] + n[3]), default=0)
        case "add":
            return max(rank_of(x, system) or 0 for x in n[1])
        case "Ones":
            return 1
        case "sum":
            return rank_of(n[2], system)
        case "call":
            return rank_of(n[3][0], system)
    return 0


def entry(n: N, at: tuple[N, ...], system: System, depth: int) -> N:
    """The entry of n at the indices; a number is the same at all."""
    match n[0]:
        case "arr":
            rank = rank_of(n, system) or 0
            return ("ref", *n[1:], *at[:rank])
        case "Ones":
            return ONE
        case "grad":
            return ("der", n[1], entry(n[2], at, system, depth))
        case "Transpose":
            if rank_of(n[1], system) == 1:
                return entry(n[1], at[1:], system, depth)
            return entry(n[1], at[::-1], system, depth)
        case "mat":
            return _product(n[1], at, system, depth)
        case "sum":
            return summed(n[1], entry(n[2], at, system, depth + 1))
        case "norm":
            raise ValueError("a norm is understood squared only")
        case "mul" if any(x[0] == "norm" for x in n[2]):
            return _squared_norm(n, at, system, depth)
        case "mul" | "add" | "call":
            return remade(n, lambda x: entry(x, at, system, depth))
    return n


def _squared_norm(n: N, at: tuple[N, ...], system: System, depth: int) -> N:
    """|v| |v| is the sum of the squares of the entries."""
    norms = [x for x in n[2] if x[0] == "norm"]
    others = tuple(x for x in n[2] if x[0] != "norm")
    inner = entry(norms[0][1], (linear({f"#{depth}": 1}, 0),), system, depth + 1)
    square = summed(f"#{depth}", product(1, (inner, inner)))
    rest = product(n[1], others, n[3])
    return product(1, (square, entry(rest, at, system, depth)))


def _product(factors: tuple[N, ...], at: tuple[N, ...], system: System, depth: int) -> N:
    first, *others = factors
    rest: N = others[0] if len(others) == 1 else ("mat", tuple(others))
    inner = linear({f"#{depth}": 1}, 0)
    ranks = rank_of(first, system), rank_of(rest, system)
    if ranks[0] == 1:  # a column times a row: one term
        return product(1, (entry(first, at[:1], system, depth), entry(rest, at, system, depth)))
    if first[0] == "Transpose" and rank_of(first[1], system) == 1:
        left = entry(first[1], (inner,), system, depth + 1)
        right = entry(rest, (inner, *at), system, depth + 1)
    else:
        left = entry(first, (at[0], inner), system, depth + 1)
        right = entry(rest, (inner, *at[1:]), system, depth + 1)
    return summed(f"#{depth}", product(1, (left, right)))


def written_out(n: N) -> tuple[N, ...] | None:
    """All entries, row by row, of a formula of matrices with all entries; None for any other."""
    rows = _rows(n)
    return None if rows is None else tuple(x for row in rows for x in row)


def _rows(n: N) -> list[list[N]] | None:
    if n[0] == "matrix":
        return [list(row[1:]) for row in n[1:]]
    if n[0] not in ("mat", "add"):
        return None
    parts = [_rows(x) for x in n[1]]
    result = parts[0]
    for other in parts[1:]:
        if result is None or other is None:
            return None
        if n[0] == "add":
            result = [
                [total([x, y]) for x, y in zip(one, two, strict=True)]
                for one, two in zip(result, other, strict=True)
            ]
        else:
            columns = list(zip(*other, strict=True))
            result = [
                [
                    total([product(1, p) for p in zip(row, column, strict=True)])
                    for column in columns
                ]
                for row in result
            ]
    return result
