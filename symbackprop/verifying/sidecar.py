"""A document with the definitions of its sidecar."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.documents.scan import Piece, Scan
from symbackprop.verifying.settings import Settings

SIDECAR = "<sidecar>"
LEFT_OUT = "left out by the sidecar"


def is_ignored(piece: Piece, settings: Settings) -> bool:
    """Whether the sidecar says that this display speaks of something else."""
    if not settings.ignore:
        return False
    text = "".join(piece.latex.split())
    return any("".join(i.split()) in text for i in settings.ignore)


def with_settings(document: Scan, settings: Settings) -> Scan:
    """The document with the definitions of its sidecar before (or inside) it; ignored displays left out."""
    pieces = [
        replace(p, problem=LEFT_OUT) if is_ignored(p, settings) else p for p in document.pieces
    ]
    for line, texts in ((0, settings.definitions), *settings.scopes):
        if texts:
            at = (
                next((k for k, p in enumerate(pieces) if p.line >= line), len(pieces))
                if line
                else 0
            )
            pieces[at:at] = [Piece(t, SIDECAR, line, 1, True, exact=False) for t in texts]
    return replace(document, pieces=tuple(pieces))
