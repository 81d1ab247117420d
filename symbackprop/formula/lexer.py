"""Tokens of LaTeX mathematics, each with its place in the source.

Letters come one at a time, numbers whole, commands without their backslash. Dress (fonts, sizes,
colours, thin spaces) is dropped here and nowhere else; Unicode mathematics becomes the command of the same
meaning. Nothing is evaluated and no error is raised for bad mathematics: an odd character is a
token of its own, which the parser then refuses with its place.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from symbackprop.errors import ReadingError
from symbackprop.formula import alphabet as abc


class Token(NamedTuple):
    r"""kind: what it is; text: without backslash; start, end: offsets into the source.

    letter  one symbol letter: `x`, `delta`, `mathcal L`, `1` for a bold or blackboard one
    run     several plain letters that form one word (`softmax`, `Loss`)
    word    upright letters: `\mathrm{in}`
    text    prose: `\text{ and }`
    number  `12`, `0.05`
    cmd     any other command; `d` is the upright differential
    char    one character; `{` and `}` only as groups
    row     a row end; begin, end: an environment; label: a printed or internal label
    """

    kind: str
    text: str
    start: int
    end: int


LIMIT = 200_000
"""Longest display that is read, in characters; beyond it a ReadingError says so."""

_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3}(?![0-9A-Za-z]))?|\.[0-9]+", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z]+", re.ASCII)
_SPACE = re.compile(r"\s+")
_LENGTH = re.compile(r"\s*-?[0-9.]+\s*[a-z]{2}", re.ASCII)
_ENDINGS = sorted((w for w in {*abc.BUILTINS, *abc.WORD_FUNCTIONS} if len(w) > 2), key=len)[::-1]


def lex(source: str) -> list[Token]:
    """The tokens of `source`. Raises ReadingError only where the source is too long."""
    if len(source) > LIMIT:
        raise ReadingError(f"this display is longer than {LIMIT} characters")
    return _Lexer(source).run()


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.tokens: list[Token] = []
        self.groups: list[str] = []  # what each open brace belongs to: '' or a brace command
        self.pending = ""  # the brace command whose group opens next

    def run(self) -> list[Token]:
        source, length = self.source, len(self.source)
        while self.at < length:
            c = source[self.at]
            if c == "\\":
                self._command()
            elif c.isspace() or c == "~":
                self.at += 1
            elif c in "0123456789" or (c == "." and self._number_follows()):
                self._number()
            elif c.isascii() and c.isalpha():
                self._letters()
            elif c == "%":
                end = source.find("\n", self.at)
                self.at = length if end < 0 else end
            else:
                self._character(c)
        return self.tokens

    def emit(self, kind: str, text: str, start: int, end: int | None = None) -> None:
        self.tokens.append(Token(kind, text, start, self.at if end is None else end))

    # --- plain characters ---------------------------------------------------------------------

    def _number_follows(self) -> bool:
        after = self.source[self.at + 1 : self.at + 2]
        before = self.source[self.at - 1 : self.at]
        return after != "" and after in "0123456789" and not before.isalnum() and before != ")"

    def _number(self) -> None:
        start = self.at
        previous = self.tokens[-1] if self.tokens else None
        # TeX takes one digit only as a script or as an argument without braces: x_12, \frac12.
        if previous and (
            (previous.kind == "char" and previous.text in "^_") or self._argument_digits()
        ):
            self.at += 1
        else:
            found = _NUMBER.match(self.source, start)
            assert found is not None
            self.at = found.end()
        self.emit("number", self.source[start : self.at], start)

    def _argument_digits(self) -> bool:
        tokens = self.tokens
        if tokens[-1].kind == "cmd" and tokens[-1].text in ("frac", "sqrt"):
            return True
        return (
            len(tokens) > 1
            and tokens[-2].kind == "cmd"
            and tokens[-2].text == "frac"
            and tokens[-1].kind == "number"
            and tokens[-1].end - tokens[-1].start == 1
        )

    def _letters(self) -> None:
        found = _LETTERS.match(self.source, self.at)
        assert found is not None
        start, run = self.at, found.group()
        previous = self.tokens[-1] if self.tokens else None
        if previous and previous.kind == "char" and previous.text in "^_":
            self.at += 1
            self.emit("letter", run[0], start)
            return
        self.at = found.end()
        word = _is_word(run)
        split = 0 if word else len(run)
        if not word:
            for ending in _ENDINGS:
                if run.endswith(ending) and 0 < len(run) - len(ending) <= 3:
                    split = len(run) - len(ending)
                    break
        if split == len(run) and len(run) >= 4:
            split = 0
        for i in range(split):
            self.emit("letter", run[i], start + i, start + i + 1)
        if split < len(run):
            self.emit("run", run[split:], start + split)

    def _character(self, c: str) -> None:
        start = self.at
        self.at += 1
        c = abc.UNICODE_CHARS.get(c, c)
        if c == "{":
            self.groups.append(self.pending)
            self.pending = ""
            self.emit("char", c, start)
        elif c == "}":
            opened = self.groups.pop() if self.groups else ""
            self.emit("char", c, start)
            if opened:
                self._skip_script("_" if opened == "underbrace" else "^")
        elif c == ":" and self.source[self.at : self.at + 1] == "=":
            self.at += 1
            self.emit("cmd", ":=", start)
        elif c == "|" and self.source[self.at : self.at + 1] == "|":
            self.at += 1
            self.emit("cmd", "Vert", start)
        elif c == "." and self.source[self.at : self.at + 2] == "..":
            self.at += 2
            self.emit("cmd", "ldots", start)
        elif c.isascii():
            self.emit("char", c, start)
        else:
            self._unicode(c, start)

    def _unicode(self, c: str, start: int) -> None:
        if c in abc.UNICODE:
            self._named(abc.UNICODE[c], start)
        elif c in abc.SUPERSCRIPTS:
            self._script_run("^", abc.SUPERSCRIPTS, start)
        elif c in abc.SUBSCRIPTS:
            self._script_run("_", abc.SUBSCRIPTS, start)
        elif c in abc.COMBINING and self.tokens and self.tokens[-1].kind == "letter":
            base = self.tokens.pop()
            self.emit("cmd", abc.COMBINING[c], start)
            self.tokens.append(base)
        elif "\U0001d400" <= c <= "\U0001d7ff":
            self._plain(unicodedata.normalize("NFKC", c), start)
        elif len(apart := unicodedata.normalize("NFD", c)) == 2 and apart[1] in abc.COMBINING:
            self.emit("cmd", abc.COMBINING[apart[1]], start)
            self.emit("letter", apart[0], start)
        elif c in abc.FRACTIONS:
            self.emit("cmd", "frac", start)
            for digit in abc.FRACTIONS[c]:
                self.emit("number", digit, start)
        elif c == "ℝ":
            self.emit("letter", c, start)
        elif c.isalpha():
            while self.at < len(self.source) and _is_prose(self.source[self.at]):
                self.at += 1
            self.emit("text", self.source[start : self.at], start)
        else:
            self.emit("char", c, start)

    def _plain(self, c: str, start: int) -> None:
        if c in abc.UNICODE:
            self._named(abc.UNICODE[c], start)
        elif c in "0123456789":
            self.emit("number", c, start)
        else:
            self.emit("letter", c, start)

    def _script_run(self, mark: str, table: dict[str, str], start: int) -> None:
        self.emit("char", mark, start, start)
        self.emit("char", "{", start, start)
        at = start
        while at < len(self.source) and self.source[at] in table:
            c = table[self.source[at]]
            kind = "number" if c.isdigit() else "letter" if c.isalpha() else "char"
            self.emit(kind, c, at, at + 1)
            at += 1
        self.at = at
        self.emit("char", "}", at, at)

    # --- commands -----------------------------------------------------------------------------

    def _command(self) -> None:
        start = self.at
        found = _COMMAND.match(self.source, start)
        if found is None:  # a backslash at the very end
            self.at += 1
            self.emit("char", "\\", start)
            return
        name = found.group(1)
        if name.endswith("*") and name not in ("operatorname*", "hspace*", "tag*"):
            name = name[:-1]
            self.at = found.end() - 1
        else:
            self.at = found.end()
        if name == "\\" or name in ("newline", "cr", "tabularnewline"):
            self._row_end(start, name)
        elif name in ("quad", "qquad"):
            self.emit("cmd", "quad", start)
        elif name in abc.NOISE or name in abc.SPACES or name.isspace():
            return
        elif name in ("left", "right"):
            self._delimiter(name, start)
        elif name in ("begin", "end"):
            self._environment(name, start)
        elif name in ("tag", "tag*", "label", "eqref", "ref"):
            self.emit("label", self._raw_argument().strip(), start)
        elif name == "hspace":
            self._raw_argument()
            self.emit("cmd", "quad", start)
        elif name in ("kern", "mkern", "hskip", "mskip"):
            length = _LENGTH.match(self.source, self.at)
            self.at = length.end() if length else self.at
        elif name in abc.NOISE_WITH_ARGUMENT or name == "textcolor":
            self._raw_argument()
        elif name in ("underbrace", "overbrace"):
            self.pending = name
        elif name in ("overset", "stackrel"):
            self._stacked(start)
        elif name == "not":
            self._skip_spaces()
            if self.source[self.at : self.at + 1] == "=":
                self.at += 1
                self.emit("cmd", "neq", start)
            else:
                self.emit("cmd", "not", start)
        elif name in abc.TEXT_COMMANDS or name in abc.FONT_COMMANDS:
            self._font(name, start)
        elif name in abc.LETTER_FONTS or name in ("mathbb", "mathds", "Bbb"):
            self._letter_font(name, start)
        elif name in abc.SWITCHES:
            self._switch(start)
        else:
            self._named(name, start)

    def _named(self, name: str, start: int) -> None:
        renamed = {
            "{": "lbrace", "}": "rbrace", "|": "Vert", "dfrac": "frac", "tfrac": "frac",
            "cfrac": "frac", "|_": "Vert", "bigtriangledown": "nabla", "triangledown": "nabla",
            "lbrack": "[", "rbrack": "]", "vert": "|", "mid": "|", "colon": ":", "dots": "ldots",
            "dotsc": "ldots", "dotsb": "cdots", "gt": ">", "lt": "<", "asterisk": "*",
        }.get(name, name)  # fmt: skip
        if renamed in abc.LETTER_COMMANDS:
            self.emit("letter", renamed, start)
        elif renamed in "[]|:<>*":
            self.emit("char", renamed, start)
        elif name in ("_", "&", "%", "#", "$"):
            self.emit("char", "\\" + name, start)
        elif name == "*":
            self.emit("char", "*", start)
        else:
            self.emit("cmd", renamed, start)

    def _row_end(self, start: int, name: str) -> None:
        if name == "\\":
            if self.source.startswith("*", self.at):
                self.at += 1
            found = re.compile(r"\s*\[\s*-?[0-9.]+\s*[a-z]{2}\s*\]").match(self.source, self.at)
            self.at = found.end() if found else self.at
        self.emit("row", "\\\\", start)

    def _delimiter(self, side: str, start: int) -> None:
        self._skip_spaces()
        after = self.source[self.at : self.at + 1]
        if after == ".":
            self.at += 1
            self.emit("cmd", "ldot" if side == "left" else "rdot", start)
        elif after == "|":
            self.at += 2 if self.source.startswith("||", self.at) else 1
            self._bars("Vert" if self.at - start > len(side) + 2 else "vert", side, start)
        elif self.source.startswith(("\\|", "\\Vert", "\\lVert", "\\rVert"), self.at):
            found = _COMMAND.match(self.source, self.at)
            assert found is not None
            self.at = found.end()
            self._bars("Vert", side, start)
        elif self.source.startswith("\\vert", self.at):
            self.at += 5
            self._bars("vert", side, start)

    def _bars(self, kind: str, side: str, start: int) -> None:
        self.emit("cmd", ("l" if side == "left" else "r") + kind, start)

    def _environment(self, side: str, start: int) -> None:
        name = self._raw_argument().strip()
        if side == "begin":
            if name in ("array", "alignat", "alignat*", "alignedat"):
                self._raw_argument()
            elif self.source.startswith("[", self.at):
                end = self.source.find("]", self.at, self.at + 12)
                self.at = end + 1 if end > 0 else self.at
        self.emit(side, name, start)

    def _stacked(self, start: int) -> None:
        above = self._raw_argument()
        below = self._raw_argument().strip()
        if below == "=":
            named = re.sub(r"[^a-z]", "", above) in ("def", "textdef", "mathrmdef", "triangle")
            self.emit("cmd", ":=", start) if named else self.emit("char", "=", start)
        elif below.startswith("\\") and below[1:] in abc.RELATIONS:
            self.emit("cmd", below[1:], start)
        else:
            self.emit("cmd", "overset", start)

    def _font(self, name: str, start: int) -> None:
        self._skip_spaces()
        if not self.source.startswith("{", self.at):
            if name in ("mathbf", "boldsymbol", "bm") and self.source.startswith("1", self.at):
                self.at += 1
                self.emit("letter", "1", start)
            return
        begin = self.at
        content = self._raw_argument()
        bare = content.strip()
        upright = name in abc.TEXT_COMMANDS or name in ("mathrm", "operatorname", "operatorname*")
        if bare == "d" and upright:
            self.emit("cmd", "d", start)
        elif bare == "1" and not upright:
            self.emit("letter", "1", start)
        elif len(bare) == 1 and bare.isascii() and bare.isalpha():
            self.emit("letter", bare, start)
        elif re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", bare, re.ASCII) and not _mixed(bare, upright):
            self.emit("word", bare, start)
        elif name in abc.TEXT_COMMANDS:
            if re.fullmatch(r"[0-9.]+", bare) or re.fullmatch(r"[-+=*,;:]", bare):
                self.at = begin
            elif re.fullmatch(r"[A-Za-z][A-Za-z -]*", bare, re.ASCII) and "-" in bare:
                self.emit("word", bare.replace(" ", ""), start)
            else:
                self.emit("text", content, start)
        else:
            self.at = begin  # the braces stay as a group, the font is dropped

    def _letter_font(self, name: str, start: int) -> None:
        self._skip_spaces()
        if self.source.startswith("{", self.at):
            inner = self._raw_argument().strip()
        else:
            inner = self.source[self.at : self.at + 1]
            self.at += 1
        if name in abc.LETTER_FONTS:
            self.emit("letter", f"{abc.LETTER_FONTS[name]} {inner}", start)
        elif inner in ("1", "I"):
            self.emit("cmd", "indicator", start)
        else:
            self.emit("letter", {"R": "ℝ"}.get(inner, f"mathbb {inner}"), start)

    def _switch(self, start: int) -> None:
        self._skip_spaces()
        found = _LETTERS.match(self.source, self.at)
        if found and len(found.group()) > 1:
            self.at = found.end()
            self.emit("word", found.group(), start)

    # --- helpers ------------------------------------------------------------------------------

    def _skip_spaces(self) -> None:
        found = _SPACE.match(self.source, self.at)
        self.at = found.end() if found else self.at

    def _raw_argument(self) -> str:
        """The text of a braced argument; '' and no move where there is none or it never closes."""
        self._skip_spaces()
        if not self.source.startswith("{", self.at):
            return ""
        depth, at = 0, self.at
        while at < len(self.source):
            c = self.source[at]
            if c == "\\":
                at += 1
            elif c == "{":
                depth += 1
            elif c == "}":
                depth -= 1
                if depth == 0:
                    content = self.source[self.at + 1 : at]
                    self.at = at + 1
                    return content
            at += 1
            if depth > 64 or at - self.at > 4000:  # not an argument of this kind: leave it
                break
        return ""

    def _skip_script(self, mark: str) -> None:
        self._skip_spaces()
        if self.source.startswith(mark, self.at):
            self.at += 1
            self._skip_spaces()
            if self.source.startswith("{", self.at):
                self._raw_argument()
            else:
                self.at += 1


def _is_word(run: str) -> bool:
    return run in abc.BUILTINS or run in abc.WORD_FUNCTIONS or run in abc.WORDS


def _is_prose(c: str) -> bool:
    return not c.isascii() and c.isalpha() and c not in abc.UNICODE


def _mixed(bare: str, upright: bool) -> bool:
    """Whether bold letters are rather a product (`\\mathbf{Wx}`) than one name (`\\mathbf{do}`)."""
    if upright or bare[0] == "d" or _is_word(bare):
        return False
    return any(c.isupper() for c in bare) and any(c.islower() for c in bare)
