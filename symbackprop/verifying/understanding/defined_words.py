r"""Words of capitals that a text defines: the FL of `FL = -(1 - p)^\gamma \log p` is no product."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.documents.scan import Piece

_HEAD = re.compile(r"(?:^|\\\\|&)\s*(?P<word>[A-Z]{2,4})\s*(?:\([^()]*\))?\s*&?\s*:?=")


def defined_words(pieces: Iterable[Piece]) -> list[str]:
    """Those of which no letter stands alone or in another word: in `QK = …` beside `Q = …` it is a product."""
    pieces = list(pieces)
    found = {m["word"] for p in pieces for m in _HEAD.finditer(p.latex)}
    text = "\n".join(p.latex for p in pieces)
    return sorted(w for w in found if not any(_stands_apart(c, w, text) for c in w))


def _stands_apart(letter: str, word: str, text: str) -> bool:
    rest = re.sub(rf"(?<![A-Z]){word}(?![A-Z])", " ", text)
    return bool(re.search(rf"(?<![a-z\\]){letter}(?![a-z])", rest))


__all__ = ["defined_words"]
