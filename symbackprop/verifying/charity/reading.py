"""A charitable reading: what a slip of the pen may have meant, judged before it is said.

Two kinds. A *slip* is wrong writing whatever its value (`w31` where only `W31` exists); it is mended
first and reported as a misprint if the mended statement holds. A *reading* is tried only when the
statement does not hold as written: "true only if you meant …".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from symbackprop.formula.tree import Chain, Formula


@dataclass(frozen=True, slots=True)
class Reading:
    """A mended statement: `code` of the finding, what was changed in words, the new chain (written)."""

    code: str
    message: str
    chain: Chain


def swap(c: Chain, change: dict[Formula, Formula]) -> Chain:
    def one(n: Formula) -> Formula | None:
        for old, new in change.items():
            if n == old:
                return replace(new, span=n.span)
        return None

    return c.rewrite_members(one)
