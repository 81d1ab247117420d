r"""Templates: symbols with holes, one text for writing and for reading.

    w_{<layer><to>,<layer-1><from>}      chang: receiver first
    z_{<unit>}^{<layer+1>[,<sample>]}    nielsen: his layer 1 is the input
    V<from><to>                          csdn: letter and digits are one name

A hole in angle brackets holds an index: `<layer+c>` the layer number with c added, `<unit>` or `<to>` the
first index, `<from>` the second, `<3>` the third, `<sample>` the sample. `<to,from>` is a group: `jk` where both are
single tokens, else `j,k+1`. What stands in square brackets is there only with a sample index; in a
group the sample is simply left out. Holes side by side, and holes in the base letter, take single tokens only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from symbackprop.errors import NotationError
from symbackprop.formula.tree import Sym
from symbackprop.notation.indices import Tokens

KEYS = {"unit": "1", "to": "1", "from": "2"}
ACCENTS = ("hat", "tilde", "bar", "vec", "dot", "ddot", "check", "breve", "mathbf", "mathcal")


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
    """A compiled symbol: literal tokens and holes. `sampled`: it has a place for the sample index."""

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
            for second in _match(self.sub, _with_braces(sym.sub), first):
                yield from _match(self.sup, _with_braces(sym.sup), second)


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


def _with_braces(tokens: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same with braces around every script of a script, as templates hold them."""
    if "_" not in tokens and "^" not in tokens:
        return tokens
    found: list[Any] = []
    for token in tokens:
        if found and found[-1] in ("_", "^") and token != "{":
            found.extend(("{", token, "}"))
        else:
            found.append(token)
    return tuple(found)


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


# --- compiling --------------------------------------------------------------------------------


def compile_text(text: str) -> tuple[Template, ...]:
    """The templates of a text: one without the sample index, and one with it if it is mentioned.

    Raises NotationError for a text that is no symbol.
    """
    if "sample" not in text:
        return (_compile(text, sampled=False),)
    plain = re.sub(r"\[[^\]]*\]", "", text)
    plain = re.sub(r"sample,|,sample", "", plain)
    plain = re.sub(r"[_^]\{\}", "", plain)
    with_sample = text.replace("[", "").replace("]", "")
    found = [_compile(with_sample, sampled=True)]
    if "<sample>" not in plain:
        found.insert(0, _compile(plain, sampled=False))
    return tuple(found)


def literal(base: str, sub: tuple[Piece, ...], sup: tuple[Piece, ...]) -> Template:
    """A template from its pieces (for quantities that are written by their own name)."""
    holes = [p for p in (*sub, *sup) if isinstance(p, Hole)]
    sampled = any("sample" in hole.keys for hole in holes)
    return Template((base,), sub, sup, sampled=sampled)


_TOKEN = re.compile(r"\\text\{([A-Za-z]+)\}|\\mathrm\{([A-Za-z]+)\}|\\([A-Za-z]+)|<([^<>]*)>|(\s+)|(.)")


def _pieces(text: str, whole: str) -> Iterator[Piece]:
    for found in _TOKEN.finditer(text):
        word, roman, command, hole, space, other = found.groups()
        if hole is not None:
            yield _hole(hole, whole)
        elif space is None:
            yield word or roman or command or other


def _hole(text: str, whole: str) -> Hole:
    keys: list[str] = []
    offset = 0
    for n, part in enumerate(text.split(",")):
        found = re.fullmatch(r"(layer|sample|unit|to|from|\d)(?:([+-])(\d+))?", part.strip())
        if found is None or (found[2] and (n or found[1] != "layer")):
            raise NotationError(
                f"the pattern '{whole}' has a hole '<{text}>' that is no index",
                hint="holes: <layer>, <layer+1>, <unit>, <to>, <from>, <sample>, groups such as <to,from>",
            )
        keys.append(KEYS.get(found[1], found[1]))
        if found[2]:
            offset = int(found[2] + found[3])
    return Hole(tuple(keys), offset)


def _compile(text: str, *, sampled: bool) -> Template:
    rest = text.strip()
    accent = ""
    found = re.match(r"\\(" + "|".join(ACCENTS) + r")\{([^{}]*)\}", rest)
    if found:
        accent, base, rest = found[1], found[2], rest[found.end() :]
    else:
        found = re.match(r"(?:\\[A-Za-z]+|\\mathrm\{[A-Za-z]+\}|[A-Za-z])(?:\d|<[^<>]*>)*", rest)
        if not found:
            raise NotationError(f"the pattern '{text}' does not start with a letter")
        base, rest = found[0], rest[found.end() :]
    primes = len(rest) - len(rest.lstrip("'"))
    rest = rest[primes:]
    scripts: dict[str, tuple[Piece, ...]] = {}
    while rest:
        mark = rest[0]
        if mark not in "_^" or mark in scripts:
            raise NotationError(f"the pattern '{text}' is no symbol with one subscript and superscript")
        inside, rest = _script(rest[1:], text)
        scripts[mark] = _with_braces(tuple(_pieces(inside, text)))
    pieces = tuple(_pieces(base, text))
    letters: list[Piece] = []
    for piece in pieces:  # literal runs such as "b" "1" are one base
        if letters and isinstance(piece, str) and isinstance(letters[-1], str):
            letters[-1] += piece
        else:
            letters.append(piece)
    return Template(
        tuple(letters), scripts.get("_", ()), scripts.get("^", ()), primes, accent, sampled
    )


def _script(rest: str, whole: str) -> tuple[str, str]:
    if rest.startswith("<"):
        end = rest.index(">") + 1
        return rest[:end], rest[end:]
    if not rest.startswith("{"):
        return rest[:1], rest[1:]
    depth = 0
    for at, char in enumerate(rest):
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return rest[1:at], rest[at + 1 :]
    raise NotationError(f"the pattern '{whole}' has an open brace")
