"""A document with the definitions of its sidecar."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.documents.scan import Piece, Scan
from symbackprop.verifying.settings import Settings

SIDECAR = "<sidecar>"


def with_settings(document: Scan, settings: Settings) -> Scan:
    """The document with the definitions of its sidecar before (or inside) it; ignored displays left out."""
    pieces = list(document.pieces)
    ignored = {"".join(i.split()) for i in settings.ignore}
    if ignored:
        pieces = [
            replace(p, problem="left out by the sidecar")
            if any(i in "".join(p.latex.split()) for i in ignored) else p
            for p in pieces
        ]  # fmt: skip
    for line, texts in ((0, settings.definitions), *settings.scopes):
        if texts:
            at = (
                next((k for k, p in enumerate(pieces) if p.line >= line), len(pieces))
                if line
                else 0
            )
            pieces[at:at] = [Piece(t, SIDECAR, line, 1, True, exact=False) for t in texts]
    return replace(document, pieces=tuple(pieces))
