"""Which letters of a claim count layers (or times), and how far apart the layers are that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.ladder import DEEP, Ends
from symbackprop.judging.letters import affine, free_letters
from symbackprop.judging.problems import NotUnderstood, Refused
from symbackprop.system.model import ADJOINT

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim


class Layers:
    """The layers of which the members of a claim (and the names in it) speak.

    letter: the free letter that counts layers, '' if there is none. letters: all that do, bound ones too.
    down, up: how far below and above a letter the layers lie that are tied to it. ends: layers that are
    singled out, counted from 0 or from the depth. All are 0 or empty for a system without a depth. Raises Refused for
    layers that are no letter plus a number, two free letters, or a letter that also counts units.
    """

    def __init__(self, claim: Claim, members: Sequence[t.Formula]) -> None:
        self.claim = claim
        self.system = claim.judge.system
        self.deep = claim.judge.deep[0] if claim.judge.deep else ""
        self.widths = set(claim.judge.widths)
        self.formulas = self._all(members)
        self.letters: set[str] = set()
        self.letter = ""
        self.down = self.up = 0
        self.ends = Ends()
        if self.deep:
            self._letters()
            sizes = {self.deep} | {s.name for s in self.system.sizes}
            whole = t.Chain(tuple(members), ("=",) * (len(members) - 1))
            free = [x for x in free_letters(whole, dict.fromkeys(sizes, 1)) if x in self.letters]
            if len(free) > 1:
                raise Refused("two free letters for layers")
            self.letter = free[0] if free else ""
            for f in self.formulas:
                self._distances(f)
        for letter, bounds in claim.ranges.items():
            used = any(n == t.Idx(letter) for f in self.formulas for n in f.walk())
            if used and letter not in self.letters:
                raise Refused("a letter over part of an axis")
            if used:
                self._range(*bounds)

    def _all(self, members: Sequence[t.Formula]) -> list[t.Formula]:
        """The members and the bodies of the names that they use, directly or not."""
        found, seen, todo = [], set[str](), list(members)
        while todo:
            f = todo.pop()
            found.append(f)
            for node in f.walk():
                name = node.name if isinstance(node, t.Ref | t.Array) else ""
                if self._is_name(name) and name not in seen:
                    seen.add(name)
                    todo.append(self.claim.named[name][1])
        return found

    def _is_name(self, name: str) -> bool:
        return name in self.claim.named and name not in self.system.by_name

    def is_layer(self, node: t.Ref | t.Array, k: int) -> bool:
        """Whether the k-th index of a node counts layers."""
        if not self.deep:
            return False
        name = node.name.removeprefix(ADJOINT)
        q = self.system.by_name.get(name)
        if q is not None:
            return k < len(q.axes) and q.axes[k].kind in DEEP
        if self._is_name(node.name):
            letters = self.claim.named[node.name][0]
            return k < len(letters) and letters[k] in self.letters
        return name in self.widths

    def _uses(self, f: t.Formula) -> Iterator[tuple[t.Formula, bool]]:
        """Every index below `f`, with whether it counts layers."""
        for node in f.walk():
            if isinstance(node, t.Ref | t.Array):
                for k, i in enumerate(node.indices):
                    yield i, self.is_layer(node, k)

    def _letters(self) -> None:
        """Letters by their uses; what is put in for a name's letter counts what that letter counts."""
        while True:
            before = len(self.letters)
            for f in self.formulas:
                for i, deep in self._uses(f):
                    if deep:
                        self.letters |= _names(i) - {self.deep}
            if len(self.letters) == before:
                break
        for f in self.formulas:
            for i, deep in self._uses(f):
                if not deep and _names(i) & self.letters:
                    raise Refused("a letter that counts layers and units")

    def _distances(self, f: t.Formula) -> None:
        down = up = 0
        for node in f.walk():
            if isinstance(node, t.Ref | t.Array):
                for k, i in enumerate(node.indices):
                    if self.is_layer(node, k):
                        base, constant = self._place(i)
                        if base in self.letters:
                            down, up = max(down, -constant), max(up, constant)
                        else:
                            self.ends.at(base == self.deep, constant)
            elif isinstance(node, t.Sum | t.Prod) and node.index.name in self.letters:
                if isinstance(node, t.Prod):
                    raise Refused("a product over layers")
                self._range(node.lower, node.upper)
            elif isinstance(node, t.Chain):
                letters = {n.name for n in node.walk() if isinstance(n, t.Idx)}
                entries = any(isinstance(n, t.Ref | t.Array) for n in node.walk())
                if letters & self.letters and not entries:
                    self._tie(max(abs(self._place(m)[1]) for m in node.members))
        self.down += down
        self.up += up

    def _tie(self, distance: int) -> None:
        """Layers that are compared, or range up to each other."""
        self.down += distance
        self.up += distance
        self.ends.at(False, distance)
        self.ends.at(True, -distance)

    def _range(self, lower: t.Formula | int | None, upper: t.Formula | int | None) -> None:
        """The ends of a range of layers; None for that of the axes."""
        for bound, note in ((lower, self.ends.begin), (upper, self.ends.end)):
            if bound is None:
                continue
            base, constant = ("", bound) if isinstance(bound, int) else self._place(bound)
            if base in self.letters:
                self._tie(abs(constant))
            else:
                note(base == self.deep, constant)

    def _place(self, index: t.Formula) -> tuple[str, int]:
        """A layer index: letter, depth or '', and a number. Raises Refused."""
        try:
            letters, constant = affine(index)
        except NotUnderstood as problem:
            raise Refused(problem.reason) from None
        if len(letters) > 1 or any(c != 1 for c in letters.values()):
            raise Refused("a layer index that is no letter plus a number")
        if not set(letters) <= self.letters | {self.deep}:
            raise Refused("a layer index by something that is no letter")
        return next(iter(letters), ""), constant


def _names(f: t.Formula) -> set[str]:
    return {n.name for n in f.walk() if isinstance(n, t.Idx | t.Ref)}


__all__ = ["Layers"]
