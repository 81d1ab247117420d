"""Which letters are Kronecker deltas: an error may be written with the same letter."""

from __future__ import annotations

import re

from symbackprop.verifying.names.scripts import WORDS


def kronecker_letters(text: str, prose: str) -> frozenset[str]:
    """The letters that are Kronecker deltas where they have two indices; `prose` in small letters."""
    deltas = [
        pair
        for pair in re.findall(r"\\delta_\{?\s*([a-zA-Z])\s*,?\s*([a-zA-Z])\s*\}", text)
        if "".join(pair) not in WORDS
    ]
    if re.search(
        r"\\delta_\{[^{}]*\}\s*\^|\\delta[^=&\n]{0,25}&?\s*=\s*&?\s*\\d?frac\{\\partial", text
    ):
        deltas = []
    found = set()
    if deltas and (
        "kronecker" in prose
        or _two_deltas(text)
        or not re.search(r"\\delta(?:_[a-zA-Z](?![a-zA-Z])|\^|_\{[a-zA-Z0-9]\})", text)
    ):
        found.add("delta")
    if _delta_of_jacobian(text):
        found.add("delta")
    if re.search(r"mathbb\{1\}_\{", text):
        found.add("1")
    return frozenset(found)


_DELTA = re.compile(r"\\delta\s*(?P<scripts>[_^](?:\{[^{}]*\}|[A-Za-z0-9]))?(?P<more>[_^]|')?")


def _two_deltas(text: str) -> bool:
    r"""Whether `\delta_{jk}` cannot be an error: errors have one index, and nothing says what it is."""
    single = False
    for m in _DELTA.finditer(text):
        inside = re.sub(r"[\s{},]", "", (m["scripts"] or "")[1:])
        if m["more"] or (m["scripts"] or "_")[0] == "^" or not inside.isalnum():
            return False
        if len(inside) == 1:
            single = True
            continue
        told = re.match(r"\s*&?\s*(?:=|:=|\\equiv|\\gets|\\leftarrow)", text[m.end() :])
        if told or len(inside) != 2 or not inside.isalpha() or inside[0] == inside[1]:
            return False
    return single


_PAIR = re.compile(
    r"\\delta_\{\s*([a-z])\s*,?\s*([a-z])\s*\}(?P<after>\s*&?\s*(?:\^|:?=|\\equiv))?"
)
_OF_ENTRIES = re.compile(
    r"\\partial\s*(?P<of>[^{}/=]{0,20}_(?:[a-z]|\{[^{}]*\}))\s*(?:\}\s*\{|/)"
    r"\s*\\partial\s*(?P<by>[^{}/=]{0,20}_(?:[a-z]|\{[^{}]*\}))"
)
"""The derivative of one entry by another."""


def _delta_of_jacobian(text: str) -> bool:
    r"""Whether `\partial h_i / \partial a_j = \delta_{ij} …` shows what `\delta_{ij}` is.

    An error `\delta` may stand beside it; it has not two letters there, and none on a left side.
    """
    pairs = list(_PAIR.finditer(text))
    if not pairs or any(m["after"] for m in pairs):
        return False
    jacobians = list(_OF_ENTRIES.finditer(text))
    return any(
        j.end() <= m.start() <= j.end() + 200
        and _is_below(m[1], j["of"]) != _is_below(m[2], j["of"])
        and _is_below(m[1], j["by"]) != _is_below(m[2], j["by"])
        and _is_below(m[1], j["of"]) != _is_below(m[1], j["by"])
        for m in pairs
        for j in jacobians
    )


def _is_below(letter: str, written: str) -> bool:
    return letter in written.rpartition("_")[2]
