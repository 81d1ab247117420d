"""A place in the source that moves on and leaves tokens behind: the base of the lexer."""

from __future__ import annotations

import re
from typing import NamedTuple

_SPACE = re.compile(r"\s+")


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


class Cursor:
    """The source, the place in it, and the tokens so far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.tokens: list[Token] = []
        self.space_end = -1  # where the last space command ended
        self.groups: list[str] = []  # what each open brace belongs to: '' or a brace command
        self.pending = ""  # the brace command whose group opens next

    def space(self, start: int) -> None:
        """A space that was asked for; several in a row part statements like a wide one."""
        if start == self.space_end and not (self.tokens and self.tokens[-1].text == "quad"):
            self.emit("cmd", "quad", start)
        self.skip_spaces()
        self.space_end = self.at

    def emit(self, kind: str, text: str, start: int, end: int | None = None) -> None:
        self.tokens.append(Token(kind, text, start, self.at if end is None else end))

    def skip_spaces(self) -> None:
        found = _SPACE.match(self.source, self.at)
        self.at = found.end() if found else self.at

    def raw_argument(self) -> str:
        """The text of a braced argument; '' and no move where there is none or it never closes."""
        self.skip_spaces()
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

    def skip_script(self, mark: str) -> None:
        self.skip_spaces()
        if self.source.startswith(mark, self.at):
            self.at += 1
            self.skip_spaces()
            if self.source.startswith("{", self.at):
                self.raw_argument()
            else:
                self.at += 1
