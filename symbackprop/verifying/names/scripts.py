"""Scripts of written symbols: what may be an index, and what is part of a name.

A script is a sequence of tokens as the reader cuts them, `("(", "l", "+", "1", ")")`. It is split
into items; an item that is a number, a letter or letter ± number can be an index.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.formula.tree import Add, Formula, Idx, Mul, Neg, Num

GREEK_INDEX = frozenset({"tau", "ell", "alpha", "beta", "mu", "nu"})
WORDS = frozenset(
    [
        "in",
        "out",
        "hid",
        "hidden",
        "total",
        "net",
        "err",
        "max",
        "min",
        "ave",
        "avg",
        "new",
        "old",
        "true",
        "pred",
        "reg",
        "data",
        "loss",
        "train",
        "test",
        "input",
        "output",
        "prev",
        "next",
        "label",
        "batch",
        "bias",
        "mean",
        "var",
        "dec",
        "enc",
        "att",
        "lin",
        "KL",
        "CE",
        "BCE",
        "MSE",
        "NLL",
    ]
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a script: `text` as written; `index` the index it would be, None if it cannot."""

    text: str
    index: Formula | None
    letters: tuple[str, ...] = ()
    bracket: str = ""

    @property
    def is_number(self) -> bool:
        return isinstance(self.index, Num)


def items_of(tokens: tuple[str, ...]) -> list[Item]:
    """The items of a script, split at commas and at brackets: `[2](i)` has two items."""
    found: list[Item] = []
    part: list[str] = []
    depth, opener = 0, ""
    tokens = with_primes(tokens)

    def close(bracket: str = "") -> None:
        if part:
            found.append(make_item(tuple(part), bracket))
            part.clear()

    for token in tokens:
        if token in ("(", "[") and depth == 0 and not part:
            depth, opener = 1, token
        elif token in ("(", "["):
            depth += 1
            part.append(token)
        elif token in (")", "]") and depth == 1 and opener:
            depth, bracket = 0, opener
            opener = ""
            close(bracket)
        elif token in (")", "]"):
            depth = max(0, depth - 1)
            part.append(token)
        elif token in (",", ";") and (depth == 0 or (depth == 1 and opener)):
            close(opener)
        elif not token.isspace():
            part.append(token)
    close()
    return found


def make_item(tokens: tuple[str, ...], bracket: str = "") -> Item:
    """One item from its tokens."""
    text = "".join(tokens)
    index, letters = _affine(tokens)
    return Item(text, index, letters, bracket)


def _affine(tokens: tuple[str, ...]) -> tuple[Formula | None, tuple[str, ...]]:
    """letter, number, letter + number, letter - number, and a letter with a subscript (n_l)."""
    if not tokens:
        return None, ()
    joined = "".join(tokens)
    if any(sign in tokens[1:] for sign in ("+", "-", "−")):
        return _sum(tokens)
    atom, names = _atom(tokens)
    if atom is None and joined.isdigit():
        return Num(str(int(joined))), ()
    return atom, names


def _sum(tokens: tuple[str, ...]) -> tuple[Formula | None, tuple[str, ...]]:
    """`t + k - 1`, `2 t + k`: letters and numbers, added and subtracted; numbers times letters."""
    terms: list[Formula] = []
    letters: tuple[str, ...] = ()
    sign, part = "+", list[str]()
    for token in (*tokens, "+"):
        if token not in ("+", "-", "−") or not (part or terms):
            part.append(token)
            continue
        term, names = _multiple(tuple(part))
        if term is None:
            return None, ()
        terms.append(term if sign == "+" else Neg(term))
        letters += names
        sign, part = token, []
    return Add(tuple(terms)), letters


def _multiple(tokens: tuple[str, ...]) -> tuple[Formula | None, tuple[str, ...]]:
    digits = len(tokens) - 1
    if len(tokens) > 1 and all(x.isdigit() for x in tokens[:-1]) and is_letter(tokens[digits]):
        times, _ = _atom(tokens[:-1])
        return (None if times is None else Mul((times, Idx(tokens[digits])))), (tokens[digits],)
    return _atom(tokens)


def _atom(tokens: tuple[str, ...]) -> tuple[Formula | None, tuple[str, ...]]:
    joined = "".join(tokens)
    if joined.isdigit() and joined.isascii() and len(joined) < 7:
        return Num(str(int(joined))), ()
    if len(tokens) == 1 and is_letter(tokens[0]):
        return Idx(tokens[0]), (tokens[0],)
    if len(tokens) >= 3 and tokens[1] == "_" and is_letter(tokens[0]):
        # n_l, the number of layers of a stranger's network: one name
        name = f"{tokens[0]}_{''.join(tokens[2:]).strip('{}')}"
        return Idx(name), (name,)
    return None, ()


def is_letter(token: str) -> bool:
    """One Latin letter, or a Greek one that people use as an index."""
    plain = token[:1] if len(token) == 2 and token[1] == "'" else token
    return (len(plain) == 1 and plain.isalpha()) or token in GREEK_INDEX


def with_primes(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """`c'` is one letter, another one than `c`."""
    found: list[str] = []
    for token in tokens:
        if token in ("'", "prime") and found and len(found[-1]) == 1 and found[-1].isalpha():
            found[-1] += "'"
        else:
            found.append(token)
    return tuple(found)


def singles(tokens: tuple[str, ...]) -> list[Item] | None:
    """Every token of a comma-free subscript as its own index: 'jk' -> j, k; '1j' -> 1, j.

    An affine tail stays together where it is alone ('t-1'). None where a token cannot be an index.
    """
    tokens = with_primes(tokens)
    if any(sign in tokens for sign in ("+", "-", "−")):
        return _affine_run(tokens)
    found = []
    for token in tokens:
        if token.isdigit():
            found += [Item(d, Num(d)) for d in token]
        elif is_letter(token):
            found.append(Item(token, Idx(token), (token,)))
        else:
            return None
    return found


def _affine_run(tokens: tuple[str, ...]) -> list[Item] | None:
    index, letters = _affine(tokens)
    return [Item("".join(tokens), index, letters)] if index is not None else None
