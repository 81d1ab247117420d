"""Finding the mathematics of a document: what stands where, and nothing understood yet.

`scan(path)` and `scan_text(text, name)` give a `Scan`: the pieces of mathematics in reading order,
each with file, line and column of its opening delimiter, the directives and the front matter.
Nothing is executed, no other file is read (`\\input` is never followed), and the time is linear in
the length of the text. What is malformed becomes a piece with a `problem`, never an exception.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from pathlib import Path

from symbackprop.errors import FileError, Place

DISPLAY_ENVIRONMENTS = [
    "equation",
    "align",
    "aligned",
    "gather",
    "gathered",
    "multline",
    "eqnarray",
    "displaymath",
    "math",
    "alignat",
    "flalign",
    "split",
    "alignedat",
    "cases",
]
"""Environments that are mathematics even without a delimiter around them (and starred)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of mathematics.

    latex    the content without delimiters, comments blanked out, macros expanded
    line, column   place of the opening delimiter, counted from 1
    start, end     offsets of the content in the text of its file (or cell)
    exact    True where latex[i] is the text's character start + i (no macro was expanded)
    before   the prose since the piece before (at most 600 characters), for scope and words
    after    the prose up to the next piece (at most 200 characters)
    problem  why the delimiters are not well formed, or empty
    """

    latex: str
    file: str
    line: int
    column: int
    display: bool
    start: int = 0
    end: int = 0
    exact: bool = True
    label: str = ""
    before: str = ""
    after: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Directive:
    """`<!-- symbackprop: network=chang notation=chang -->`: holds from its place on."""

    start: int
    line: int
    file: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A text with its line starts, to find line and column of an offset in logarithmic time."""

    name: str
    text: str
    starts: tuple[int, ...] = field(repr=False, default=())

    @staticmethod
    def of(name: str, text: str) -> Source:
        starts, at = [0], text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        return Source(name, text, tuple(starts))

    def line_column(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        if not 1 <= line <= len(self.starts):
            return ""
        end = self.text.find("\n", self.starts[line - 1])
        return self.text[self.starts[line - 1] : end if end >= 0 else len(self.text)].rstrip("\r")

    def place(self, offset: int, width: int = 1) -> Place:
        line, column = self.line_column(offset)
        return Place(self.name, line, column, self.line_text(line), width)


@dataclass(frozen=True, slots=True)
class Scan:
    """All that was found in one document; `sources` by name (a notebook has one a cell)."""

    name: str
    pieces: tuple[Piece, ...]
    sources: tuple[Source, ...]
    directives: tuple[Directive, ...] = ()
    front_matter: tuple[tuple[str, str], ...] = ()

    def source(self, name: str) -> Source:
        for source in self.sources:
            if source.name == name:
                return source
        return Source.of(name, "")


def scan(path: Path) -> Scan:
    """Read one file and find its mathematics. Raises FileError when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from None
    return scan_text(decode(raw), str(path), path.suffix.lower())


def scan_text(text: str, name: str = "<text>", suffix: str = "") -> Scan:
    """Find the mathematics of a text; `suffix` ('.md', '.tex', '.ipynb', '.txt') says what it is.

    Without a suffix a text with a \\documentclass or \\begin{document} is LaTeX; else Markdown.
    """
    text = text.replace("\x00", " ").replace("\r\n", "\n").replace("\r", "\n")
    if suffix == ".ipynb":
        from symbackprop.documents.scan_notebook import scan_notebook

        return scan_notebook(text, name)
    if suffix in (".tex", ".ltx", ".latex") or (
        not suffix and ("\\documentclass" in text or "\\begin{document}" in text)
    ):
        from symbackprop.documents.scan_latex import scan_latex

        return scan_latex(text, name)
    from symbackprop.documents.scan_markdown import scan_markdown

    found = scan_markdown(text, name)
    if not found.pieces:
        from symbackprop.documents.scan_plain import scan_plain

        plain = scan_plain(text, name)
        return Scan(name, plain.pieces, plain.sources, found.directives, found.front_matter)
    return found


def decode(raw: bytes) -> str:
    """Bytes as text: UTF-8 first, UTF-16 and UTF-32 by their marks or zeros, then GB 18030, then Latin-1.

    Never fails.
    """
    wide = _wide(raw)
    if wide:
        return raw.decode(wide, errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _wide(raw: bytes) -> str:
    """UTF-16 or UTF-32, told by its mark or by where the zeros of Latin letters stand; '' for neither."""
    if raw[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    start = raw[:4_000]
    zeros = "".join(str(int(start[k::4].count(0) * 8 > len(start))) for k in range(4))
    known = {"0111": "utf-32-le", "1110": "utf-32-be", "0101": "utf-16-le", "1010": "utf-16-be"}
    return known.get(zeros, "")


def with_prose(source: Source, found: list[Piece], bounds: list[tuple[int, int]]) -> list[Piece]:
    """The pieces with the prose around them filled in; `bounds` are theirs, delimiters included."""
    from dataclasses import replace

    result = []
    for i, piece in enumerate(found):
        previous = bounds[i - 1][1] if i else 0
        following = bounds[i + 1][0] if i + 1 < len(found) else len(source.text)
        begin, end = bounds[i]
        before = source.text[max(previous, begin - 600) : begin]
        after = source.text[end : min(following, end + 200)]
        result.append(replace(piece, before=before, after=after))
    return result
