"""Where each key and value of a TOML text stands. tomllib checks the syntax but gives no places.

`places(text)` walks a text that tomllib has accepted and notes an offset for every key and for
every element of a list: ("system", "equations", 2) -> offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from symbackprop.errors import Place

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Offsets: of the key (or element), of its value, and where the value ends.

    `text` is the offset of the first character inside the quotes of a string, else of the value.
    """

    key: int
    value: int
    end: int
    text: int


class Source:
    """A file's text, and places in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.spots: Mapping[Path, Spot] = {}

    def place(self, offset: int, width: int = 1) -> Place:
        """Line and column of an offset."""
        offset = max(0, min(offset, len(self.text)))
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        line = self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")
        width = max(1, min(width, len(line) - (offset - start)))
        return Place(
            self.file, self.text.count("\n", 0, offset) + 1, offset - start + 1, line, width
        )

    def at(self, path: Path, value: bool = False) -> Place:
        """The place of a key, or of its value; of the nearest table above where it is not there."""
        while path:
            spot = self.spots.get(path)
            if spot is not None:
                if value:
                    return self.place(spot.value, spot.end - spot.value)
                last = path[-1]
                return self.place(spot.key, len(last) if isinstance(last, str) else 1)
            path = path[:-1]
        return self.place(0)

    def inside(self, path: Path, start: int, end: int) -> Place:
        """A part of a string value: its characters `start`..`end`."""
        spot = self.spots.get(path)
        if spot is None:
            return self.at(path)
        escaped = "\\" in self.text[spot.text : spot.end]
        return self.at(path, True) if escaped else self.place(spot.text + start, end - start)


def places(text: str) -> dict[Path, Spot]:
    """The spots of all keys and elements. Partial where the text is not what it expects."""
    scanner = _Scanner(text)
    with suppress(IndexError):  # where the end comes early, what was found so far still helps
        scanner.document()
    return scanner.found


_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Spot] = {}
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        while True:
            self.blank()
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                double = self.text.startswith("[[", self.at)
                self.at += 2 if double else 1
                start = self.at
                table = self.key()
                if double:
                    number = self.counts.get(table, 0)
                    self.counts[table] = number + 1
                    table = (*table, number)
                self.found.setdefault(table, Spot(start, start, self.at, start))
                self.at = self.text.find("]", self.at) + (2 if double else 1)
            else:
                before = self.at
                self.pair(table)
                if self.at == before:
                    self.at += 1

    def blank(self, lines: bool = True) -> None:
        """Skip spaces, comments and (with `lines`) line ends."""
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif c in " \t" or (lines and c in "\r\n"):
                self.at += 1
            else:
                return

    def key(self) -> Path:
        parts: list[str] = []
        while True:
            self.blank(lines=False)
            if self.text[self.at] in "\"'":
                start = self.at + 1
                self.string()
                parts.append(self.text[start : self.at - 1])
            else:
                start = self.at
                while self.at < len(self.text) and self.text[self.at] in _BARE:
                    self.at += 1
                parts.append(self.text[start : self.at])
            self.blank(lines=False)
            if self.at < len(self.text) and self.text[self.at] == ".":
                self.at += 1
                continue
            return tuple(parts)

    def pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self.key())
        if self.text[self.at] != "=":
            return
        self.at += 1
        self.blank(lines=False)
        self.value(path, start)

    def value(self, path: Path, key: int) -> None:
        start = self.at
        c = self.text[start]
        inside = start
        if c in "\"'":
            inside = start + (3 if self.text.startswith(c * 3, start) else 1)
            self.string()
        elif c == "[":
            self.at += 1
            number = 0
            while True:
                self.blank()
                if self.text[self.at] == "]":
                    self.at += 1
                    break
                if self.text[self.at] == ",":
                    self.at += 1
                    continue
                before = self.at
                self.value((*path, number), self.at)
                number += 1
                if self.at == before:
                    self.at += 1
        elif c == "{":
            self.at += 1
            while True:
                self.blank()
                if self.text[self.at] == "}":
                    self.at += 1
                    break
                if self.text[self.at] == ",":
                    self.at += 1
                    continue
                before = self.at
                self.pair(path)
                if self.at == before:
                    self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\r\n":
                self.at += 1
        end = self.at
        while end > start and self.text[end - 1] in " \t":
            end -= 1
        self.found[path] = Spot(key, start, end, inside)

    def string(self) -> None:
        """Move past a string of any of the four kinds."""
        quote = self.text[self.at]
        if self.text.startswith(quote * 3, self.at):
            self.at += 3
            while not self.text.startswith(quote * 3, self.at):
                self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
            self.at += 3
            return
        self.at += 1
        while self.text[self.at] != quote:
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += 1
