r"""Layers told apart by index letters alone: inputs i, hidden units j, outputs k.

`net_j = Σ_i w_{ji} x_i`, `y_j = f(net_j)`, `net_k = Σ_j w_{kj} y_j`: one letter for a quantity in every
layer, and the letter says which. What `w_{ji}` joins tells who sends to whom; letters that send to
the same unit (or receive from the same) are one layer. Where this leads in a circle, letters say
nothing and the document is read as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from symbackprop.formula.tree import Call, Chain, Deriv, Formula, Grad, Sum, Sym


@dataclass(frozen=True, slots=True)
class LetterLayers:
    """`bases` whose letter is part of the name, `weights` by the place of the receiving letter.

    layer   for every letter the letter that stands for its layer
    """

    bases: frozenset[str] = frozenset()
    weights: Mapping[str, int] = field(default_factory=dict)
    layer: Mapping[str, str] = field(default_factory=dict)


def letter_layers(chains: Iterable[Chain]) -> LetterLayers:
    """How a document's letters tell its layers; nothing where they need not."""
    chains = [c for c in chains if c.relations]
    told = list(_definitions(chains))
    weights = _weights(told)
    if not weights:
        return LetterLayers()
    symbols = {n for c in chains for n in c.walk() if isinstance(n, Sym)}
    pairs = {
        (s.sub[1 - weights[s.base]], s.sub[weights[s.base]])
        for s in symbols if s.base in weights and _letters(s, 2)
    }  # fmt: skip
    layer = _classes(pairs)
    if layer is None or not _needed(told, layer, weights):
        return LetterLayers()
    seen: dict[str, set[str]] = {}
    for s in symbols:
        if _letters(s, 1) and s.base not in weights:
            seen.setdefault(s.base, set()).add(layer.get(s.sub[0], s.sub[0]))
    bases = frozenset(b for b, at in seen.items() if len(at & set(layer.values())) > 1)
    steps = {f"Delta {b}": at for b, at in weights.items()}
    return LetterLayers(bases, {**weights, **steps}, layer)


def _letters(s: Sym, count: int) -> bool:
    letters = [t for t in s.sub if t != ","]
    return (
        len(letters) == count == len(s.sub)
        and (not s.sup or (count == 2 and _numbered(s.sup)))
        and all(len(t) == 1 and t.isalpha() for t in letters)
    )


def _numbered(sup: tuple[str, ...]) -> bool:
    """`(1)`: the layer of `w_{ji}^{(1)}`, whose units `a_j` and `a_k` only their letters tell apart."""
    return len(sup) > 2 and sup[0] in ("(", "[") and "".join(sup[1:-1]).isdigit()


def _definitions(chains: Iterable[Chain]) -> Iterable[tuple[Sym, Formula]]:
    for c in chains:
        head = c.members[0]
        if not isinstance(head, Sym) or not _letters(head, 1) or c.relations[0] not in ("=", ":="):
            continue
        for m in c.members[1:]:
            backward = any(
                isinstance(n, Deriv | Grad) or (isinstance(n, Call) and n.primes) for n in m.walk()
            )
            if not backward and head.base != "delta":
                yield head, m


def _weights(told: Iterable[tuple[Sym, Formula]]) -> dict[str, int]:
    """Bases with two letters in a weighted sum, one of them that of the left side: its place."""
    found: dict[str, set[int]] = {}
    for head, rhs in told:
        r = head.sub[0]
        for n in rhs.walk():
            if not isinstance(n, Sum):
                continue
            for s in n.body.walk():
                if isinstance(s, Sym) and _letters(s, 2) and set(s.sub) == {r, n.index.name}:
                    found.setdefault(s.base, set()).add(s.sub.index(r))
    return {b: next(iter(at)) for b, at in found.items() if len(at) == 1}


def _classes(pairs: set[tuple[str, str]]) -> dict[str, str] | None:
    """Letters by layer; None where a layer would send to itself."""
    parent = {x: x for p in pairs for x in p}

    def find(x: str) -> str:
        while parent[x] != x:
            x = parent[x]
        return x

    for a, b in pairs:
        for c, d in pairs:
            if b == d:
                parent[find(a)] = find(c)
            if a == c:
                parent[find(b)] = find(d)
    layer = {x: find(x) for x in parent}
    if any(layer[a] == layer[b] for a, b in pairs):
        return None
    return layer


def _needed(
    told: list[tuple[Sym, Formula]], layer: Mapping[str, str], weights: Mapping[str, int]
) -> bool:
    """Whether a name stands for two things: fed back to itself, or defined twice in two ways."""
    reads: dict[str, set[str]] = {}
    made_of: dict[str, dict[str, set[str]]] = {}
    changes = False
    for head, rhs in told:
        own = layer.get(head.sub[0])
        inside = {n for n in rhs.walk() if isinstance(n, Sym) and _letters(n, 1)}
        names = {_name(n) for n in inside if n.base not in weights}
        reads.setdefault(_name(head), set()).update(names)
        changes |= any(layer.get(n.sub[0], own) != own for n in inside)
        if own is not None:
            made_of.setdefault(_name(head), {}).setdefault(own, set()).update(names)
    if any(len(rows) > 1 and len({frozenset(r) for r in rows.values()}) > 1
           for rows in made_of.values()):  # fmt: skip
        return True
    return changes and any(_reaches(reads, base, base) for base in reads)


def _name(s: Sym) -> str:
    r"""`\tilde y` is not made of itself where it is made of y."""
    return f"{s.accent} {s.base}"


def _reaches(reads: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    stack = list(reads.get(start, ()))
    while stack:
        one = stack.pop()
        if one == goal:
            return True
        if one not in seen:
            seen.add(one)
            stack.extend(reads.get(one, ()))
    return False
