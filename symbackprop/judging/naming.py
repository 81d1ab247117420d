"""Names that a text has introduced, replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.formula import tree as t
from symbackprop.judging.spread import Refused

Named = Mapping[str, tuple[tuple[str, ...], t.Formula]]


def spelled_out(formula: t.Formula, named: Named, depth: int = 8) -> t.Formula:
    """The formula without introduced names.

    Raises Refused where that is no plain replacement: a derivative by such a name, a body with an
    index of its own (its letter could be caught), names that stand for each other.
    """

    def change(node: t.Formula) -> t.Formula | None:
        if isinstance(node, t.Deriv | t.Grad) and _names(node.by) & set(named):
            raise Refused("a derivative by an introduced name")
        if not isinstance(node, t.Ref | t.Array) or node.name not in named:
            return None
        letters, body = named[node.name]
        if len(letters) != len(node.indices) or depth == 0:
            raise Refused("a name at other indices than it was introduced")
        if any(isinstance(n, t.Sum | t.Prod) for n in body.walk()):
            raise Refused("a name for a sum")
        at: dict[t.Formula, t.Formula] = {
            t.Idx(x): i for x, i in zip(letters, node.indices, strict=True)
        }
        return spelled_out(body.rewrite(lambda n: at.get(n)), named, depth - 1)

    return formula.rewrite(change)


def _names(formula: t.Formula) -> set[str]:
    return {n.name for n in formula.walk() if isinstance(n, t.Ref | t.Array)}
