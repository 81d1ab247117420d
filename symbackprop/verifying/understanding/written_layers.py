r"""Layers written out with numbers: `δ^{(l)} = ∂J/∂z^{(l)}` beside `z^{(1)} = …` and `z^{(2)} = …`.

Where no equation says what any layer computes, the letter l runs over the layers that are written out:
a statement with l is one statement for each of them, and L is the last. `a^{(0)}` is what stands in the
first layer's equation where the second has `a^{(1)}`. What speaks of a layer that is not there (the
`W^{(l+1)}` of the last one) says nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Neg,
    Num,
    Opaque,
    Prod,
    Sum,
    Sym,
)
from symbackprop.verifying.understanding.statement import Statement

LETTERS = ("l", "ell")
LAST = "L"
MOST = 12
"""So many layers are written out at most."""

EQUALS = ("=", ":=", "equiv")
NOWHERE = "it speaks of a layer that the document does not write out"

Place = tuple[str, str, str]
"""A base with its accent, and where its layer stands ('sup' or 'sub')."""

Layer = tuple[str, int]
"""A letter ('' for a number) and what is added to it."""


def write_out_layers(statements: list[Statement]) -> None:
    """Replaces each statement about any layer by one for every layer that the document writes out."""
    chains = [s.chain for s in statements if s.chain.relations]
    if not any(_lettered(c) for c in chains):
        return
    errors = {_place(c.members[0]) for c in chains if _is_error(c)}  # type: ignore[arg-type]
    forward = [c for c in chains if _is_forward(c) and _place(c.members[0]) not in errors]  # type: ignore[arg-type]
    numbered = [c for c in forward if _layer(c.members[0])[0] == ""]  # type: ignore[index]
    general = [_place(c.members[0]) for c in forward if c not in numbered]  # type: ignore[arg-type]
    if {_place(c.members[0]) for c in numbered} & set(general) or _is_index(chains):  # type: ignore[arg-type]
        return
    numbers = sorted({_layer(c.members[0])[1] for c in numbered})  # type: ignore[index]
    if not 2 <= len(numbers) <= MOST or numbers != list(range(numbers[0], numbers[-1] + 1)):
        return
    network = _Network(numbered, numbers, general)
    found: list[Statement] = []
    for s in statements:
        if not s.chain.relations or not (_lettered(s.chain) or _sums(s.chain)):
            found.append(s)
            continue
        copies = [replace(s, chain=c, defines=[]) for c in network.instances(s.chain, s.under)]
        if not copies:
            lost = Opaque(s.piece.latex.strip()[:60], NOWHERE, span=s.chain.span)
            copies = [replace(s, chain=Chain((lost, lost), ("=",), span=s.chain.span))]
        for one in copies:
            one.family = len(found) + 1 if one is copies[0] else copies[0].family
            one.under = tuple(c for c in s.under if not _lettered_condition(c))
            found.append(one)
    statements[:] = found


class _Network:
    """The layers there are, and which quantities each has."""

    def __init__(self, forward: list[Chain], numbers: list[int], general: list[Place]) -> None:
        self.numbers = numbers
        self.last = numbers[-1]
        self.has: dict[Place, set[int]] = {}
        for c in forward:
            for s in _symbols(c):
                found = _layer(s)
                if found is not None:
                    self.has.setdefault(_place(s), set()).add(found[1])
        for place in general:  # `a^{(l)} = σ(z^{(l)})`
            self.has.setdefault(place, set()).update(numbers)
        self.inputs = self._inputs(forward)

    def _inputs(self, forward: list[Chain]) -> dict[Place, Sym]:
        """What stands in the first layer for the layer below it: `x` for `a^{(0)}`."""
        by_head = {c.members[0]: c for c in forward}
        found: dict[Place, Sym] = {}
        for head, first in by_head.items():
            if not isinstance(head, Sym) or _layer(head) != ("", self.numbers[0]):
                continue
            second = by_head.get(_moved(head, self.numbers[1]))
            if second is None:
                continue
            below = second.rewrite(
                lambda n: _moved(n, at[1] - 1) if isinstance(n, Sym) and (at := _layer(n)) else None
            )
            assert isinstance(below, Chain)
            free = [s for s in _symbols(first) if _layer(s) is None]
            for s in _symbols(below):
                at = _layer(s)
                if at is None or at[1] != self.numbers[0] - 1 or at[1] in self.has[_place(s)]:
                    continue
                for x in free:
                    swapped = below.rewrite(lambda n, s=s, x=x: x if n == s else None)  # type: ignore[misc]
                    if _subs(x) == _subs(s) and swapped == first:
                        found[_place(s)] = x
        return found

    def instances(self, chain: Chain, under: tuple[Chain, ...]) -> Iterator[Chain]:
        """The chain at every layer that has all its quantities."""
        layers = self.numbers if _lettered(chain, free=True) else self.numbers[-1:]
        below = [self.numbers[0] - 1] if len(layers) > 1 else []  # δ^{(l+1)} = … of the first layer
        for n in (*below, *layers):
            if all(_holds(c, n, self.last) for c in under if _lettered_condition(c)):
                try:
                    yield self._at(chain, n)  # type: ignore[misc]
                except LookupError:
                    continue

    def _at(self, f: Formula, n: int) -> Formula:
        """The formula at layer n. Raises LookupError where something in it does not exist there."""

        def change(node: Formula) -> Formula | None:
            if isinstance(node, Sum) and node.index.name in LETTERS and _over_layers(node):
                low = self._end(node.lower, self.numbers[0])
                high = self._end(node.upper, self.last)
                terms = tuple(self._at(node.body, k) for k in range(low, high + 1))
                if not terms:
                    raise LookupError
                return Add(terms, span=node.span) if len(terms) > 1 else terms[0]
            if not isinstance(node, Sym):
                return None
            at = _layer(node)
            if at is None:
                return None
            letter, shift = at
            if letter:
                number = shift + (self.last if letter == LAST else n)
                return replace(self._existing(node, number), span=node.span)
            return None

        return f.rewrite(change)

    def _existing(self, s: Sym, number: int) -> Sym:
        place = _place(s)
        if place in self.has and number in self.has[place]:
            return _moved(s, number)
        if number == self.numbers[0] - 1 and place in self.inputs:
            x = self.inputs[place]
            return replace(x, sub=s.sub) if place[2] == "sup" else x
        if place in self.has or number not in self.numbers:
            raise LookupError
        return _moved(s, number)

    def _end(self, f: Formula | None, usual: int) -> int:
        if f is None:
            return usual
        found = _number(f, 0, self.last)
        if found is None:
            raise LookupError
        return found


# --- what a symbol's script says ------------------------------------------------------------------


def _layer(s: Formula) -> Layer | None:
    """The layer of `z^{(2)}`, `z^{l-1}`, `z_l`; None where its scripts say none."""
    if not isinstance(s, Sym):
        return None
    tokens = s.sup
    if tokens[:1] in (("(",), ("[",)) and tokens[-1:] in ((")",), ("]",)):
        tokens = tokens[1:-1]
    elif not tokens:
        tokens = s.sub
    if len(tokens) == 1 and tokens[0].isdigit():
        return "", int(tokens[0])
    if not tokens or tokens[0] not in (*LETTERS, LAST):
        return None
    letter = LAST if tokens[0] == LAST else LETTERS[0]
    if len(tokens) == 1:
        return letter, 0
    if len(tokens) == 3 and tokens[1] in "+-" and tokens[2].isdigit():
        return letter, int(tokens[1] + tokens[2])
    return None


def _moved(s: Sym, number: int) -> Sym:
    """The symbol at another layer."""
    if not s.sup:
        return replace(s, sub=(str(number),))
    if s.sup[0] in "([":
        return replace(s, sup=(s.sup[0], str(number), s.sup[-1]))
    return replace(s, sup=(str(number),))


def _place(s: Sym) -> Place:
    return s.base, s.accent, "sup" if s.sup else "sub"


def _subs(s: Sym) -> tuple[str, ...]:
    """The scripts that tell no layer."""
    return s.sub if s.sup or _layer(s) is None else ()


def _symbols(f: Formula) -> list[Sym]:
    return [n for n in f.walk() if isinstance(n, Sym)]


def _lettered(c: Formula, free: bool = False) -> bool:
    """Whether it speaks of a layer by a letter; with `free`, of any layer (no sum binds it)."""
    if free and isinstance(c, Sum) and c.index.name in LETTERS:
        return False
    if isinstance(c, Sym):
        at = _layer(c)
        return at is not None and at[0] in ((*LETTERS,) if free else (*LETTERS, LAST))
    return any(_lettered(x, free) for x in c.children())


def _sums(c: Chain) -> bool:
    return any(isinstance(n, Sum) and n.index.name in LETTERS and _over_layers(n) for n in c.walk())


def _over_layers(s: Sum) -> bool:
    return _lettered(s.body, free=True)


def _is_forward(c: Chain) -> bool:
    """What a layer computes, from this layer and those below: no derivative, nothing from above."""
    at = _layer(c.members[0])
    if at is None or c.relations[0] not in EQUALS:
        return False
    if any(isinstance(n, Deriv | Grad) or (isinstance(n, Call) and n.primes) for n in c.walk()):
        return False
    inside = [
        found for m in c.members[1:] for s in _symbols(m) if (found := _layer(s)) is not None
    ]  # fmt: skip
    return not any(letter == at[0] and shift > at[1] for letter, shift in inside)


def _is_error(c: Chain) -> bool:
    """`G_l = ∂L/∂Z_l`: what `G_3 = P - Y` says of it is no forward equation."""
    at = _layer(c.members[0])
    return (
        at is not None
        and at[0] in LETTERS
        and c.relations[0] in EQUALS
        and any(isinstance(m, Deriv | Grad) for m in c.members[1:])
    )


def _is_index(chains: list[Chain]) -> bool:
    """Whether l counts something else: entries, or the terms of a sum that is over no layers."""
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sym) and _layer(n) is None and set(LETTERS) & {*n.sub, *n.sup}:
                return True
            counts = isinstance(n, Sum) and _over_layers(n)
            if isinstance(n, Sum | Prod) and n.index.name in LETTERS and not counts:
                return True
    return False


# --- conditions and ends of sums ------------------------------------------------------------------


def _lettered_condition(c: Chain) -> bool:
    return any(n.base in LETTERS and not n.sub and not n.sup for n in _symbols(c))


def _holds(c: Chain, n: int, last: int) -> bool:
    """Whether `l < L` holds at layer n; a condition that says something else does not exclude it."""
    values = [_number(m, n, last) for m in c.members]
    known = {
        "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
        ">=": lambda a, b: a >= b, "!=": lambda a, b: a != b, "=": lambda a, b: a == b,
    }  # fmt: skip
    for a, b, relation in zip(values, values[1:], c.relations, strict=False):
        if a is not None and b is not None and relation in known and not known[relation](a, b):
            return False
    return True


def _number(f: Formula, n: int, last: int) -> int | None:
    """`l`, `L - 1` or a number at layer n."""
    match f:
        case Num(text=text) if text.isdigit():
            return int(text)
        case Sym(base=base, sub=(), sup=()) if base in LETTERS:
            return n
        case Sym(base=base, sub=(), sup=()) if base == LAST:
            return last
        case Neg(body=body):
            inner = _number(body, n, last)
            return None if inner is None else -inner
        case Add(terms=terms):
            values = [_number(t, n, last) for t in terms]
            return None if None in values else sum(v for v in values if v is not None)
    return None


__all__ = ["write_out_layers"]
