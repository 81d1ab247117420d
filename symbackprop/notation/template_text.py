"""From the text of a pattern to its templates. The language is described in template.py."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.errors import NotationError
from symbackprop.notation.template import Hole, Piece, Template, with_braces

KEYS = {"unit": "1", "to": "1", "from": "2"}
ACCENTS = ("hat", "tilde", "bar", "vec", "dot", "ddot", "check", "breve", "mathbf", "mathcal")


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


_TOKEN = re.compile(
    r"\\text\{([A-Za-z]+)\}|\\mathrm\{([A-Za-z]+)\}|\\([A-Za-z]+)|<([^<>]*)>|(\s+)|(.)"
)


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
                hint="holes: <layer>, <layer+1>, <unit>, <to>, <from>, <sample>, <to,from>",
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
            raise NotationError(
                f"the pattern '{text}' is no symbol with one subscript and superscript"
            )
        inside, rest = _script(rest[1:], text)
        scripts[mark] = with_braces(tuple(_pieces(inside, text)))
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
    if rest.startswith("<") and ">" in rest:
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
