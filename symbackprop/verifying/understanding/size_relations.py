r"""Sizes that follow from others: `m = n - K + 1` positions of a kernel with K entries on n inputs.

Such a line introduces a size. Where the document lists `x_0, …, x_{n-1}` and reads `x_{i+k}`, the last
entry read is known, and a relation that does not lead there is no definition.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from symbackprop.formula.tree import Add, Chain, Formula, Idx, Mul, Neg, Num, Prod, Sum, Sym
from symbackprop.verifying.names.scripts import items_of

Linear = Counter[str]
"""Whole multiples of letters; those of 1 under the empty name."""


def defines_size(chain: Chain, sizes: frozenset[str], chains: Iterable[Chain]) -> bool:
    """Whether a statement introduces a size by other sizes, and fits what else the document says."""
    if chain.relations not in (("=",), (":=",)) or not isinstance(chain.members[0], Sym):
        return False
    size, right = chain.members[0], linear(chain.members[1])
    if size != Sym(size.base) or size.base not in sizes or right is None:
        return False
    letters = set(right) - {""}
    if size.base in letters or not letters & sizes or any(len(x) != 1 for x in letters):
        return False
    chains = list(chains)
    scripted = {n.base for c in chains for n in c.walk() if isinstance(n, Sym) and n.sub}
    if letters & scripted or sum(c.members[0] == size for c in chains if c.relations) > 1:
        return False
    return all(put(gap, size.base, right) == {} for gap in _gaps(chains))


def linear(f: Formula) -> Linear | None:
    """A sum of letters and whole numbers; None for anything else."""
    if isinstance(f, Num):
        return Counter({"": int(f.value)}) if f.value.denominator == 1 else None
    if isinstance(f, Idx):
        return Counter({f.name: 1})
    if isinstance(f, Sym):
        return Counter({f.base: 1}) if f == Sym(f.base) else None
    if isinstance(f, Neg):
        inner = linear(f.body)
        return None if inner is None else _scaled(inner, -1)
    if isinstance(f, Add):
        total: Linear = Counter()
        for t in f.terms:
            part = linear(t)
            if part is None:
                return None
            total = _sum(total, part)
        return total
    if isinstance(f, Mul) and len(f.factors) == 2 and isinstance(f.factors[0], Num):
        inner = linear(f.factors[1])
        times = f.factors[0].value
        return _scaled(inner, int(times)) if inner and times.denominator == 1 else None
    return None


def _scaled(a: Linear, by: int) -> Linear:
    return Counter({x: n * by for x, n in a.items()})


def _sum(a: Linear, b: Linear) -> Linear:
    return Counter({x: a[x] + b[x] for x in (*a, *b) if a[x] + b[x]})


def put(f: Linear, letter: str, value: Linear) -> Linear:
    """The sum with a value for one letter."""
    rest: Linear = Counter({x: n for x, n in f.items() if x != letter})
    return _sum(rest, _scaled(value, f[letter]))


def _gaps(chains: list[Chain]) -> Iterable[Linear]:
    """For each `x_{i+k}` of a listed x: its last place read, less the last place listed."""
    ends: dict[str, list[Linear]] = defaultdict(list)
    read: set[Sym] = set()
    last: dict[str, Linear] = {}
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sum | Prod) and n.upper is not None:
                end = linear(n.upper)
                if end is not None and end not in ends[n.index.name]:
                    ends[n.index.name].append(end)
            elif isinstance(n, Sym) and "+" in n.sub:
                read.add(n)
        if not c.relations and len(c.members) == 1 and isinstance(c.members[0], Sym):
            place = _place(c.members[0])
            if place is not None and set(place) - {""} and "-" in c.members[0].sub:
                last[c.members[0].base] = place
    for s in read:
        place = _place(s)
        letters = [x for x in place or () if x]
        if place is None or s.base not in last or any(len(ends[x]) != 1 for x in letters):
            continue
        if any(ends.get(x) for x in last[s.base]):
            continue  # `x_{n+k-1}` in the prose: any entry, not the last one
        total: Linear = Counter({"": place[""]})
        for x in letters:
            total = _sum(total, _scaled(ends[x][0], place[x]))
        yield _sum(total, _scaled(last[s.base], -1))


def _place(s: Sym) -> Linear | None:
    items = items_of(s.sub)
    return linear(items[0].index) if len(items) == 1 and items[0].index is not None else None
