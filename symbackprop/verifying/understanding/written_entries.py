r"""Entries written out with numbers: `z_j = w_{j1} x_1 + b_j` for `j = 1, 2`, beside `y = v_1 a_1 + v_2 a_2`.

Where no sum binds a letter, what carries a number is a name. A statement with a letter whose few values the text
tells is then one statement for each of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Formula,
    Neg,
    Num,
    Opaque,
    Prod,
    Sum,
    Sym,
)
from symbackprop.verifying.understanding.statement import Statement

MOST = 9
"""So many entries are written out at most; their numbers have one digit."""
FAMILY = 1_000_000
"""Families of entries are counted from here, those of layers from 1."""

Place = tuple[str, str, tuple[str, ...], int, int]
"""A symbol without its subscript, the length of this, and a place in it."""


def write_out_entries(statements: list[Statement]) -> None:
    """Replaces each statement about any entry by one for each value that the text tells its letter to have."""
    chains = [s.chain for s in statements]
    if any(isinstance(n, Sum | Prod) for c in chains for n in c.walk()):
        return
    letters = {x: v for x, v in told(chains).items() if _counts_entries(x, v, chains)}
    if not letters:
        return
    found: list[Statement] = []
    for s in statements:
        copies = [s]
        for letter, values in letters.items():
            if _has(s.chain, letter):
                copies = [_at(c, letter, n) for c in copies for n in values if _holds(c, letter, n)]
        if len(copies) != 1 or copies[0] is not s:
            for one in copies:
                one.family = FAMILY + len(found)
        found.extend(copies or [s])
    statements[:] = found


def told(chains: Iterable[Chain]) -> dict[str, tuple[int, ...]]:
    """The letters of which the text lists the values, everywhere the same: `j = 1, 2`, `j ∈ {1, …, 3}`."""
    found: dict[str, set[tuple[int, ...]]] = {}
    for c in chains:
        if is_range(c):
            found.setdefault(c.members[0].base, set()).add(_values(c.members[1]))  # type: ignore[attr-defined]
    return {
        x: next(iter(v)) for x, v in found.items() if len(v) == 1 and all(len(r) > 1 for r in v)
    }


def is_range(c: Chain) -> bool:
    """`l = 1, …, L`, `l = L - 1, …, 1`, `j ∈ {1, 2}`: what a letter runs over; nothing is claimed."""
    head = c.members[0]
    if len(c.members) != 2 or c.relations[0] not in ("=", "in"):
        return False
    if not isinstance(head, Sym) or len(head.base) != 1 or head != Sym(head.base):
        return False
    listed = c.members[1]
    if not isinstance(listed, Call) or listed.name not in ("sequence", "set"):
        return False
    counted = isinstance(listed.args[0], Num) or any(isinstance(a, Opaque) for a in listed.args)
    return counted and all(_is_end(a) for a in listed.args)


def _is_end(f: Formula) -> bool:
    """A number, an ellipsis, or a size such as L - 1."""
    return isinstance(f, Num | Opaque) or all(
        isinstance(n, Num | Add | Neg) or n == Sym(getattr(n, "base", "")) for n in f.walk()
    )


def _values(f: Formula) -> tuple[int, ...]:
    """The numbers of a list; empty for one that goes on without an end."""
    assert isinstance(f, Call)
    dots = [k for k, a in enumerate(f.args) if isinstance(a, Opaque)]
    numbers = [int(a.text) for a in f.args if isinstance(a, Num) and a.text.isdigit()]
    if len(numbers) + len(dots) != len(f.args) or len(dots) > 1 or not numbers:
        return ()
    low, high = numbers[0], numbers[-1]
    whole = tuple(range(low, high + 1))
    gap = dots and dots[0] in (0, len(f.args) - 1)
    if gap or high > MOST or (not dots and tuple(numbers) != whole):
        return ()
    return whole


def _counts_entries(letter: str, values: tuple[int, ...], chains: list[Chain]) -> bool:
    """Whether the letter stands in subscripts only, and what it counts also stands there with numbers."""
    symbols = [
        n for c in chains if not is_range(c) for n in c.walk() if isinstance(n, Sym)
    ]  # fmt: skip
    if any(n.base == letter or letter in n.sup for n in symbols):
        return False
    lettered = {_place(n, k) for n in symbols for k, x in enumerate(n.sub) if x == letter}
    numbered: dict[Place, set[int]] = {}
    for n in symbols:
        for k, x in enumerate(n.sub):
            if x.isdigit():
                numbered.setdefault(_place(n, k), set()).add(int(x))
    heads = {
        _place(c.members[0], k)
        for c in chains if c.relations and isinstance(c.members[0], Sym)
        for k, x in enumerate(c.members[0].sub) if x == letter
    }  # fmt: skip
    inside = all(numbered[p] <= set(values) for p in lettered if p in numbered)
    return inside and any(p in numbered for p in heads)


def _place(s: Sym, k: int) -> Place:
    return s.base, s.accent, s.sup, len(s.sub), k


def _has(f: Formula, letter: str) -> bool:
    return any(isinstance(n, Sym) and letter in n.sub for n in f.walk())


def _at(s: Statement, letter: str, value: int) -> Statement:
    """The statement about one entry."""

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or letter not in n.sub:
            return None
        return replace(n, sub=tuple(str(value) if x == letter else x for x in n.sub))

    under = tuple(c for c in s.under if not _about(c, letter))
    return replace(s, chain=s.chain.rewrite(change), under=under, defines=[])  # type: ignore[arg-type]


def _about(c: Chain, letter: str) -> bool:
    return any(isinstance(n, Sym) and n.base == letter for n in c.walk())


def _holds(s: Statement, letter: str, value: int) -> bool:
    """Whether a condition such as `j = 1` leaves this value."""
    for c in s.under:
        if not _about(c, letter) or len(c.members) != 2 or not isinstance(c.members[1], Num):
            continue
        same = c.members[1].text == str(value)
        if (c.relations[0] == "=" and not same) or (c.relations[0] == "!=" and same):
            return False
    return True


__all__ = ["is_range", "write_out_entries"]
