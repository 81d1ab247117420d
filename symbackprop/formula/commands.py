"""Commands of LaTeX as the lexer meets them: fonts, environments, labels, delimiters, dress."""

from __future__ import annotations

import re

from symbackprop.formula import alphabet as abc
from symbackprop.formula.cursor import Cursor

_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_LETTERS = re.compile(r"[A-Za-z]+", re.ASCII)
_LENGTH = re.compile(r"\s*-?[0-9.]+\s*[a-z]{2}", re.ASCII)
_ROW_SPACE = re.compile(r"\s*\[\s*-?[0-9.]+\s*[a-z]{2}\s*\]")


class Commands(Cursor):
    """Reads one command: `command` for what the source spells, `named` for one known by name."""

    def command(self) -> None:
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
        elif name in abc.SPACES or name.isspace():
            self.space(start)
        elif name in abc.NOISE or name in (",", "!"):
            return
        elif name in ("left", "right"):
            self._delimiter(name, start)
        elif name in ("begin", "end"):
            self._environment(name, start)
        elif name in ("tag", "tag*", "label", "eqref", "ref"):
            self.emit("label", self.raw_argument().strip(), start)
        elif name == "hspace":
            self.raw_argument()
            self.emit("cmd", "quad", start)
        elif name in ("kern", "mkern", "hskip", "mskip"):
            length = _LENGTH.match(self.source, self.at)
            self.at = length.end() if length else self.at
        elif name in abc.NOISE_WITH_ARGUMENT or name == "textcolor":
            self.raw_argument()
        elif name in ("underbrace", "overbrace"):
            self.pending = name
        elif name in ("overset", "stackrel"):
            self._stacked(start)
        elif name == "not":
            self.skip_spaces()
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
            self.named(name, start)

    def named(self, name: str, start: int) -> None:
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
            found = _ROW_SPACE.match(self.source, self.at)
            self.at = found.end() if found else self.at
        self.emit("row", "\\\\", start)

    def _delimiter(self, side: str, start: int) -> None:
        self.skip_spaces()
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
        name = self.raw_argument().strip()
        if side == "begin":
            if name in ("array", "alignat", "alignat*", "alignedat"):
                self.raw_argument()
            elif self.source.startswith("[", self.at):
                end = self.source.find("]", self.at, self.at + 12)
                self.at = end + 1 if end > 0 else self.at
        self.emit(side, name, start)

    def _stacked(self, start: int) -> None:
        above = self.raw_argument()
        below = self.raw_argument().strip()
        if below == "=":
            named = re.sub(r"[^a-z]", "", above) in ("def", "textdef", "mathrmdef", "triangle")
            self.emit("cmd", ":=", start) if named else self.emit("char", "=", start)
        elif below.startswith("\\") and below[1:] in abc.RELATIONS:
            self.emit("cmd", below[1:], start)
        else:
            self.emit("cmd", "overset", start)

    def _font(self, name: str, start: int) -> None:
        self.skip_spaces()
        if not self.source.startswith("{", self.at):
            if name in ("mathbf", "boldsymbol", "bm") and self.source.startswith("1", self.at):
                self.at += 1
                self.emit("letter", "1", start)
            elif name in ("mathrm", "textrm") and re.match(
                r"d(?:\s|})", self.source[self.at : self.at + 2]
            ):
                self.at += 1
                self.emit("cmd", "d", start)  # `\mathrm d x` as `\mathrm{d} x`
            return
        begin = self.at
        content = self.raw_argument()
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
        elif upright and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:\\_[A-Za-z0-9]+)+", bare, re.ASCII):
            self.emit("word", bare.replace("\\_", "_"), start)
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
        self.skip_spaces()
        if self.source.startswith("{", self.at):
            inner = self.raw_argument().strip()
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
        self.skip_spaces()
        found = _LETTERS.match(self.source, self.at)
        if found and len(found.group()) > 1:
            self.at = found.end()
            self.emit("word", found.group(), start)


def is_word(run: str) -> bool:
    return run in abc.BUILTINS or run in abc.WORD_FUNCTIONS or run in abc.WORDS


def _mixed(bare: str, upright: bool) -> bool:
    """Whether bold letters are rather a product (`\\mathbf{Wx}`) than one name (`\\mathbf{do}`)."""
    if upright or bare[0] == "d" or is_word(bare):
        return False
    return any(c.isupper() for c in bare) and any(c.islower() for c in bare)
