"""Mathematics in LaTeX files: comments and verbatim text blanked out, macros expanded."""

from __future__ import annotations

import re

from symbackprop.documents.scan import Directive, Piece, Scan, Source, with_prose
from symbackprop.documents.scan_macros import collect
from symbackprop.documents.scan_markdown import (
    _DIRECTIVE,
    _PAIR,
    MOST_PIECES,
    _Positions,
    make_piece,
    too_many,
)

_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_VERBATIM = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|comment|tikzpicture|filecontents)\*?\}"
    r".*?\\end\{\1\*?\}|\\verb(\*?)([^A-Za-z\s*])[^\n]*?\3",
    re.DOTALL,
)
_TOP = r"(?:equation|align|gather|multline|eqnarray|displaymath|math|alignat|flalign|dmath)\*?"
_TOKEN = re.compile(
    r"(?P<escaped>\\[\\$%&{}])|(?P<open>\\[\[(])|(?P<double>\$\$)|(?P<single>\$)"
    r"|\\begin\{(?P<env>" + _TOP + r")\}"
)


def scan_latex(text: str, name: str) -> Scan:
    """Find the mathematics of a LaTeX file; \\input and the like are never followed."""
    source = Source.of(name, text)
    directives = []
    for comment in _COMMENT.finditer(text):
        found = _DIRECTIVE.search(comment.group())
        if found:
            pairs = tuple((m[1], m[2] or m[3] or m[4] or "") for m in _PAIR.finditer(found["body"]))
            line, _ = source.line_column(comment.start())
            directives.append(Directive(comment.start(), line, name, pairs))
    clean = _COMMENT.sub(lambda m: m[1] + " " * (len(m.group()) - len(m[1])), text)
    clean = _VERBATIM.sub(lambda m: _blank(m.group()), clean)
    macros, places = collect(clean)
    clean = _without(clean, places)
    body = clean.find("\\begin{document}")
    positions = _Positions(clean)
    pieces: list[Piece] = []
    bounds: list[tuple[int, int]] = []

    def add(begin: int, start: int, end: int, stop: int, display: bool, problem: str = "") -> None:
        piece = make_piece(source, macros, begin, start, end, display, problem, clean)
        if piece is not None:
            pieces.append(piece)
            bounds.append((begin, stop))

    at = max(body, 0)
    while (found := _TOKEN.search(clean, at)) is not None:
        begin, end = found.span()
        if len(pieces) >= MOST_PIECES:
            pieces.append(too_many(source, begin))
            bounds.append((begin, end))
            break
        if found["escaped"]:
            at = end
            continue
        if found["env"]:
            close = positions.next(re.escape("\\end{" + found["env"] + "}"), end)
            if close is None:
                add(begin, begin, end, end, True, f"\\begin{{{found['env']}}} is never closed")
                at = end
                continue
            add(begin, begin, close[1], close[1], True)
            at = close[1]
            continue
        mark = found.group()
        pattern = {"\\[": r"\\\]", "\\(": r"\\\)", "$$": r"(?<!\\)\$\$", "$": r"(?<!\\)\$"}[mark]
        close = positions.next(pattern, end)
        blank = positions.next(r"\n[ \t]*\n", end) if mark == "$" else None
        if close is None or (blank is not None and blank[0] < close[0]):
            if mark != "$":
                add(begin, begin, end, end, True, f"{mark} is never closed")
            at = end
            continue
        add(begin, end, close[0], close[1], mark in ("\\[", "$$"))
        at = close[1]
    return Scan(name, tuple(with_prose(source, pieces, bounds)), (source,), tuple(directives))


def _without(text: str, places: list[tuple[int, int]]) -> str:
    """The text with these places (in order; some may lie in others) blanked out."""
    parts: list[str] = []
    at = 0
    for start, end in places:
        if end > at:
            parts += [text[at:start], _blank(text[max(at, start) : end])]
            at = end
    return "".join(parts) + text[at:]


def _blank(text: str) -> str:
    """As many characters, all spaces, lines kept."""
    return re.sub(r"[^\n]", " ", text)
