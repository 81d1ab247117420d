"""Mathematics in Jupyter notebooks: the Markdown cells, one source a cell."""

from __future__ import annotations

import json

from symbackprop.documents.scan import Directive, Piece, Scan, Source
from symbackprop.errors import FileError


def scan_notebook(text: str, name: str) -> Scan:
    """Find the mathematics of a notebook. Lines count inside the cell, named `FILE#cell-N`.

    Raises FileError for a file that is no notebook.
    """
    from symbackprop.documents.scan_markdown import scan_markdown

    cells = _cells(text, name)
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


HINT = "save it again as a notebook (.ipynb), or export it as Markdown"


def _cells(text: str, name: str) -> list[object]:
    """The cells of a notebook. Raises FileError, with the place where the JSON breaks off."""
    try:
        book = json.loads(text)
    except json.JSONDecodeError as error:
        place = Source.of(name, text).place(min(error.pos, len(text)))
        raise FileError(
            f"not a notebook: its JSON is broken ({error.msg})", place=place, hint=HINT
        ) from None
    except (ValueError, RecursionError):
        raise FileError(f"{name} is not a notebook: its JSON cannot be read", hint=HINT) from None
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list):
        raise FileError(f"{name} is not a notebook: it has no list of cells", hint=HINT)
    return cells
