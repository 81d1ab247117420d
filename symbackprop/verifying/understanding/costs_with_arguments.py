"""Costs with arguments: `J(W, b)` of the whole training set, `J(W, b; x, y)` of one example.

Where a document writes both, they are two quantities; a third way (`J(W)`) is a shorthand of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.formula.tree import Call, Chain, Formula, Sym

LETTERS = ("J", "L", "C", "E")
_DATA = re.compile(r"(?<![A-Za-z\\])[xy](?![A-Za-z])|\\mathbf\s*\{?[xy]")

DATA = frozenset({"x", "y", "t", "X", "Y"})


def told_apart(text: str) -> frozenset[str]:
    """Cost letters that the text writes both with and without data among their arguments."""
    found = set()
    for letter in LETTERS:
        lists = re.findall(rf"(?<![A-Za-z\\]){letter}\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text)
        data = [bool(_DATA.search(a)) for a in lists if a.strip()]
        if any(data) and not all(data):
            found.add(letter)
    return frozenset(found)


def of_one_parameter(text: str) -> frozenset[str]:
    """Cost letters that have one parameter wherever they have data: `J(W; x, y)`, never `J(W, b; x, y)`."""
    counts: dict[str, set[int]] = {}
    for letter in LETTERS:
        for given in re.findall(
            rf"(?<![A-Za-z\\]){letter}\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", text
        ):
            parts = given.partition(";")[0].split(",") if ";" in given else given.split(",")
            if _DATA.search(given):
                parameters = [p for p in parts if p.strip() and not _DATA.search(p)]
                counts.setdefault(letter, set()).add(len(parameters))
    return frozenset(letter for letter, found in counts.items() if found == {1})


_OBJECTIVE = re.compile(r"\\nabla(?:\^\{?2\}?)?\s*f(?![A-Za-z'_^])")
"""An objective f: else the letter is that of an activation."""

_HEAD = re.compile(
    r"(?<![A-Za-z\\{])(?:(?P<letter>[JLCEF]|f(?=\s*\())|\\(?P<ell>ell)|\\mathcal\s*\{?\s*(?P<cal>[A-Z])\s*\}?)\s*"
    r"(?:\\left\s*)?\(\s*\\?(?P<by>[a-zA-Z]+)\s*(?:\\right\s*)?\)\s*&?\s*:?="
)


def arguments_of(text: str) -> dict[str, str]:
    r"""Cost letters with the one argument that they are defined with: `J(w) = …`, and with no other."""
    found: dict[str, set[str]] = {}
    for m in _HEAD.finditer(text):
        if m["letter"] == "f" and not _OBJECTIVE.search(text):
            continue
        base = m["letter"] or m["ell"] or f"mathcal {m['cal']}"
        if not re.search(r"(?:nabla|partial)[^=\\]{0,12}$|(?<![A-Za-z])d$", text[: m.start()]):
            found.setdefault(base, set()).add(m["by"])
    return {base: next(iter(by)) for base, by in found.items() if len(by) == 1}


def with_names(chain: Chain, letters: Iterable[str], single: frozenset[str] = frozenset()) -> Chain:
    """The calls of these letters as symbols: J (one example), J_{all}, J^{(i)}, J_{short}.

    single: letters of costs with one parameter, so that `J(W)` is no shorthand.
    """
    wanted = frozenset(letters)
    if not wanted:
        return chain

    def change(f: Formula) -> Formula | None:
        if not isinstance(f, Call) or f.name not in wanted or f.primes:
            return None
        symbols = [a for a in f.args if isinstance(a, Sym)]
        data = [a for a in symbols if a.base in DATA]
        if not data:
            bases = {a.base for a in symbols}
            whole = len(bases) > 1 or f.name in single
            return Sym(f.name, ("all",) if whole else ("short",), span=f.span)
        if data[0].sup:
            return Sym(f.name, (), data[0].sup, span=f.span)
        return Sym(f.name, span=f.span)

    return chain.rewrite_members(change)
