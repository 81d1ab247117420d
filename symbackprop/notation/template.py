r"""Templates: symbols with holes, one text for writing and for reading.

    w_{<layer><to>,<layer-1><from>}      chang: receiver first
    z_{<unit>}^{<layer+1>[,<sample>]}    nielsen: his layer 1 is the input
    V<from><to>                          csdn: letter and digits are one name

A hole in angle brackets holds an index: `<layer+c>` the layer number with c added, `<unit>` or
`<to>` the first index, `<from>` the second, `<3>` the third, `<sample>` the sample. `<to,from>` is
a group: `jk` where both are single tokens, else `j,k+1`. What stands in square brackets is there
only with a sample index; in a group the sample is simply left out. Holes side by side, and holes in
the base letter, take single tokens only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from symbackprop.formula.tree import Sym
from symbackprop.notation.indices import Tokens


@dataclass(frozen=True, slots=True)
class Hole:
    """Index places; `offset` is added to the first (a layer)."""

    keys: tuple[str, ...]
    offset: int = 0


Piece = str | Hole
Fill = Callable[[str, int], Tokens]
"""What fills the holes: (key, offset) -> tokens."""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled symbol: literal tokens and holes. `sampled`: it has a place for the sample
    index."""

    base: tuple[Piece, ...]
    sub: tuple[Piece, ...] = ()
    sup: tuple[Piece, ...] = ()
    primes: int = 0
    accent: str = ""
    sampled: bool = False

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(p for p in (*self.base, *self.sub, *self.sup) if isinstance(p, Hole))

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(key for hole in self.holes for key in hole.keys)

    @property
    def arity(self) -> int:
        """The number of unit indices."""
        return len([key for key in self.keys if key.isdigit()])

    @property
    def layered(self) -> bool:
        return "layer" in self.keys

    @property
    def letter(self) -> str | None:
        """The base letter, where it has no hole."""
        return self.base[0] if len(self.base) == 1 and isinstance(self.base[0], str) else None

    def offsets(self) -> Mapping[str, int]:
        """The offset of the first layer hole, the one that says the layer."""
        for hole in self.holes:
            if hole.keys[0] == "layer":
                return {"layer": hole.offset}
        return {}

    def render(self, index: Fill) -> Sym | None:
        """The symbol with the holes filled; None where an index does not fit into its hole."""
        base = _fill_base(self.base, index)
        sub = _fill(self.sub, index)
        sup = _fill(self.sup, index)
        if base is None or sub is None or sup is None:
            return None
        return Sym(base, _without_braces(sub), _without_braces(sup), self.primes, self.accent)

    def match(self, sym: Sym) -> Iterator[dict[tuple[str, int], Tokens]]:
        """All ways to fill the holes that give `sym`: (key, offset) -> tokens."""
        if sym.primes != self.primes or sym.accent != self.accent:
            return
        letter = self.letter
        if letter is not None:
            if sym.base != letter:
                return
            starts: Iterator[dict[tuple[str, int], Tokens]] = iter(({},))
        else:
            starts = _match(_characters(self.base), tuple(sym.base), {})
        for first in starts:
            for second in _match(self.sub, with_braces(sym.sub), first):
                yield from _match(self.sup, with_braces(sym.sup), second)


def _without_braces(tokens: Tokens) -> Tokens:
    """Scripts of scripts have braces only around more than one token: `x_1`, `x_{12}`."""
    if "{" not in tokens:
        return tokens
    found: list[str] = []
    for token in tokens:
        found.append(token)
        if token == "}" and len(found) > 3 and found[-3] == "{" and found[-4] in "_^":
            found[-3:] = [found[-2]]
    return tuple(found)


def with_braces(tokens: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same with braces around every script of a script, as templates hold them.

    A reader drops the braces around one number, so digits after the mark belong together.
    """
    if "_" not in tokens and "^" not in tokens:
        return tokens
    found: list[Any] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if not found or found[-1] not in ("_", "^") or token == "{":
            found.append(token)
            continue
        start = at - 1
        while _digit(token) and at < len(tokens) and _digit(tokens[at]):
            at += 1
        found.extend(("{", *tokens[start:at], "}"))
    return tuple(found)


def _digit(token: Any) -> bool:
    return isinstance(token, str) and token.isdigit()


def _characters(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for piece in pieces:
        found.extend(piece if isinstance(piece, str) else (piece,))
    return tuple(found)


def _fill_base(pieces: tuple[Piece, ...], index: Fill) -> str | None:
    found: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            found.append(piece)
            continue
        for key in piece.keys:
            tokens = index(key, piece.offset)
            if len(tokens) != 1 or not tokens[0].isdigit():
                return None
            found.extend(tokens)
    return "".join(found)


def _fill(pieces: tuple[Piece, ...], index: Fill) -> Tokens | None:
    found: list[str] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            found.append(piece)
            continue
        parts = [index(key, piece.offset if n == 0 else 0) for n, key in enumerate(piece.keys)]
        beside = isinstance(pieces[at - 1], Hole) if at else False
        beside = beside or (at + 1 < len(pieces) and isinstance(pieces[at + 1], Hole))
        tight = all(len(p) == 1 for p in parts)
        if beside and not tight:
            return None
        for n, part in enumerate(parts):
            if n and not tight:
                found.append(",")
            found.extend(part)
    return tuple(found)


def _match(
    pieces: tuple[Piece, ...], tokens: Tokens, bound: dict[tuple[str, int], Tokens]
) -> Iterator[dict[tuple[str, int], Tokens]]:
    if not pieces:
        if not tokens:
            yield bound
        return
    piece, rest = pieces[0], pieces[1:]
    if isinstance(piece, str):
        if tokens and tokens[0] == piece:
            yield from _match(rest, tokens[1:], bound)
        return
    beside = bool(rest) and isinstance(rest[0], Hole)
    longest = len(piece.keys) if beside else len(tokens) - len(rest) + 1
    for length in range(1, max(longest, 0) + 1):
        if length > len(tokens):
            return
        for parts in _parts(tokens[:length], len(piece.keys)):
            new = dict(bound)
            if all(_bind(new, piece, n, part) for n, part in enumerate(parts)):
                yield from _match(rest, tokens[length:], new)


def _bind(new: dict[tuple[str, int], Tokens], hole: Hole, n: int, part: Tokens) -> bool:
    key = (hole.keys[n], hole.offset if n == 0 else 0)
    return new.setdefault(key, part) == part


def _parts(tokens: Tokens, count: int) -> Iterator[tuple[Tokens, ...]]:
    """The tokens cut into `count` indices: at commas, or each token by itself."""
    if "," in tokens:
        cut: list[list[str]] = [[]]
        for token in tokens:
            if token == ",":
                cut.append([])
            else:
                cut[-1].append(token)
        if len(cut) == count and all(cut):
            yield tuple(tuple(part) for part in cut)
    elif count == 1:
        yield (tokens,)
    elif len(tokens) == count:
        yield tuple((token,) for token in tokens)


def literal(base: str, sub: tuple[Piece, ...], sup: tuple[Piece, ...]) -> Template:
    """A template from its pieces (for quantities that are written by their own name)."""
    holes = [p for p in (*sub, *sup) if isinstance(p, Hole)]
    sampled = any("sample" in hole.keys for hole in holes)
    return Template((base,), sub, sup, sampled=sampled)
