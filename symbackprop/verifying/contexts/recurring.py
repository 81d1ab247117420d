"""What the builder needs of the names in use: arities, axes of layers and of time, facts."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import Array, Formula, Ref
from symbackprop.system.model import Fact
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.systems.definition import Definition


def last_layer(session: Session, default: str, names: Iterable[str]) -> str:
    for n in names:
        if n in session.u.resolver.sizes:
            return n
    return default


def first_layer(
    session: Session, forward: list[Definition], used: list[Formula], by_layer: frozenset[str]
) -> int:
    numbers = [
        affine_of(n.indices[0])[1]
        for f in [d.rhs for d in forward] + used
        for n in f.walk()
        if isinstance(n, Ref | Array) and n.name in by_layer and n.indices
        and affine_of(n.indices[0])[0] is None
    ]  # fmt: skip
    return min([1, *numbers])


def arities(session: Session, used: list[Formula], forward: list[Definition]) -> dict[str, int]:
    symbols = session.u.resolver.symbols
    arity: dict[str, int] = {}
    for f in [*used, *(d.rhs for d in forward)]:
        for n in f.walk():
            if isinstance(n, Ref):
                name = n.name.removeprefix("d.")
                arity[name] = max(arity.get(name, 0), len(n.indices))
            elif isinstance(n, Array):
                name = n.name.removeprefix("d.")
                rank = session.u.resolver.ranks.get(name, 0)
                arity[name] = max(arity.get(name, 0), len(n.indices) + rank)
    for s in symbols.symbols:
        w = symbols.resolve(s)
        if w.missing:
            arity[w.name] = max(arity.get(w.name, 0), len(w.indices) + w.missing)
    for d in forward:
        arity[d.target] = max(arity.get(d.target, 0), len(d.indices))
    return arity


def recurring(
    session: Session, forward: list[Definition], used: list[Formula]
) -> tuple[frozenset[str], frozenset[str]]:
    """Names whose first axis is a layer (superscripts) or a time (subscripts)."""
    symbols = session.u.resolver.symbols
    by_layer: set[str] = set()
    for s in symbols.symbols:
        group = symbols.groups[(s.base, s.accent, s.primes)]
        w = symbols.resolve(s)
        if (
            w.indices
            and s.sup
            and w.name.endswith("_up")
            and group.sup_letters & {"l", "L", "n_l", "ell", "n_L"}
        ):
            by_layer.add(w.name)
    by_time: set[str] = set()
    letters: set[str] = set()
    for d in forward:
        first = affine_of(d.indices[0])[0] if d.indices else None
        if first is None or d.target in by_layer:
            continue
        for n in d.rhs.walk():
            if isinstance(n, Ref | Array) and n.indices:
                letter, shift = affine_of(n.indices[0])
                if letter == first and shift == -1:
                    letters.add(letter)
    for d in forward:
        for n in (Ref(d.target, d.indices), *d.rhs.walk()):
            if (
                isinstance(n, Ref | Array) and n.indices and affine_of(n.indices[0])[0] in letters
            ) and n.name not in by_layer:
                by_time.add(n.name)
    return frozenset(by_layer), frozenset(by_time)


def facts_of(session: Session, arity: dict[str, int]) -> dict[str, frozenset[Fact]]:
    from symbackprop.verifying.systems.builder import LETTERS

    found: dict[str, frozenset[Fact]] = {}
    for name, facts in session.u.facts.items():
        found[name] = frozenset(
            Fact(f.kind, LETTERS[int(f.over[1:])]) if f.over.startswith("#") else f for f in facts
        )
    del arity
    return found
