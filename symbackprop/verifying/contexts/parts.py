"""Parts of a document: names that its definitions and claims join.

Two networks of one document that share no name do not bear upon each other, so a claim is judged with
what belongs to its own part only. That keeps long documents as fast, line for line, as short ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from symbackprop.formula.tree import Formula
from symbackprop.verifying.systems.definition import Definition


@dataclass(slots=True)
class Part:
    """What a document says about names that are joined: definitions and statements, numbered in its order."""

    number: int
    defined: list[tuple[int, Definition]] = field(default_factory=list)
    said: list[tuple[int, Formula]] = field(default_factory=list)

    @property
    def definitions(self) -> list[Definition]:
        return [d for _, d in self.defined]

    @property
    def used(self) -> list[Formula]:
        return [f for _, f in self.said]


class Parts:
    """The parts of a document by name."""

    def __init__(
        self,
        definitions: Iterable[tuple[Definition, Iterable[str]]],
        used: Iterable[tuple[Formula, Iterable[str]]],
        joined: Iterable[Iterable[str]],
        shared: Iterable[str],
    ) -> None:
        """Definitions and statements with the names in them; `shared` names (learning rates) join nothing."""
        self._above: dict[str, str] = {}
        self._shared = frozenset(shared)
        defined, said = list(definitions), list(used)
        for names in (*(n for _, n in defined), *(n for _, n in said), *joined):
            self._join(names)
        self._of: dict[str, Part] = {}
        for k, (d, names) in enumerate(defined):
            self._part(names).defined.append((k, d))
        for k, (f, names) in enumerate(said):
            self._part(names).said.append((k, f))

    def _root(self, name: str) -> str:
        while (above := self._above.setdefault(name, name)) != name:
            self._above[name] = self._above[above]
            name = above
        return name

    def _join(self, names: Iterable[str]) -> None:
        first = ""
        for name in names:
            if name in self._shared:
                continue
            root = self._root(name)
            if first:
                self._above[root] = first
            else:
                first = root

    def _part(self, names: Iterable[str]) -> Part:
        root = next((self._root(n) for n in names if n not in self._shared), "")
        if root not in self._of:
            self._of[root] = Part(len(self._of))
        return self._of[root]

    def of(self, names: Iterable[str]) -> tuple[Part, ...]:
        """The parts that the names belong to, in order."""
        roots = {self._root(n) for n in names if n not in self._shared and n in self._above}
        return tuple(sorted((self._of[r] for r in roots if r in self._of), key=lambda p: p.number))

    def every(self) -> tuple[Part, ...]:
        """All parts, in order."""
        return tuple(sorted(self._of.values(), key=lambda p: p.number))


def merged(parts: tuple[Part, ...]) -> Part:
    """Several parts as one."""
    if len(parts) == 1:
        return parts[0]
    return Part(
        -1,
        sorted((d for p in parts for d in p.defined), key=lambda d: d[0]),
        sorted((f for p in parts for f in p.said), key=lambda f: f[0]),
    )
