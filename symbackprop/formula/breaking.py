r"""Line breaks: chains as rows of `aligned`, no row wider than asked where it can be broken.

Breaks, best first: before a relation; before + or - of the outermost sum; before a factor (the new
line then begins with its sign); the same inside a bracket that alone is too wide. Fractions,
scripts and matrices are never broken. The printed width is an estimate (`widths.py`). Break points
are found in the text that the writer made: it puts one space between factors and nowhere else by
chance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from symbackprop.formula.latex_writer import DEFAULT, relation_latex, write
from symbackprop.formula.style import Style
from symbackprop.formula.tree import Chain, Formula
from symbackprop.formula.widths import width as printed

WIDTH = 34.0
"""Text width in em of an A4 page in 10 point with usual margins, less some air."""
INDENT = 1.0
STUB = 4.0
"""A last line shorter than this (em) looks like a mistake."""

_TOKEN = re.compile(
    r"\\(?:left|right|bigl|bigr)(?:\\[A-Za-z]+|.)|\\(?:[A-Za-z]+|.)|[\s]+|.", re.DOTALL
)
_OPERATOR = re.compile(r"\\frac\{(?:\\partial|\\mathrm\{d\})\}")
_TAKES_OPERAND = frozenset(
    [
        r"\sum",
        r"\prod",
        r"\nabla",
        r"\log",
        r"\hat",
        r"\tilde",
        r"\bar",
        r"\vec",
        r"\dot",
        r"\mathcal",
        r"\mathbb",
        r"\mathfrak",
        r"\Delta",
        r"\partial",
        r"\boldsymbol",
        r"\mathbf",
    ]
)
_SIGNS = frozenset({"+", "-"})
_PRODUCTS = frozenset({r"\cdot", r"\times", r"\odot", r"\bullet", r"\circ", "*"})
_NO_END = frozenset({",", ";", "=", "/", "+", "-", "&"}) | _PRODUCTS
_NO_START = frozenset({"=", "/", ",", ")", "]", r"\rVert", r"\rvert", r"\rbrace", "&"})


class Cut(NamedTuple):
    """A place where a line may end. level: lower is better. sign: what the new line begins with."""

    at: int
    level: int
    sign: str = ""


def write_chain_aligned(
    chains: Sequence[Chain],
    width: float = WIDTH,
    style: Style = DEFAULT,
    *,
    each: bool = False,
    tail: str = "",
) -> str:
    r"""The chains as one display body: plain if all is one short line, else `aligned` rows.

    each: a row for every relation, even where the chain would fit into one line.
    tail: put after the last formula as it is (a full stop, `\qquad \blacksquare`).
    """
    if len(chains) == 1 and not (each and len(chains[0].relations) > 1):
        text = write(chains[0], style)
        if printed(text) <= width:
            return text + tail
    rows = _block(chains, width, style, each=each)
    if _widest(rows) > width or len(rows) > len(chains) + 2:
        flush = [r for c in chains for r in chain_rows(c, width, style, each=each, flush=True)]
        if _widest(flush) < _widest(rows) > width or len(flush) + 2 <= len(rows):
            rows = flush
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}{tail}\n\\end{{aligned}}"


def _block(chains: Sequence[Chain], width: float, style: Style, *, each: bool) -> list[str]:
    """Rows aligned at their relations; the widest left side makes the left column."""
    column = max((printed(write(c.members[0], style)) for c in chains if c.relations), default=0.0)
    return [r for c in chains for r in chain_rows(c, width, style, each=each, column=column)]


def _widest(rows: Sequence[str]) -> float:
    """The printed width of aligned rows: the widest left column and the widest right one."""
    sides = [row.split("&", 1) for row in rows]
    if not sides:
        return 0.0
    return max(printed(side[0]) for side in sides) + max(printed(side[1]) for side in sides)


def chain_rows(
    chain: Chain,
    width: float = WIDTH,
    style: Style = DEFAULT,
    *,
    each: bool = False,
    column: float = 0.0,
    flush: bool = False,
) -> list[str]:
    """The chain's rows with `&` at the alignment point, without row ends.

    column: the width of the left column, if other rows make it wider than this chain does.
    flush: the left column stays empty; a left side that is followed by breaks has its own row.
    """
    left = write(chain.members[0], style)
    if not chain.relations:
        return _continued("&", lines(left, width if flush else width - column))
    rest = [
        (relation_latex(sign, style), write(member, style))
        for sign, member in zip(chain.relations, chain.members[1:], strict=True)
    ]
    whole = " ".join(f"{sign} {text}" for sign, text in rest)
    room = width if flush else width - max(column, printed(left))
    one_row = not (each and len(rest) > 1)
    if one_row and flush and printed(f"{left} {whole}") <= room:
        return [f"&{left} {whole}"]
    if one_row and not flush and printed(whole) <= room:
        return [f"{left} &{whole}"]
    rows = _continued("&", lines(left, width)) if flush else []
    head = "&" if flush else f"{left} &"
    for sign, text in rest:
        broken = lines(text, room - printed(sign) - INDENT)
        rows.extend(_continued(f"{head}{sign} ", broken))
        head = "&"
    return rows


def _continued(first: str, found: list[str]) -> list[str]:
    return [(first if i == 0 else r"&\quad ") + line for i, line in enumerate(found)]


def break_formula(formula: Formula, width: float = WIDTH, style: Style = DEFAULT) -> list[str]:
    """The formula cut into lines of at most `width` em where break points allow it."""
    return lines(write(formula, style), width)


def lines(text: str, width: float) -> list[str]:
    """Written LaTeX cut into lines of at most `width` em where break points allow it."""
    if printed(text) <= width:
        return [text]
    found = cuts(text)
    result, last = _broken(text, found, width)
    if len(result) > 1 and printed(result[-1]) < STUB:
        # One lonely factor on the last line: rather break earlier, if that takes no more lines.
        other, _ = _broken(text, [c for c in found if c.at < last], width)
        if len(other) <= len(result) and all(printed(line) <= width for line in other):
            result = other
    return _big_brackets(result)


def _broken(text: str, found: list[Cut], width: float) -> tuple[list[str], int]:
    """The lines that these cuts give, and where the last one begins."""
    chosen: list[Cut] = []
    _fill(text, 0, len(text), 0, found, width, chosen)
    result: list[str] = []
    start, sign = 0, ""
    for cut in [*chosen, Cut(len(text), 0)]:
        result.append(f"{sign}{text[start : cut.at].strip()}")
        start, sign = cut.at, cut.sign
    return result, chosen[-1].at if chosen else 0


def _fill(
    text: str, low: int, high: int, level: int, all_cuts: list[Cut], width: float, chosen: list[Cut]
) -> None:
    """Chooses cuts in text[low:high], the lowest levels first, so that lines fit if possible."""
    line = chosen[-1].at if chosen else 0
    if printed(text[line:high]) <= width:
        return
    inside = [c for c in all_cuts if low < c.at < high]
    if not inside:
        return
    level = max(level, min(c.level for c in inside))
    here = [c for c in inside if c.level == level]
    edges = [low, *(c.at for c in here), high]
    opening: list[Cut | None] = [None, *here]
    for begin, end, cut in zip(edges[:-1], edges[1:], opening, strict=True):
        line = chosen[-1].at if chosen else 0
        if printed(text[line:end]) <= width:
            continue
        if cut is not None and begin > line:
            chosen.append(cut)
        if printed(text[begin:end]) > width or cut is None:
            _fill(text, begin, end, level + 1, all_cuts, width, chosen)


def cuts(text: str) -> list[Cut]:
    """All break points of written LaTeX."""
    found: list[Cut] = []
    braces = depth = square = environments = 0
    pending = False  # after a sign that waits for its operand
    before = ""
    tokens = [(m.start(), m.group()) for m in _TOKEN.finditer(text)]
    for i, (at, token) in enumerate(tokens):
        if token in "{}" and token:
            braces += 1 if token == "{" else -1
        elif token in (r"\begin", r"\end"):
            environments += 1 if token == r"\begin" else -1
        elif token in ("[", "]"):
            square += 1 if token == "[" else -1
        elif token in ("(", r"\left(", r"\left\lVert", r"\bigl(", r"\lVert", r"\lbrace", r"\lvert"):
            depth += 1
        elif token in (
            ")",
            r"\right)",
            r"\right\rVert",
            r"\bigr)",
            r"\rVert",
            r"\rbrace",
            r"\rvert",
        ):
            depth -= 1
        elif not token.isspace():
            pass
        elif braces == environments == square == 0 and i + 1 < len(tokens):
            after = tokens[i + 1][1]
            wide = i + 2 < len(tokens) and tokens[i + 2][1].isspace()
            if pending:
                pending = False
            elif after in _SIGNS and wide and before not in _NO_END:
                found.append(Cut(at, 2 * depth))
            elif after in _PRODUCTS:
                found.append(Cut(at, 2 * depth + 1))
            elif (
                before not in _NO_END
                and after not in _NO_START
                and not before.startswith((r"\left", r"\bigl", r"\lVert", r"\lbrace", r"\lvert"))
                and not after.startswith((r"\right", r"\bigr"))
                and before not in ("(", r"\mathrm")
            ):
                found.append(Cut(at, 2 * depth + 1, r"\cdot "))
        if braces == 0 and (token in _TAKES_OPERAND or _OPERATOR.match(text, at)):
            pending = True
        if not token.isspace():
            before = token
    return found


def _big_brackets(found: list[str]) -> list[str]:
    r"""`\left(` and its `\right)` on different lines become `\bigl(` and `\bigr)`, of a size that fits."""
    stack: list[tuple[int, int]] = []
    changes: list[tuple[int, int, str]] = []
    for number, line in enumerate(found):
        for match in re.finditer(r"\\(left|right)(?=[\\(\[)|.])", line):
            if match.group(1) == "left":
                stack.append((number, match.start()))
            elif stack:
                opened = stack.pop()
                if opened[0] != number:
                    inside = (
                        found[opened[0]][opened[1] + len(r"\left") :],
                        *found[opened[0] + 1 : number],
                        line[: match.start()],
                    )
                    size = _size(" ".join(inside))
                    changes.append((*opened, size + "l"))
                    changes.append((number, match.start(), size + "r"))
    result = list(found)
    for number, at, name in sorted(changes, reverse=True):
        line = result[number]
        old = r"\left" if name.endswith("l") else r"\right"
        result[number] = line[:at] + name + line[at + len(old) :]
    return result


def _size(content: str) -> str:
    """The command for brackets as tall as their content, which stands on several lines."""
    if re.search(r"\\(?:sum|prod)_", content):
        return r"\Bigg"
    if r"\frac" in content or r"\begin" in content:
        return r"\bigg"
    tall = r"\left" in content or ("^" in content and "_" in content)
    return r"\Big" if tall else r"\big"
