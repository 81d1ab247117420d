"""Networks written for one example, costs summed over many: `a = σ(z)` and `J = 1/m Σ L(a^{(i)}, …)`.

What carries the superscript of an example, and is defined without it, is defined for every example
by the same equation: `a^{(i)} = σ(z^{(i)})`. Parameters have no example and stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Array, Formula, Idx, MatMul, Num, Ref, Sym
from symbackprop.verifying.names.symbols import Symbols
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import (
    Understanding,
    base_letter,
    has_derivative,
    names_of,
)

DATA = frozenset({"x", "y", "t", "X", "Y"})
"""Letters of inputs and targets: what they carry in brackets is the letter of an example."""

LAYERS = frozenset({"l", "L", "ell"})


def sample_pairs(table: Symbols) -> dict[str, str]:
    """Names written without an example and with one: `a` -> `a^{(i)}`."""
    letters = {
        s.sup[-2]
        for s in table.symbols
        if s.base in DATA and _sample(s) and s.sup[-2] not in LAYERS
    }
    found: dict[str, str] = {}
    for s in table.symbols:
        if not _sample(s) or s.sup[-2] not in letters:
            continue
        with_sample = table.resolve(s)
        plain = _without_sample(table, s)
        if plain and with_sample.name != plain and with_sample.indices:
            found[plain] = with_sample.name
    return found


def _sample(s: Sym) -> bool:
    """Whether the superscript ends in one letter in round brackets."""
    return len(s.sup) >= 3 and s.sup[-3] == "(" and s.sup[-1] == ")" and s.sup[-2].isalpha()


def _without_sample(table: Symbols, s: Sym) -> str:
    """The name without the example; "" where the text has no such: the a of one unit is no `a^{[l]}`."""
    name = table.resolve(replace(s, sup=s.sup[:-3])).name
    bare = table.resolve(Sym(s.base, (), (), s.primes, s.accent)).name
    return "" if s.sup[:-3] and name == bare else name


def lift_samples(u: Understanding) -> None:
    """Adds, for what is defined for one example, the same equations for every example."""
    pairs = sample_pairs(u.resolver.symbols)
    if not pairs:
        return
    columns_of_batches(u)
    taken = {d.target for d in u.definitions}
    plain = [d for d in u.definitions if not has_derivative(d.rhs)]
    varying = set(pairs)
    grown = True
    while grown:
        new = {d.target for d in plain if names_of(d.rhs) & varying} - varying
        grown = bool(new)
        varying |= new
    ranks = dict(u.resolver.ranks)
    wanted = [n for n, copy in pairs.items() if copy not in taken]
    done: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in done:
            continue
        done.add(name)
        for d in plain:
            if d.target != name:
                continue
            copied = _copied(d, pairs, varying)
            u.definitions.append(copied)
            wanted += [n for n in names_of(d.rhs) & varying if _copy(n, pairs) not in taken]
    for name in done:
        rank = max(u.resolver.ranks.get(name, 0), _missing(u.resolver.symbols, name))
        if rank and name not in pairs:
            ranks[_copy(name, pairs)] = rank
    u.resolver.ranks = ranks


def columns_of_batches(u: Understanding) -> None:
    """`a^{(i)}` beside the matrix `A` of all examples is its column i (its row where x W is written)."""
    table = u.resolver.symbols
    if _examples_in_rows(u):
        return
    written = {table.resolve(s).name for s in table.symbols}
    targets = {d.target for d in u.definitions}
    for s in dict.fromkeys(replace(s, sub=()) for s in table.symbols):
        if not _sample(s) or len(s.base) != 1 or not s.base.islower():
            continue
        plain = replace(s, sup=s.sup[:-3])
        whole = replace(plain, base=s.base.upper())
        one, matrix = table.resolve(s), table.resolve(whole)
        name = matrix.name
        if name not in written or not one.indices or u.resolver.ranks.get(name) != 2:
            continue
        layers = (Idx("l"),) * len(matrix.indices)  # of `a^{[l](i)}`, any layer
        if len(layers) > 1 or len(one.indices) != len(layers) + 1:
            continue
        if one.name in targets or _without_sample(table, s) in targets:
            continue
        targets.add(one.name)
        example, unit = Idx("i"), Idx("j")
        vector = u.resolver.ranks.get(one.name, 0) + one.missing
        at = (unit if vector else Num("1"), example)
        rhs = Ref(name, (*layers, *(at[::-1] if u.profile.rows else at)))
        place = min((d.place for d in u.definitions if d.target == name), default=0)
        indices = (*layers, example, unit) if vector else (*layers, example)
        u.definitions.append(Definition(one.name, indices, False, rhs, place))


def _examples_in_rows(u: Understanding) -> bool:
    r"""`Z = X \theta` without a `W X`, in a text whose vectors are columns: which entry is which, is open."""
    products = [n for d in u.definitions for n in d.rhs.walk() if isinstance(n, MatMul)]
    ends = [(n.factors[0], n.factors[-1]) for n in products]
    letters = [tuple(isinstance(f, Array) and base_letter(f, u) == "X" for f in e) for e in ends]
    return not u.profile.rows and (True, False) in letters and (False, True) not in letters


def _missing(table: Symbols, name: str) -> int:
    return max((w.missing for w in map(table.resolve, table.symbols) if w.name == name), default=0)


def _copy(name: str, pairs: dict[str, str]) -> str:
    return pairs.get(name, f"{name}_each")


def _copied(d: Definition, pairs: dict[str, str], varying: set[str]) -> Definition:
    letter = Idx("i")
    if letter in d.indices or any(n == letter for n in d.rhs.walk()):
        letter = Idx("o")

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.name in varying:
            inner = tuple(i.rewrite(change) for i in n.indices)
            return type(n)(_copy(n.name, pairs), (letter, *inner), span=n.span)
        return None

    return replace(
        d, target=_copy(d.target, pairs), indices=(letter, *d.indices), rhs=d.rhs.rewrite(change)
    )
