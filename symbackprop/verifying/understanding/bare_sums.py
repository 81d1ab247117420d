r"""Sums without an index: `\sum w_{ji} x_i` runs over the letter that stands twice below it.

Where none stands twice, it runs over every letter that the left side does not have. From the inside
out, so that `\sum w_{kj} f(\sum w_{ji} x_i)` is a sum over j of one over i.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from symbackprop.formula.tree import Chain, Formula, Idx, Prod, Sum, Sym


def with_indices(chain: Chain) -> Chain:
    """The chain with each bare sum over the letters that its body shows; else as it is."""
    if not chain.relations or not any(_is_bare(n) for n in chain.walk()):
        return chain
    taken = _free(chain.members[0])

    def change(f: Formula) -> Formula:
        f = f.map(change)
        if not isinstance(f, Sum) or not _is_bare(f) or f.lower is not None:
            return f
        count = _free(f.body)
        over = [k for k, times in count.items() if times > 1 and k not in taken]
        over = over or [k for k in count if k not in taken]
        if not over or (len(over) > 1 and f.upper is not None):
            return f
        body = f.body
        for letter in reversed(over[1:]):
            body = Sum(body, Idx(letter), span=f.span)
        return replace(f, body=body, index=Idx(over[0]))

    members = tuple(change(m) for m in chain.members)
    return Chain(members, chain.relations, span=chain.span)


def _is_bare(f: Formula) -> bool:
    return isinstance(f, Sum | Prod) and f.index == Idx("")


def _free(f: Formula) -> Counter[str]:
    """How often each index letter stands below the symbols of a formula, those of sums left out."""
    found: Counter[str] = Counter()
    if isinstance(f, Sym):
        letters = [x for x in f.sub if x.isalpha()]
        inner = "".join(f.sub)
        if all(len(x) == 1 for x in letters) and "(" not in inner:
            found.update(x for x in letters if x.islower())
        if len(f.sup) == 3 and f.sup[0] == "(" and f.sup[1] in ("i", "n", "m", "k", "p"):
            found[f.sup[1]] += 1
        return found
    for child in f.children():
        if not isinstance(child, Idx):
            found += _free(child)
    if isinstance(f, Sum | Prod):
        found.pop(f.index.name, None)
    return found
