"""Which bracket closes which, found in one pass before any parsing.

A bracket without partner stays unmatched and does not count for depth; the parser refuses it where
it meets it. Environments that only stack rows (`aligned`) are no brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from symbackprop.formula import alphabet as abc
from symbackprop.formula.lexer import Token

OPENING = {
    "(": "round", "[": "round", "{": "brace", "lbrace": "set", "ldot": "round",
    "lVert": "norm", "lvert": "bars", "langle": "angle", "lfloor": "floor", "lceil": "ceil",
}  # fmt: skip
CLOSING = {
    ")": "round", "]": "round", "}": "brace", "rbrace": "set", "rdot": "any",
    "rVert": "norm", "rvert": "bars", "rangle": "angle", "rfloor": "floor", "rceil": "ceil",
}  # fmt: skip

MOST_KEPT = 2000
"""The brackets of more tokens are matched anew each time."""

_TEXTS = frozenset(OPENING) | frozenset(CLOSING)


class Brackets:
    """partner[i]: index of the matching bracket or -1. depth[i]: matched brackets around token i.

    commas: opening brackets with a comma or semicolon directly inside.
    """

    __slots__ = ("commas", "depth", "partner")

    @staticmethod
    def of(tokens: Sequence[Token]) -> Brackets:
        """The brackets of these tokens: they are asked for at each stage of reading a display."""
        return _known(tuple(tokens)) if len(tokens) <= MOST_KEPT else Brackets(tokens)

    def __init__(self, tokens: Sequence[Token]) -> None:
        count = len(tokens)
        self.partner = [-1] * count
        self.commas: set[int] = set()
        self._match(tokens)
        self.depth = [0] * count
        level = 0
        openers: list[int] = []
        for i, token in enumerate(tokens):
            partner = self.partner[i]
            if 0 <= partner < i:
                level -= 1
                openers.pop()
            self.depth[i] = level
            if partner > i:
                level += 1
                openers.append(i)
            elif openers and token.kind == "char" and token.text in ",;":
                self.commas.add(openers[-1])

    def _match(self, tokens: Sequence[Token]) -> None:
        stack: list[tuple[int, str]] = []
        open_of: dict[str, int] = {}
        for i, token in enumerate(tokens):
            if token[1] not in _TEXTS and token[0] not in ("begin", "end"):
                continue
            opens, closes = bracket_kind(token)
            if opens:
                stack.append((i, opens))
                open_of[opens] = open_of.get(opens, 0) + 1
            elif closes:
                strict = closes == "brace" or closes.startswith("env")
                if strict and open_of.get(closes, 0):
                    while stack[-1][1] != closes:
                        open_of[stack.pop()[1]] -= 1
                if stack and (
                    stack[-1][1] == closes
                    or (
                        (closes == "any" and stack[-1][1] != "brace")
                        and not stack[-1][1].startswith("env")
                    )
                ):
                    j, kind = stack.pop()
                    open_of[kind] -= 1
                    self.partner[i], self.partner[j] = j, i


@lru_cache(maxsize=512)
def _known(tokens: tuple[Token, ...]) -> Brackets:
    return Brackets(tokens)


def bracket_kind(token: Token) -> tuple[str, str]:
    """('kind', '') for an opening, ('', 'kind') for a closing bracket, else two empty strings."""
    kind, text = token.kind, token.text
    if kind in ("char", "cmd"):
        return OPENING.get(text, ""), CLOSING.get(text, "")
    if kind == "begin" and text not in abc.ROW_ENVIRONMENTS:
        return "env " + text, ""
    if kind == "end" and text not in abc.ROW_ENVIRONMENTS:
        return "", "env " + text
    return "", ""
