r"""The d_k of `\sqrt{d_k}` beside `\sum_k`: one number with a name, no entry k of d."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.tree import Call, Formula, Sym
from symbackprop.verifying.understanding.statement import Statement, rewrite_all


def read_scale_names(statements: Iterable[Statement]) -> None:
    """Makes the k of d_k a name where d_k stands below a root, and d with no other subscript."""
    statements = list(statements)
    every: Counter[Sym] = Counter()
    below: Counter[Sym] = Counter()
    indexed: Counter[str] = Counter()
    for s in statements:
        for n in s.chain.walk():
            if isinstance(n, Sym) and n.sub:
                every[n] += 1
                indexed[n.base] += 1
            if isinstance(n, Call) and n.name == "sqrt" and isinstance(n.args[0], Sym):
                below[n.args[0]] += 1
    scales = {
        s for s in below
        if len(s.sub) == 1 and len(s.sub[0]) == 1 and s.sub[0].isalpha() and not s.sup
        and s.base == "d" and every[s] == indexed[s.base]
    }  # fmt: skip
    if not scales:
        return

    def change(n: Formula) -> Formula | None:
        return (
            replace(n, sub=(f"\\mathit{{{n.sub[0]}}}",))
            if isinstance(n, Sym) and n in scales
            else None
        )

    rewrite_all(statements, change)


__all__ = ["read_scale_names"]
