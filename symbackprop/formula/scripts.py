"""Scripts: from the tokens after `_` and `^` to the fields of a Sym, or to a power or transpose."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbackprop.formula import alphabet as abc
from symbackprop.formula.hints import EVERY, Hints
from symbackprop.formula.lexer import Token

TRANSPOSERS = frozenset({"T", "top", "intercal", "mathsf T"})
MARKS = frozenset({"*", "+", "-", "ast", "star", "dagger"})
COMMAND_TOKENS = {
    "times", "cdot", "ldots", "cdots", "leq", "geq", "neq", "le", "ge", "ne", "top", "intercal",
    "prime", "to", "rightarrow", "circ", "backslash", "setminus", "in", "nabla",
    "forall", "lbrace", "rbrace", "odot", "partial", "perp", "pm", "langle", "rangle", "Vert",
}  # fmt: skip
"""Commands that may stand inside a script; as a script token they keep a backslash."""

PLAIN_COMMANDS = {"times", "cdot", "ldots", "cdots", "top", "intercal", "prime"}

ENTRY = "\u2063"
"""In a subscript between a name and the indices of an entry: `(W_1)_{dh}` is `W_{1 ENTRY dh}`."""

NAME_SCRIPTS = frozenset(
    ["out", "hid", "hidden", "enc", "dec", "true", "pred", "old", "new", "train", "test", "input",
     "output", "total", "reg", "data", "max", "min", "vis", "err", "net", "full", "lin", "obs"]
)  # fmt: skip
"""Words that, set letter by letter, are part of a name and no product of letters."""

_WORDLIKE = re.compile(r"[A-Za-z]{2,}|[^\x00-\x7f]+")


def script_tokens(tokens: Sequence[Token]) -> tuple[str, ...] | None:
    """The tokens as script strings: letters and digits one at a time, words whole.

    None where something stands there that no script holds (a fraction, an environment).
    """
    found: list[str] = []
    for i, token in enumerate(tokens):
        kind, text = token.kind, token.text
        if kind == "letter":
            found.append(text)
        elif kind in ("number", "run"):
            found.extend(text)
        elif kind == "word":
            found.append(text)
        elif kind == "text":
            found.append(text.strip())
        elif kind == "char":
            if text in "{}" and _single(tokens, i):
                continue
            found.append(text)
        elif kind == "cmd" and text in abc.ACCENTS:
            found.append("\\" + text)
        elif kind == "cmd" and text == "d":
            found.append("d")
        elif kind == "cmd" and text in COMMAND_TOKENS:
            found.append(text if text in PLAIN_COMMANDS else "\\" + text)
        else:
            return None
    return tuple(found)


def _single(tokens: Sequence[Token], i: int) -> bool:
    """Whether the brace at i encloses one token only (then it means nothing)."""
    if tokens[i].text == "{":
        return i + 2 < len(tokens) and tokens[i + 2].kind == "char" and tokens[i + 2].text == "}"
    return i >= 2 and tokens[i - 2].kind == "char" and tokens[i - 2].text == "{"


def is_letter(token: str) -> bool:
    return token in abc.LETTER_COMMANDS or (len(token) == 1 and token.isalpha())


def is_index_superscript(base: str, tokens: tuple[str, ...], hints: Hints) -> bool:
    """Whether a superscript names an index (layer, sample, mark) and is no exponent.

    A bracketed one is an index unless it calculates with letters that are none: `a^{(l+1)}`, but
    `p^{(1-y)}` is a power. A bare one is an index if it has letters, and index letters only.
    """
    if base in hints.powers or EVERY in hints.powers:
        return False
    if base in hints.index_superscripts or EVERY in hints.index_superscripts:
        return True
    if base == "ℝ":
        return True
    if not tokens:
        return False
    if "".join(tokens) in NAME_SCRIPTS:
        return True
    letters = [t for t in tokens if is_letter(t)]
    known = all(t in hints.index_letters for t in letters)
    bracketed = tokens[0] in "([" and tokens[-1] in ")]"
    if bracketed and tokens.count(tokens[0]) == 1:
        calculates = any(t in "+-/" for t in tokens)
        return known or not calculates
    if len(tokens) == 1 and (tokens[0] in MARKS or _WORDLIKE.fullmatch(tokens[0])):
        return tokens[0] not in abc.GREEK or tokens[0] in hints.index_letters
    if not all(t.isdigit() or is_letter(t) or t in "+-_{},()[]" for t in tokens):
        return False
    return bool(letters) and known


def split_transposer(tokens: tuple[str, ...], hints: Hints) -> tuple[tuple[str, ...], bool]:
    """`(l)T` is `(l)` and a transpose; `T` alone too."""
    if not tokens or not hints.transpose or tokens[-1] not in TRANSPOSERS:
        return tokens, False
    if len(tokens) == 1 or tokens[-1] != "T" or tokens[-2] in (")", "]"):
        rest = tokens[:-1]
        return (rest[:-1] if rest and rest[-1] == "," else rest), True
    return tokens, False
