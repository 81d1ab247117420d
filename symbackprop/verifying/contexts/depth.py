"""Layers counted from one: a document may count them from any number."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Array, Formula, Idx, Neg, Num, Ref, add
from symbackprop.verifying.contexts.recurring import layered
from symbackprop.verifying.contexts.session import Context, Session, reads_of
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.systems.definition import Definition

LAST_LAYERS = ("n_l", "L", "n_L")


def deeper(f: Formula, last: str, shift: int) -> Formula:
    """The last layer counted from the first one: where layers start at 1, `L` becomes L + 1.

    The judge's depth is then the number of weight layers, whatever the document counts.
    """
    if not shift:
        return f

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Idx) and n.name == last:
            return add(n, Num(str(shift)))
        if isinstance(n, Ref) and n.name == "s" and len(n.indices) == 1:
            inside = deeper(n.indices[0], last, shift)
            return Ref("s", (add(inside, Neg(Num(str(shift)))),))
        return None

    return f.rewrite(change)


def beyond(forward: list[Definition], by_layer: frozenset[str], last: str) -> int:
    """How far layers go beyond L in the equations: 1 for `a^{(L+1)}`."""
    ends = [
        affine_of(n.indices[0])
        for d in forward
        for n in d.rhs.walk()
        if isinstance(n, Ref | Array) and n.name in by_layer and n.indices
    ]
    return max([0, *(k for letter, k in ends if letter == last)])


def shallower(session: Session, f: Formula, context: Context) -> Formula:
    """The inverse of `deeper`, for what is shown."""
    last, shift = context.depth
    if not shift:
        return f

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.indices and n.name != "s":
            return type(n)(n.name, tuple(less(i, last, shift) for i in n.indices))
        return None

    return f.rewrite(change)


def less(i: Formula, last: str, shift: int) -> Formula:
    letter, own = affine_of(i)
    if letter != last:
        return i
    own -= shift
    return (
        Idx(last) if not own else add(Idx(last), Num(str(own)) if own > 0 else Neg(Num(str(-own))))
    )


def at_last(session: Session, d: Definition) -> Definition:
    """`h = a^{(3)}` in a text that says n_l = 3: h is the output of a network of any depth."""
    rhs = d.rhs
    if not isinstance(rhs, Ref | Array) or not rhs.indices or not isinstance(rhs.indices[0], Num):
        return d
    for name, value in session.u.size_values.items():
        if rhs.indices[0].value == value and name in SIZE_LETTERS:
            key = id(d)
            if key not in session.general:
                session.general[key] = replace(
                    d, rhs=type(rhs)(rhs.name, (Idx(name), *rhs.indices[1:]))
                )
            return session.general[key]
    return d


def numbered_from_the_last(session: Session, chain: Formula) -> Formula:
    """`δ^4 = …` of a text that says L = 4 and defines its layers by a letter: 4 is L there, 3 is L - 1.

    Only in claims that speak of the last layer, and of none that may be the input.
    """
    last = next((n for n in LAST_LAYERS if n in session.u.size_values), "")
    if not last or last not in session.u.resolver.sizes:
        return chain
    count = session.u.size_values[last]
    layers = session.once("layered", session.u, lambda: layered(session))
    found = [n for n in chain.walk() if isinstance(n, Ref | Array) and n.indices]
    numbers = {affine_of(n.indices[0]) for n in found if n.name.removeprefix("d.") in layers}
    if any(letter is not None for letter, _ in numbers):
        return chain
    if max((k for _, k in numbers), default=0) != count or min(k for _, k in numbers) < 2:
        return chain
    special = [d for d in session.u.definitions if d.target in layers and d.indices]
    if any(affine_of(d.indices[0])[0] is None and affine_of(d.indices[0])[1] > 1 for d in special):
        return chain  # a layer of its own kind

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Ref | Array) or not n.indices:
            return None
        if n.name.removeprefix("d.") not in layers:
            return None
        below = count - affine_of(n.indices[0])[1]
        layer = add(Idx(last), Neg(Num(str(below)))) if below else Idx(last)
        return type(n)(n.name, (layer, *n.indices[1:]), span=n.span)

    return chain.rewrite(change)


def last_layer_named(session: Session, chain: Formula) -> Formula:
    """`h = a^{(3)}` where h stands for the output of a network of any depth: 3 is n_l there."""
    names = reads_of(chain)
    general = session.once(
        "general",
        session.u,
        lambda: {d.target for d in session.u.definitions if at_last(session, d) is not d},
    )
    if not names & general:
        return chain

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.indices and isinstance(n.indices[0], Num):
            for name, value in session.u.size_values.items():
                if n.indices[0].value == value and name in SIZE_LETTERS:
                    return type(n)(n.name, (Idx(name), *n.indices[1:]), span=n.span)
        return None

    return chain.rewrite(change)
