"""Index expressions: sums of letters and whole numbers, and how they stand in a script.

    l + 1   <->   ("l", "+", "1")          n_l - 1   <->   ("n", "_", "l", "-", "1")

The normal form puts letters first, then the number; what is not of this kind is no index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from symbackprop.formula.alphabet import GREEK
from symbackprop.formula.tree import Add, Formula, Idx, Mul, Neg, Num, Sym

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """sum of coefficient * letter, plus a number; letters in the order of appearance."""

    letters: tuple[tuple[str, int], ...]
    number: int = 0

    def plus(self, number: int) -> Affine:
        return Affine(self.letters, self.number + number)

    def total(self, of: Callable[[str], bool]) -> int:
        """The sum of the coefficients of the letters that satisfy `of`."""
        return sum(c for name, c in self.letters if of(name))

    def renamed(self, names: Callable[[str], str]) -> Affine:
        return Affine(tuple((names(n), c) for n, c in self.letters), self.number)

    def formula(self) -> Formula:
        """The normal form: letters (those with plus first), then the number."""
        terms: list[Formula] = []
        for name, c in sorted(self.letters, key=lambda pair: pair[1] < 0):
            body: Formula = Idx(name)
            if abs(c) != 1:
                body = Mul((Num(str(abs(c))), body))
            terms.append(Neg(body) if c < 0 else body)
        if self.number or not terms:
            number = Num(str(abs(self.number)))
            terms.append(Neg(number) if self.number < 0 else number)
        return terms[0] if len(terms) == 1 else Add(tuple(terms))


def affine(formula: Formula, name: Callable[[Formula], str | None] | None = None) -> Affine | None:
    """The formula as a sum of letters and whole numbers; None if it is none.

    `name` says which leaves are letters (default: the `Idx` leaves).
    """
    letters: dict[str, int] = {}
    number = 0
    stack: list[tuple[Formula, int]] = [(formula, 1)]
    while stack:
        node, sign = stack.pop()
        letter = name(node) if name else node.name if isinstance(node, Idx) else None
        if letter is not None:
            letters[letter] = letters.get(letter, 0) + sign
        elif isinstance(node, Num):
            if not node.text.isdigit():
                return None
            number += sign * int(node.text)
        elif isinstance(node, Neg):
            stack.append((node.body, -sign))
        elif isinstance(node, Add):
            stack.extend((t, sign) for t in reversed(node.terms))
        elif isinstance(node, Mul):
            numbers = [f for f in node.factors if isinstance(f, Num) and f.text.isdigit()]
            others = [f for f in node.factors if f not in numbers]
            if len(others) > 1:
                return None
            for f in numbers:
                sign *= int(f.text)
            if others:
                stack.append((others[0], sign))
            else:
                number += sign
        else:
            return None
    return Affine(tuple((n, c) for n, c in letters.items() if c), number)


def letter_tokens(name: str) -> Tokens:
    """How a letter stands in a script: 'k', 'theta', 'n_l' as n with subscript l, 'n0' likewise."""
    if len(name) == 1 or name in GREEK:
        return (name,)
    head, mark, tail = name.partition("_")
    if mark and head and tail:
        return (*letter_tokens(head), "_", *_group(tail))
    stem = name.rstrip("0123456789")
    if stem and stem != name:
        return (*letter_tokens(stem), "_", *_group(name[len(stem) :]))
    return (name,)


def _group(text: str) -> Tokens:
    inside = tuple(text) if text.isdigit() else letter_tokens(text)
    return inside if len(inside) == 1 else ("{", *inside, "}")


def letter_symbol(name: str) -> Sym:
    """How the same letter stands on the line."""
    tokens = letter_tokens(name)
    if len(tokens) == 1:
        return Sym(tokens[0])
    sub = tokens[2:]
    return Sym(tokens[0], sub=sub[1:-1] if sub[0] == "{" else sub)


def symbol_letter(sym: Sym) -> str | None:
    """The letter that a written symbol may be: inverse of `letter_symbol`."""
    if sym.sup or sym.primes or sym.accent:
        return None
    if not sym.sub:
        return sym.base
    tail = "".join(sym.sub)
    if not tail.isalnum():
        return None
    name = sym.base + tail if tail.isdigit() else f"{sym.base}_{tail}"
    return name if letter_symbol(name) == sym else None


def index_tokens(index: Affine) -> Tokens:
    """The tokens of an index expression."""
    found: list[str] = []
    for name, c in sorted(index.letters, key=lambda pair: pair[1] < 0):
        if c < 0 or found:
            found.append("-" if c < 0 else "+")
        if abs(c) != 1:
            found.extend(str(abs(c)))
        found.extend(letter_tokens(name))
    if index.number or not found:
        if found or index.number < 0:
            found.append("-" if index.number < 0 else "+")
        found.extend(str(abs(index.number)))
    return tuple(found)


def read_index(tokens: Iterable[str]) -> Affine | None:
    """The index expression that the tokens say; None if they say none."""
    ts = tuple(tokens)
    letters: dict[str, int] = {}
    number = 0
    at = 0
    while at < len(ts):
        sign = 1
        if ts[at] in "+-":
            sign = -1 if ts[at] == "-" else 1
            at += 1
        elif at > 0:
            return None
        start = at
        while at < len(ts) and ts[at].isdigit():
            at += 1
        digits = "".join(ts[start:at])
        if at < len(ts) and ts[at] not in "+-":
            name, at = _letter_at(ts, at)
            if name is None:
                return None
            letters[name] = letters.get(name, 0) + sign * int(digits or "1")
        elif digits:
            number += sign * int(digits)
        else:
            return None
    return Affine(tuple((n, c) for n, c in letters.items() if c), number) if ts else None


def _letter_at(ts: Tokens, at: int) -> tuple[str | None, int]:
    head = ts[at]
    if not head[0].isalpha():
        return None, at
    at += 1
    if at >= len(ts) or ts[at] != "_":
        return head, at
    at += 1
    if at >= len(ts):
        return None, at
    if ts[at] != "{":
        return _joined(head, ts[at]), at + 1
    if "}" not in ts[at:]:
        return None, at
    end = ts.index("}", at)
    return _joined(head, "".join(ts[at + 1 : end])), end + 1


def _joined(head: str, tail: str) -> str | None:
    if not tail.isalnum():
        return None
    return head + tail if tail.isdigit() else f"{head}_{tail}"


def single(tokens: Tokens) -> bool:
    """Whether an index is one token, so that it may stand beside another without a comma."""
    return len(tokens) == 1


def inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {written: meant for meant, written in names.items()}
