"""Mathematics in Markdown: `$…$`, `$$…$$`, ```math, $`…`$, \\(…\\), \\[…\\], bare environments."""

from __future__ import annotations

import re

from symbackprop.documents.scan import (
    DISPLAY_ENVIRONMENTS,
    Directive,
    Piece,
    Scan,
    Source,
    with_prose,
)
from symbackprop.documents.scan_macros import Macro, collect, expand

_ENVIRONMENT = "|".join(DISPLAY_ENVIRONMENTS)
_TOKEN = re.compile(
    r"(?P<fence>^[ ]{0,3}(?:```+|~~~+)[^\n]*$)"
    r"|(?P<twice>\\\\[\[(])"
    r"|(?P<escaped>\\[$\\`]|\${5,})"
    r"|(?P<open>\\[\[(])"
    r"|(?P<comment><!--)"
    r"|(?P<script><script type=[\"']math/tex(?P<mode>; *mode=display)?[\"']>)"
    r"|(?P<ticked>\$`)"
    r"|(?P<double>\$\$)"
    r"|(?P<single>\$)"
    r"|(?P<code>`+)"
    r"|(?P<env>\\begin\{(?P<name>(?:" + _ENVIRONMENT + r")\*?)\})",
    re.MULTILINE,
)
_DIRECTIVE = re.compile(r"symbackprop:\s*(?P<body>[^\n]*)")
_PAIR = re.compile(r"([A-Za-z][\w.-]*)\s*=\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"']+))")
_LABEL = re.compile(r"\\(?:tag|label)\*?\{([^{}]*)\}|\\q?quad\s*\((\d{1,3}[a-z]?)\)\s*$")
LONGEST_CODE = 10_000
"""Inline code is not longer."""
_DEFINES = re.compile(r"\\(?:(?:re)?newcommand|providecommand|def|DeclareMathOperator)(?![a-z])")
_ENTITY = re.compile(r"&(?:lt|gt|amp|#39|#x27|quot|nbsp);")
_SIGNS = {"lt": "<", "gt": ">", "amp": "&", "#39": "'", "#x27": "'", "quot": " ", "nbsp": " "}
_BLANK = re.compile(r"\n[ \t]*\n")


class _Positions:
    """The next place of a closing mark; asked from left to right, each mark's text is read once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[str, tuple[int, tuple[int, int] | None]] = {}

    def next(self, pattern: str, start: int) -> tuple[int, int] | None:
        """The first match from `start` on."""
        since, place = self.known.get(pattern, (start + 1, None))
        if since > start or (place is not None and place[0] < start):
            found = re.compile(pattern, re.MULTILINE).search(self.text, start)
            place = found.span() if found else None
            self.known[pattern] = start, place
        return place


def scan_markdown(text: str, name: str) -> Scan:
    """Find the mathematics of a Markdown text."""
    source = Source.of(name, text)
    front, start = front_matter(text)
    macros, places = collect(text) if _DEFINES.search(text) else ({}, [])
    finder = _Finder(source, macros, with_signs(blanked(text, places)))
    finder.run(start)
    pieces = with_prose(source, finder.pieces, finder.bounds)
    return Scan(name, tuple(pieces), (source,), tuple(finder.directives), front)


def blanked(text: str, places: list[tuple[int, int]]) -> str:
    """The text with these places blank: definitions of macros say no mathematics."""
    if not places:
        return text
    parts, at = [], 0
    for start, end in places:
        if start >= at:
            parts += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join(parts) + text[at:]


def with_signs(text: str) -> str:
    """`&lt;` and `&amp;`, as HTML and its tools leave them in mathematics; all places stay."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda m: _SIGNS[m[0][1:-1]].ljust(len(m[0])), text)


class _Finder:
    def __init__(self, source: Source, macros: dict[str, Macro], clean: str) -> None:
        self.source, self.text, self.macros = source, source.text, macros
        self.clean = clean
        self.positions = _Positions(source.text)
        self.pieces: list[Piece] = []
        self.bounds: list[tuple[int, int]] = []
        self.directives: list[Directive] = []

    def run(self, at: int) -> None:
        while (found := _TOKEN.search(self.text, at)) is not None:
            if len(self.pieces) >= MOST_PIECES:
                self.pieces.append(too_many(self.source, found.start()))
                self.bounds.append(found.span())
                return
            at = self.handle(found)

    def handle(self, found: re.Match[str]) -> int:
        kind, start, end = found.lastgroup, found.start(), found.end()
        if kind == "name" or found["env"]:
            return self.environment(found)
        if kind == "twice":
            return self.escaped_twice(found)
        if kind == "escaped":
            return end
        if kind == "fence":
            return self.fence(found)
        if kind == "comment":
            close_at = self.positions.next("-->", end)
            if close_at is None:
                return end
            self.directive(self.text[end : close_at[0]], start)
            return close_at[1]
        if kind in ("script", "mode"):
            close_at = self.positions.next("</script>", end)
            if close_at is None:
                return end
            self.add(start, end, *close_at, display=found["mode"] is not None)
            return close_at[1]
        if kind == "ticked":
            close_at = self.positions.next(r"`\$", end)
            if close_at is None:
                return end
            self.add(start, end, *close_at, display=False)
            return close_at[1]
        if kind == "code":
            blank = self.positions.next(_BLANK.pattern, end)
            limit = min(blank[0] if blank else len(self.text), end + LONGEST_CODE)
            close = self.text.find(found.group(), end, limit)
            return end if close < 0 else close + len(found.group())
        if kind == "open":
            square = found.group() == "\\["
            # An escaped bracket of Markdown prose, `\[注：…\]`, has no mathematics in it: judged later.
            close_at = self.positions.next(r"\\\]" if square else r"\\\)", end)
            if close_at is None:
                return end
            self.add(start, end, *close_at, display=square)
            return close_at[1]
        if kind == "double":
            return self.double(start, end)
        return self.single(start, end)

    def escaped_twice(self, found: re.Match[str]) -> int:
        r"""`\\\\[ … \\\\]`: the backslash itself escaped, as some renderers of Markdown want it."""
        square = found.group().endswith("[")
        close_at = self.positions.next(r"\\\\\]" if square else r"\\\\\)", found.end())
        blank = self.positions.next(_BLANK.pattern, found.end())
        if close_at is None or (blank is not None and blank[0] < close_at[0]):
            return found.start() + 2
        self.add(found.start(), found.end(), *close_at, display=square)
        return close_at[1]

    def double(self, start: int, end: int) -> int:
        """`$$…$$`; also `$$ $$…$$ $$`, which some editors leave behind."""
        close = self.positions.next(r"(?<!\\)\$\$", end)
        if close is None:
            blank = self.positions.next(_BLANK.pattern, end)
            stop = blank[0] if blank else len(self.text)
            self.add(start, end, stop, stop, display=True, problem="$$ is never closed")
            return stop
        if not self.text[end : close[0]].strip():
            inner = self.positions.next(r"(?<!\\)\$\$", close[1])
            if inner is not None and "\n\n" not in self.text[close[1] : inner[0]].strip("\n"):
                again = self.positions.next(r"(?<!\\)\$\$", inner[1])
                stop = inner[1]
                if again is not None and not self.text[inner[1] : again[0]].strip():
                    stop = again[1]
                self.add(start, close[1], inner[0], stop, display=True)
                return stop
            return close[1]
        self.add(start, end, *close, display=True)
        return close[1]

    def single(self, start: int, end: int) -> int:
        close = self.positions.next(r"(?<!\\)\$", end)
        blank = self.positions.next(_BLANK.pattern, end)
        if close is None or (blank is not None and blank[0] < close[0]):
            return end  # a lone dollar sign
        content = self.text[end : close[0]]
        if close[0] == end:
            return close[1]
        money = content[:1].isdigit() and content[-1:].isspace()
        if money and not re.search(r"[\\^_=]", content):
            return end
        self.add(start, end, *close, display="\\begin{" in content)
        return close[1]

    def environment(self, found: re.Match[str]) -> int:
        mark = re.escape("\\end{" + found["name"] + "}")
        close = self.positions.next(mark, found.end())
        if close is None:
            self.add(
                found.start(), found.end(), found.end(), found.end(),
                display=True, problem=f"\\begin{{{found['name']}}} is never closed",
            )  # fmt: skip
            return found.end()
        self.add(found.start(), found.start(), close[1], close[1], display=True)
        return close[1]

    def fence(self, found: re.Match[str]) -> int:
        mark = found.group().strip()
        ticks = re.match(r"`+|~+", mark)
        assert ticks is not None
        if "`" in mark[ticks.end() :]:
            return found.start() + len(ticks.group())  # inline code that opens a line
        sign, count = ticks.group()[0], min(len(ticks.group()), 100)
        close = self.positions.next(rf"^[ ]{{0,3}}{sign}{{{count},}}[ \t]*$", found.end())
        language = mark[ticks.end() :].strip().lower()
        stop = close[0] if close else len(self.text)
        if language in ("math", "latex", "tex", "katex"):
            problem = "" if close else "```math is never closed"
            end = close[1] if close else stop
            self.add(found.start(), found.end(), stop, end, display=True, problem=problem)
        return close[1] if close else len(self.text)

    def directive(self, body: str, start: int) -> None:
        found = _DIRECTIVE.search(body)
        if found:
            pairs = tuple((m[1], m[2] or m[3] or m[4] or "") for m in _PAIR.finditer(found["body"]))
            line, _ = self.source.line_column(start)
            self.directives.append(Directive(start, line, self.source.name, pairs))

    def add(
        self, begin: int, start: int, end: int, stop: int, *, display: bool, problem: str = ""
    ) -> None:
        piece = make_piece(
            self.source, self.macros, begin, start, end, display, problem, self.clean
        )
        if piece is not None:
            self.pieces.append(piece)
            self.bounds.append((begin, stop))


MOST_CHARACTERS = 30_000
"""A longer formula is not read: it could not be judged in the time for one statement."""
SHOWN = 200


MOST_PIECES = 50_000
"""What follows after so many formulas of one text is not read."""


def too_many(source: Source, start: int) -> Piece:
    """What stands for the rest of a text that holds too many formulas."""
    line, column = source.line_column(start)
    problem = f"more than {MOST_PIECES:,} formulas: the rest is not read"
    return Piece("", source.name, line, column, True, start, start, problem=problem)


def make_piece(
    source: Source,
    macros: dict[str, Macro],
    begin: int,
    start: int,
    end: int,
    display: bool,
    problem: str = "",
    text: str | None = None,
) -> Piece | None:
    """The piece between two offsets, or None where there is nothing between them."""
    raw = (source.text if text is None else text)[start:end]
    if not raw.strip():
        return None
    if len(raw) > MOST_CHARACTERS:
        raw, problem = raw[:SHOWN], problem or f"longer than {MOST_CHARACTERS:,} characters"
    latex, trouble = expand(raw, macros)
    if len(latex) > MOST_CHARACTERS:
        latex = latex[:SHOWN]
        trouble = trouble or f"with its macros longer than {MOST_CHARACTERS:,} characters"
    line, column = source.line_column(begin)
    label = _LABEL.search(latex)
    return Piece(
        latex,
        source.name,
        line,
        column,
        display,
        start,
        end,
        exact=latex == raw,
        label=(label[1] or label[2] or "") if label else "",
        problem=problem or trouble,
    )


def front_matter(text: str) -> tuple[tuple[tuple[str, str], ...], int]:
    """The `symbackprop` keys of a YAML front matter (`key: value` lines), and where it ends."""
    if not text.startswith("---\n"):
        return (), 0
    end = text.find("\n---", 4)
    if end < 0 or end > 20_000:
        return (), 0
    pairs, inside = [], False
    for line in text[4:end].split("\n"):
        if re.match(r"symbackprop\s*:\s*$", line):
            inside = True
        elif inside and (m := re.match(r"\s+([\w.-]+)\s*:\s*(.+?)\s*$", line)):
            pairs.append((m[1], m[2].strip("\"'")))
        elif not line.startswith((" ", "\t")):
            inside = False
            if m := re.match(r"symbackprop\s*:\s*\{(.*)\}\s*$", line):
                found = re.findall(r"([\w.-]+)\s*:\s*([^,{}]+)", m[1])
                pairs += [(k, v.strip().strip("\"'")) for k, v in found]
    return tuple(pairs), end + 4
