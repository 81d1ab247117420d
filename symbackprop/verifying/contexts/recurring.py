"""What the builder needs of the names in use: arities, axes of layers and of time, facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symbackprop.formula.tree import Add, Array, Call, Formula, Idx, Neg, Num, Ref, Sum
from symbackprop.system.model import Fact
from symbackprop.verifying.contexts.parts import Part
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.systems.rename import refs_in, sums_in


def last_layer(session: Session, default: str, names: Iterable[str]) -> str:
    for n in names:
        if n in session.u.resolver.sizes:
            return n
    return default


def first_layer(
    session: Session, forward: list[Definition], used: list[Formula], by_layer: frozenset[str]
) -> int:
    numbers = [
        affine_of(n.indices[0])[1]
        for f in [d.rhs for d in forward] + used
        for n in refs_in(f)
        if n.name in by_layer and n.indices
        and affine_of(n.indices[0])[0] is None
    ]  # fmt: skip
    return min([1, *numbers, *(_summed_from(forward, by_layer))])


def _summed_from(forward: list[Definition], by_layer: frozenset[str]) -> Iterator[int]:
    r"""Where layers begin by `\\sum_{l=1}^L \\|W^l\\|^2`: W^1 makes `a^1 = σ(W^1 a^0)` of layer 0."""
    above = {
        n.name: at - affine_of(n.indices[0])[1]
        for d in forward if d.target in by_layer and d.indices
        for letter, at in [affine_of(d.indices[0])] if letter is not None
        for n in refs_in(d.rhs)
        if n.indices and n.name != d.target and affine_of(n.indices[0])[0] == letter
    }  # fmt: skip
    made = {d.target for d in forward}
    for d in forward:
        for s in sums_in(d.rhs):
            if isinstance(s, Sum) and isinstance(s.lower, Num) and s.upper is not None:
                for n in refs_in(s.body):
                    if n.name in above and n.name not in made and n.indices[:1] == (s.index,):
                        yield int(s.lower.value) + above[n.name] - 1


def arities(session: Session, part: Part, forward: list[Definition]) -> dict[str, int]:
    """How many indices every name has in full."""
    arity = dict(session.once("arities", part, lambda: written_arities(session, part.used)))
    for name, count in written_arities(session, [d.rhs for d in forward]).items():
        arity[name] = max(arity.get(name, 0), count)
    missing = session.once("missing indices", session.u, lambda: missing_indices(session))
    for name, count in missing.items():
        arity[name] = max(arity.get(name, 0), count)
    for d in forward:
        arity[d.target] = max(arity.get(d.target, 0), len(d.indices))
    return arity


def written_arities(session: Session, formulas: Iterable[Formula]) -> dict[str, int]:
    arity: dict[str, int] = {}
    for f in formulas:
        for n in f.walk():
            if isinstance(n, Ref):
                name = n.name.removeprefix("d.")
                arity[name] = max(arity.get(name, 0), len(n.indices))
            elif isinstance(n, Array):
                name = n.name.removeprefix("d.")
                rank = session.u.resolver.ranks.get(name, 0)
                arity[name] = max(arity.get(name, 0), len(n.indices) + rank)
    return arity


def missing_indices(session: Session) -> dict[str, int]:
    """Names that the document writes without some of their indices."""
    arity: dict[str, int] = {}
    for s in session.u.resolver.symbols.symbols:
        w = session.u.resolver.symbols.resolve(s)
        if w.missing:
            arity[w.name] = max(arity.get(w.name, 0), len(w.indices) + w.missing)
    return arity


def recurring(
    session: Session, forward: list[Definition], used: list[Formula]
) -> tuple[frozenset[str], frozenset[str]]:
    """Names whose first axis is a layer (superscripts) or a time (subscripts)."""
    by_layer = session.once("layered", session.u, lambda: layered(session))
    by_time: set[str] = set()
    letters: set[str] = set()
    for d in forward:
        first = affine_of(d.indices[0])[0] if d.indices else None
        if first is None or d.target in by_layer:
            continue
        for n in d.rhs.walk():
            if isinstance(n, Ref | Array) and n.indices:
                letter, shift = affine_of(n.indices[0])
                if letter == first and shift == -1:
                    letters.add(letter)
    for d in forward:
        for n in (Ref(d.target, d.indices), *d.rhs.walk()):
            if (
                isinstance(n, Ref | Array) and n.indices and affine_of(n.indices[0])[0] in letters
            ) and n.name not in by_layer:
                by_time.add(n.name)
    return by_layer, frozenset(by_time)


def layered(session: Session) -> frozenset[str]:
    """Names whose superscript is a layer."""
    symbols = session.u.resolver.symbols
    found: set[str] = set()
    for s in symbols.symbols:
        group = symbols.groups[(s.base, s.accent, s.primes)]
        w = symbols.resolve(s)
        if (
            w.indices
            and s.sup
            and w.name.endswith("_up")
            and group.sup_letters & {"l", "L", "n_l", "ell", "n_L"}
        ):
            found.add(w.name)
    return frozenset(found)


def facts_of(
    session: Session, arity: dict[str, int], positive: frozenset[str] = frozenset()
) -> dict[str, frozenset[Fact]]:
    from symbackprop.verifying.systems.builder import LETTERS

    found: dict[str, frozenset[Fact]] = {}
    for name, facts in session.u.facts.items():
        found[name] = frozenset(
            Fact(f.kind, LETTERS[int(f.over[1:])]) if f.over.startswith("#") else f for f in facts
        )
    defined = {d.target for d in session.u.definitions}
    for name in session.once("logs", session.u, lambda: inside_logs(session)) - defined:
        found[name] = found.get(name, frozenset()) | {Fact("in (0,1)")}
    for name in positive - defined:
        if not any(f.kind in ("in (0,1)", "positive") for f in found.get(name, ())):
            found[name] = found.get(name, frozenset()) | {Fact("positive")}
    del arity
    return found


Places = tuple[tuple[int, Formula], ...]


def under_logs(about: Formula, definitions: Iterable[Definition]) -> frozenset[str]:
    """Names a all whose entries, as far as they matter, stand in a `\\log a_i` of the statement.

    Elsewhere the statement says nothing. Only of that one statement: what another says of the same
    letter may hold for all numbers. definitions: those that the statement rests upon; layer 2 in the
    logarithm says nothing of other layers that these read.
    """
    found: dict[str, set[Places]] = {}
    for n in about.walk():
        if isinstance(n, Call) and n.name in ("log", "ln") and len(n.args) == 1:
            x = n.args[0]
            if (
                isinstance(x, Ref)
                and x.indices
                and all(isinstance(i, Idx | Num) for i in x.indices)
            ):
                found.setdefault(x.name, set()).add(_numbers(x))
    if not found:
        return frozenset()
    used: dict[str, set[Places]] = {}
    for f in (about, *(d.rhs for d in definitions)):
        for r in refs_in(f):
            used.setdefault(r.name, set()).add(_numbers(r))
    return frozenset(name for name, places in found.items() if () in places or used[name] == places)


def _numbers(r: Ref | Array) -> Places:
    """What stands among the indices that is no letter, with its place."""
    return tuple((k, i) for k, i in enumerate(r.indices) if not isinstance(i, Idx))


def inside_logs(session: Session) -> frozenset[str]:
    """Names x that stand in `log x` and in `log (1 - x)`: both exist only between 0 and 1."""
    plain: set[str] = set()
    turned: set[str] = set()
    for s in session.u.statements:
        for n in s.meant.walk() if s.meant is not None else ():
            if not isinstance(n, Call) or n.name not in ("log", "ln") or len(n.args) != 1:
                continue
            inside = n.args[0]
            if isinstance(inside, Ref):
                plain.add(inside.name)
            elif isinstance(inside, Add) and len(inside.terms) == 2 and inside.terms[0] == Num("1"):
                rest = inside.terms[1]
                if isinstance(rest, Neg) and isinstance(rest.body, Ref):
                    turned.add(rest.body.name)
    return frozenset(plain & turned)
