"""Sizes that no bound tells: by claims, or by the entries that the definitions write one by one.

Claims (`\\sum_{j=1}^{2} W_{kj} a_j`, or a matrix written with all its entries) count for axes of which
no definition says how long they are, and only where all claims agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from symbackprop.formula.tree import Array, Formula, Idx, Matrix, Num, Prod, Ref, Sum
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import refs_in, sums_in
from symbackprop.verifying.systems.shapes import Node


def learn_told(builder: Builder, used: Iterable[Formula]) -> None:
    """Gives such axes the one size that the claims tell."""
    sizes = builder.sizes
    told: dict[Node, set[int]] = defaultdict(set)

    def tell(name: str, axis: int, length: int) -> None:
        if name not in builder.by_layer and (name, axis) in sizes.parent:
            told[sizes.find((name, axis))[0]].add(length)

    for f in used:
        for n in sums_in(f):
            if isinstance(n, Sum) and isinstance(n.upper, Num) and n.lower == Num("1"):
                for x in refs_in(n.body):
                    for k, i in enumerate(x.indices):
                        if i == Idx(n.index.name):
                            tell(x.name.removeprefix("d."), k, int(n.upper.value))
            elif isinstance(n, Matrix):
                _tell_matrix(n, tell)
    for root, lengths in told.items():
        if len(lengths) == 1 and root not in sizes.named and root not in sizes.exact:
            length = next(iter(lengths))
            if length >= sizes.least.get(root, 0):
                sizes.exact[root] = length


def learn_listed(builder: Builder, found: Iterable[Definition]) -> None:
    """`\\sum_j \\sum_k w_{jk}^2` runs over the entries that the other definitions write one by one.

    Only where every definition has numbers at such an axis, 1 to n without a gap, or the letter of a
    sum without bounds: a letter that is free or bounded says that there may be more of them.
    """
    sizes = builder.sizes
    listed: dict[Node, set[int]] = defaultdict(set)
    open_ends: set[Node] = set()

    def walk(f: Formula, bare: frozenset[str]) -> None:
        if isinstance(f, Sum) and f.lower is None and f.upper is None:
            walk(f.body, bare | {f.index.name})
            return
        if isinstance(f, Sum | Prod):
            walk(f.body, bare - {f.index.name})
            return
        if isinstance(f, Ref | Array):
            for k, i in enumerate(f.indices):
                root, _ = sizes.find((f.name, k))
                if isinstance(i, Num):
                    listed[root].add(int(i.value))
                elif f.name in builder.by_layer or not isinstance(i, Idx) or i.name not in bare:
                    open_ends.add(root)
            return
        for child in f.children():
            walk(child, bare)

    for d in found:
        walk(Ref(d.target, d.indices), frozenset())
        walk(d.rhs, frozenset())
    whole = {
        root: max(numbers)
        for root, numbers in listed.items()
        if root not in open_ends and not sizes.has_size(root)
        and numbers == set(range(1, max(numbers) + 1))
    }  # fmt: skip
    defined = {sizes.find((d.target, k))[0] for d in found for k in range(len(d.indices))}
    # A single entry 1 may be an example of many, unless an equation defines it and no other.
    if any(most > 1 or root in defined for root, most in whole.items()):
        sizes.exact.update(whole)


def _tell_matrix(n: Matrix, tell: Callable[[str, int, int], None]) -> None:
    """`(W_11 W_12; W_21 W_22)`: all entries of one quantity, in order."""
    rows, columns = len(n.rows), len(n.rows[0]) if n.rows else 0
    cells = [(i, j, x) for i, r in enumerate(n.rows, 1) for j, x in enumerate(r, 1)]
    if not all(isinstance(x, Ref) and x.indices for _, _, x in cells):
        return
    names = {x.name.removeprefix("d.") for _, _, x in cells if isinstance(x, Ref)}
    if len(names) != 1:
        return
    name = names.pop()
    first = cells[0][2]
    assert isinstance(first, Ref)
    count = len(first.indices)
    for i, j, x in cells:
        assert isinstance(x, Ref)
        wanted = (Num(str(i)), Num(str(j)))[: min(count, 2)]
        if columns > 1 and count < 2:
            return
        if tuple(x.indices[-len(wanted) :]) not in (wanted, wanted[::-1]):
            return
    if count == 1:
        tell(name, 0, rows)
        return
    second = cells[1][2] if len(cells) > 1 else None
    receiver_first = True
    if isinstance(second, Ref):
        receiver_first = second.indices[-1 if columns > 1 else -2] == Num("2")
    long, wide = (rows, columns) if receiver_first else (columns, rows)
    tell(name, count - 2, long)
    tell(name, count - 1, wide)
