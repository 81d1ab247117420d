"""An own small reader: names, + - ( ) / ^ \\frac \\cdot e^ \\log and juxtaposition, as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

from mpmath import exp, log, mpf


class Unread(Exception):
    """The text is no formula of this small language."""


SYMBOL = r"[A-Za-z](?:_\{\w+\}|_\w|\^\{\(\d\)\})*"


def canonical(symbol: str) -> tuple[str, str, str]:
    """Letter, subscript, layer: however the scripts are ordered and braced."""
    sub = re.search(r"_\{?(\w+)\}?", symbol[1:])
    sup = re.search(r"\^\{\((\d)\)\}", symbol)
    return symbol[0], sub[1] if sub else "", sup[1] if sup else ""


def tokens(text: str) -> list[str]:
    found = re.findall(
        rf"e\^|\\frac|\\log|\\left|\\right|\\cdot|\\,|{SYMBOL}|\d+|[-+(){{}}^/]|\S", text
    )
    return [t for t in found if t not in ("\\left", "\\right", "\\,")]


class Reader:
    """Reads tokens; `known` gives the value of a symbol."""

    def __init__(self, found: list[str], known: Callable[[str], mpf]) -> None:
        self.tokens, self.known, self.at = found, known, 0

    def sees(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        found = self.sees()
        if not found or (wanted and found != wanted):
            raise Unread(wanted)
        self.at += 1
        return found

    def total(self) -> mpf:
        found = -self.product() if self.sees() == "-" and self.take() else self.product()
        while self.sees() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            found += sign * self.product()
        return found

    def product(self) -> mpf:
        found = self.power()
        while True:
            t = self.sees()
            if t == "\\cdot":
                self.take()
                found *= -self.power() if self.sees() == "-" and self.take() else self.power()
            elif t == "/":
                self.take()
                found /= self.power()
            elif t and t not in ")}+-^":
                found *= self.power()
            else:
                return found

    def power(self) -> mpf:
        base = self.factor()
        if self.sees() == "^":
            self.take()
            return base ** self.braced()
        return base

    def braced(self) -> mpf:
        if self.sees() != "{":
            return mpf(int(self.take()))
        self.take("{")
        found = self.total()
        self.take("}")
        return found

    def factor(self) -> mpf:
        t = self.take()
        if re.fullmatch(SYMBOL, t) and t != "e":
            return self.known(t)
        if t.isdigit():
            return mpf(int(t))
        if t == "(":
            found = self.total()
            self.take(")")
            return found
        if t == "{":
            self.at -= 1
            return self.braced()
        if t == "\\frac":
            top = self.braced()
            return top / self.braced()
        if t == "e^":
            return exp(self.braced())
        if t == "\\log":
            inside = self.power()
            if inside <= 0:
                raise ValueError
            return log(inside)
        raise Unread(t)
