"""Mathematics in Jupyter notebooks: the Markdown cells, one source a cell."""

from __future__ import annotations

import json

from symbackprop.documents.scan import Directive, Piece, Scan, Source


def scan_notebook(text: str, name: str) -> Scan:
    """Find the mathematics of a notebook. Lines count inside the cell, named `FILE#cell-N`."""
    from symbackprop.documents.scan_markdown import scan_markdown

    try:
        book = json.loads(text)
        cells = book["cells"]
        if not isinstance(cells, list):
            raise ValueError("no list of cells")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = f"not a notebook: {type(error).__name__}"
        piece = Piece("", name, 1, 1, True, problem=problem)
        return Scan(name, (piece,), (Source.of(name, text[:1000]),))
    pieces: list[Piece] = []
    sources: list[Source] = []
    directives: list[Directive] = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        lines = cell.get("source", "")
        if isinstance(lines, list):
            body = "".join(line for line in lines if isinstance(line, str))
        else:
            body = lines if isinstance(lines, str) else ""
        found = scan_markdown(body.replace("\x00", " "), f"{name}#cell-{number}")
        pieces += found.pieces
        sources += found.sources
        directives += found.directives
    return Scan(name, tuple(pieces), tuple(sources), tuple(directives))
