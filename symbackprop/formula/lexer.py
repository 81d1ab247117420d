"""Tokens of LaTeX mathematics, each with its place in the source.

Letters come one at a time, numbers whole, commands without their backslash. Dress (fonts, sizes,
colours, thin spaces) is dropped here and nowhere else; Unicode mathematics becomes the command of
the same meaning. Nothing is evaluated and no error is raised for bad mathematics: an odd character
is a token of its own, which the parser then refuses with its place.
"""

from __future__ import annotations

import re
import unicodedata

from symbackprop.errors import ReadingError
from symbackprop.formula import alphabet as abc
from symbackprop.formula.commands import Commands, is_word
from symbackprop.formula.cursor import Token

__all__ = ["LIMIT", "Token", "lex"]

LIMIT = 200_000
"""Longest display that is read, in characters; beyond it a ReadingError says so."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3}(?![0-9A-Za-z]))?|\.[0-9]+", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z]+", re.ASCII)
_QUANTITIES = frozenset(("loss", "cost", "error", "net", "out", "hidden", "output"))
_ENDINGS = sorted((w for w in {*abc.BUILTINS, *abc.WORD_FUNCTIONS} if len(w) > 2), key=len)[::-1]


def lex(source: str) -> list[Token]:
    """The tokens of `source`. Raises ReadingError only where the source is too long."""
    if len(source) > LIMIT:
        raise ReadingError(f"this display is longer than {LIMIT} characters")
    return _Lexer(source).run()


class _Lexer(Commands):
    def run(self) -> list[Token]:
        source, length = self.source, len(self.source)
        while self.at < length:
            c = source[self.at]
            if c == "\\":
                self.command()
            elif c == "~":
                self.at += 1
                self.space(self.at - 1)
            elif c.isspace():
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
        word = is_word(run)
        split = 0 if word else len(run)
        if len(run) > 3 and not word:
            for ending in _ENDINGS:
                if run.endswith(ending) and 0 < len(run) - len(ending) <= 3:
                    split = len(run) - len(ending)
                    break
        if split == len(run) and len(run) >= 4:
            split = 0
        if not split and not word and run[0] == "d" and self._differential_of(run[1:]):
            split = 1
        for i in range(split):
            self.emit("letter", run[i], start + i, start + i + 1)
        if split < len(run):
            self.emit("run", run[split:], start + split)

    def _differential_of(self, rest: str) -> bool:
        r"""Whether `dLoss` begins a half of a fraction: d of a quantity that is a word."""
        if not (rest[0].isupper() or rest in _QUANTITIES):
            return False
        if self.source[self.at :].lstrip().startswith("/"):
            return True
        tokens = self.tokens
        if len(tokens) < 2 or tokens[-1].text != "{":
            return False
        return tokens[-2].text in ("frac", "}")

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
                self.skip_script("_" if opened == "underbrace" else "^")
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
            self.named(abc.UNICODE[c], start)
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
            self.named(abc.UNICODE[c], start)
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


def _is_prose(c: str) -> bool:
    return not c.isascii() and c.isalpha() and c not in abc.UNICODE
