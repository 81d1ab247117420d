"""Sizes of names that only claims mention."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.formula.tree import Formula, Num, Sum
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.systems.builder import Builder
from symbackprop.verifying.systems.entrywise import in_entries
from symbackprop.verifying.systems.rename import names_in, refs_in, sums_in
from symbackprop.verifying.systems.shapes import Sizes


def learn_new(builder: Builder, f: Formula, known: set[tuple[str, int]]) -> None:
    """Claims give sizes only to names that no definition mentions: a claim may be wrong."""
    fresh = any((n, k) not in known for n in names_in(f) for k in range(builder.arity.get(n, 0)))
    if not fresh:
        return
    members = tuple(in_entries(builder, m) for m in getattr(f, "members", None) or (f,))
    find_peers(builder, f, {n for n, _ in known})
    trial = Sizes(builder.by_layer, builder.sizes.size_names, builder.first)
    trial.learn(members, {})
    groups: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for node in list(trial.parent):
        groups.setdefault(trial.find(node)[0], []).append(node)
    for root, nodes in groups.items():
        old = [n for n in nodes if n in known]
        new = [n for n in nodes if n not in known]
        for n in new:
            builder.sizes.find(n)
            anchor = old[0] if old else new[0]
            # One claim settles the size of a new name: a second, wrong one must not join two sizes.
            if anchor != n and n not in builder.settled:
                if old:
                    builder.settled.add(n)
                gap = trial.find(n)[1] - trial.find(anchor)[1]
                builder.sizes.join(n, anchor, gap)
        if not old and new:
            r, _ = builder.sizes.find(new[0])
            if root in trial.named:
                builder.sizes.named.setdefault(r, trial.named[root])
            if root in trial.exact:
                builder.sizes.exact.setdefault(r, trial.exact[root])
            if root in trial.least:
                builder.sizes.least[r] = max(builder.sizes.least.get(r, 0), trial.least[root])
            if root in trial.lowest:
                builder.sizes.lowest[r] = min(builder.sizes.lowest.get(r, 1), trial.lowest[root])
        for n in new:
            if n in trial._links:
                builder.sizes._links.setdefault(n, trial._links[n])


_WHOLE = ((Num("1"), 0), (Num("0"), -1))


def name_sizes(builder: Builder, used: Iterable[Formula]) -> None:
    """`Σ_{i=1}^N f_i` or `Σ_{i=0}^{N-1} f_i` in a claim: an axis without a size of its own has N entries.

    Each size names one axis only, and only where no definition has used it: a claim may be wrong.
    """
    sizes = builder.sizes
    taken = set(sizes.named.values())
    known = {sizes.find(node)[0] for node in sizes.parent}
    ends = {builder.last} if builder.by_layer else set()
    ends |= {builder.last_time} if builder.by_time else set()
    for f in used:
        own: dict[str, str] = {}  # both axes of a square one, in one claim
        for n in sums_in(f):
            if not isinstance(n, Sum) or n.upper is None:
                continue
            name, past = affine_of(n.upper)
            # from 1 to N, or from 0 to N - 1
            if name is None or name not in builder.size_names or (n.lower, past) not in _WHOLE:
                continue
            if name in ends or (name in taken and name not in own):
                continue
            for ref in refs_in(n.body):
                about = ref.name.removeprefix("d.")  # the δ_i of y_i is as long as y
                if n.index not in ref.indices or about in builder.by_layer | builder.by_time:
                    continue
                root, _ = sizes.find((about, ref.indices.index(n.index)))
                if past and sizes.lowest.get(root, 0):
                    continue
                if own.get(name, about) != about:
                    continue
                if root in known and root not in sizes.named and root not in sizes.exact:
                    sizes.named[root] = name
                    own[name] = about
                    if past:
                        sizes.beyond[root], sizes.lowest[root] = past, 0
                    taken.add(name)
                    break


def find_peers(builder: Builder, f: Formula, known: set[str]) -> None:
    """A layered name that only claims mention exists where its neighbours exist."""
    layered = [
        (r.name, *affine_of(r.indices[0]))
        for r in refs_in(f)
        if r.name in builder.by_layer and r.indices
    ]
    for name, letter, shift in layered:
        if name in known or name in builder.peers or letter is None:
            continue
        for other, its, at in layered:
            if other in known and its == letter:
                builder.peers[name] = (other, shift - at)
                break
