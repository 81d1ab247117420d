r"""Values at one step of learning: the w^{(t)} and b^{(t)} of `w^{(t+1)} = w^{(t)} - η (w^{(t)} x + b^{(t)} - y) x`.

At one step they are w and b. What carries the mark of the step anywhere else, as the x_t of a sequence, keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symbackprop.formula.tree import Formula, Sym
from symbackprop.verifying.understanding.statement import Statement


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells the step of learning: `(t)` above, `old` or `t` below; where it stands, and its tokens."""

    place: str
    tokens: tuple[str, ...]

    def off(self, s: Sym) -> Sym | None:
        """The symbol without the mark, None where it has none."""
        own: tuple[str, ...] = getattr(s, self.place)
        for tokens in (self.tokens, self.tokens[1:] if self.tokens[0] == "," else ()):
            if tokens and own[-len(tokens) :] == tokens:
                rest = own[: -len(tokens)]
                return replace(s, sub=rest) if self.place == "sub" else replace(s, sup=rest)
        return None


def mark_of(plain: Sym, old: Sym) -> Mark | None:
    """The mark that `old` has and `plain` has not."""
    for place in ("sub", "sup"):
        short: tuple[str, ...] = getattr(plain, place)
        long: tuple[str, ...] = getattr(old, place)
        if len(long) > len(short) and long[: len(short)] == short:
            return Mark(place, long[len(short) :])
    return None


def at_one_step(steps: Sequence[tuple[Statement, Mark]], statements: Sequence[Statement]) -> None:
    """Takes the mark of learning steps off what stands plain, or is learned, in the rest of the text."""
    own = {id(s) for s, _ in steps}
    rest = {n for s in statements if id(s) not in own for n in s.chain.walk()}
    plain = {n for n in rest if isinstance(n, Sym)}
    usual = plain | {s.chain.members[0] for s, _ in steps}
    for s, mark in steps:

        def change(n: Formula, mark: Mark = mark) -> Formula | None:
            found = mark.off(n) if isinstance(n, Sym) and n not in plain else None
            return found if found in usual else None

        s.chain = s.chain.rewrite_members(change)


__all__ = ["Mark", "at_one_step", "mark_of"]
