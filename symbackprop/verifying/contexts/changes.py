r"""Small changes: `\mathrm{d}z = W \mathrm{d}a`, `\mathrm{d}J = \delta^T \mathrm{d}z`, to first order.

In one statement the quantities that are changed and that depend on no other changed one move freely,
each by an array of its own; everything else that is changed follows from them: `dY` is the sum of
`∂Y/∂S dS` over all entries of all these S. What the statement does not change stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import (
    Add,
    Array,
    Chain,
    Deriv,
    Diff,
    Formula,
    Idx,
    Mul,
    Ref,
    Sum,
)
from symbackprop.verifying.contexts.joined import part_at
from symbackprop.verifying.contexts.recurring import arities
from symbackprop.verifying.contexts.session import Session, reads_of
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import CHANGE, COSTS, SIZE_LETTERS
from symbackprop.verifying.systems.entries import Entries

DEPTH = 4
"""So many layers below a changed quantity are searched for what changes it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed quantity: its name and the indices in front of the open ones (the layer)."""

    name: str
    head: tuple[Formula, ...] = ()


def has_changes(f: Formula) -> bool:
    """Whether a statement speaks of small changes of quantities."""
    return any(isinstance(n, Diff) and isinstance(n.body, Ref | Array) for n in f.walk())


def with_changes(session: Session, chain: Chain) -> Chain:
    """The statement in entries, the changes that follow from others written by derivatives.

    Raises ReadingError where the shapes do not fit.
    """
    part = part_at(session, reads_of(chain))
    arity = arities(session, part, [])
    layered = {d.target for d in session.u.definitions if d.indices and _is_layer(d.target)}
    layered |= {n for n in reads_of(chain) if _is_layer(n)}

    def changed(n: Diff) -> Changed:
        assert isinstance(n.body, Ref | Array)
        return Changed(n.body.name, n.body.indices[:1] if n.body.name in layered else ())

    found = list(
        dict.fromkeys(
            changed(n)
            for n in chain.walk()
            if isinstance(n, Diff) and isinstance(n.body, Ref | Array)
        )
    )
    sources = [
        c
        for c in found
        if not (_is_cost(session, c) and not arity.get(c.name))
        and not any(_follows(session, c, o) for o in found if o != c)
    ]
    if not sources:
        raise ReadingError("no change is free: all follow from others")
    entries = Entries(lambda a: max(arity.get(_plain(a.name), 0) - len(a.indices), 0))

    def named(n: Formula) -> Formula | None:
        if isinstance(n, Diff) and isinstance(n.body, Ref | Array):
            return type(n.body)(n.body.name + CHANGE, n.body.indices)
        return None

    for c in found:
        arity[c.name + CHANGE] = arity.get(c.name, 0)
    members = [m.rewrite(named) for m in chain.members]
    rank = max(entries.rank(m) for m in members)
    letters = tuple(Idx(x) for x in ("u1", "u2")[:rank])
    members = [entries.at(m, letters if entries.rank(m) else ()) for m in members]
    free = {c.name for c in sources}

    def following(n: Formula) -> Formula | None:
        if not isinstance(n, Ref) or not n.name.endswith(CHANGE) or n.name[: -len(CHANGE)] in free:
            return None
        whole = Ref(n.name[: -len(CHANGE)], n.indices)
        terms: list[Formula] = []
        for k, s in enumerate(sources):
            count = arity.get(s.name, 0) - len(s.head)
            own = tuple(Idx(f"v{k}{i}") for i in range(count))
            term: Formula = Mul(
                (Deriv(whole, Ref(s.name, s.head + own)), Ref(s.name + CHANGE, s.head + own))
            )
            for letter in reversed(own):
                term = Sum(term, letter)
            terms.append(term)
        return terms[0] if len(terms) == 1 else Add(tuple(terms))

    return Chain(tuple(m.rewrite(following) for m in members), chain.relations, span=chain.span)


def _plain(name: str) -> str:
    return name.removeprefix("d.")


def _is_layer(name: str) -> bool:
    return name.endswith(("_up", "_up" + CHANGE))


def _is_cost(session: Session, c: Changed) -> bool:
    """The cost follows from everything, whether it is defined or not."""
    return not c.head and session.letter_of(c.name) in COSTS


def _follows(session: Session, c: Changed, other: Changed) -> bool:
    """Whether `c` is made of `other`, by the document's definitions."""
    stack: list[tuple[str, int | None, int]] = [(c.name, _shift(c), 0)]
    seen: set[tuple[str, int | None]] = set()
    while stack:
        name, shift, deep = stack.pop()
        if (name, shift) in seen or deep > DEPTH:
            continue
        seen.add((name, shift))
        for d in session.u.definitions:
            if d.target != name or session.u.scopes.at(d.place) in session.u.apart:
                continue
            base = affine_of(d.indices[0])[1] if d.indices and _is_layer(name) else 0
            for n in d.rhs.walk():
                if not isinstance(n, Ref | Array) or (n.name == name and not _is_layer(name)):
                    continue
                there = shift
                if _is_layer(n.name) and n.indices:
                    letter, own = affine_of(n.indices[0])
                    if letter in SIZE_LETTERS:
                        there = None  # the last layer: above any layer l
                    elif letter is not None and shift is not None:
                        there = shift + own - base
                if n.name == other.name and there in (None, _shift(other)):
                    return True
                stack.append((n.name, there, deep + (there != shift)))
    return False


def _shift(c: Changed) -> int:
    return affine_of(c.head[0])[1] if c.head else 0
