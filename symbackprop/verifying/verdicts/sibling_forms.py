"""The form that the siblings of a definition have: z_2 written as z_1 and z_3 are, a term as its fellows.

Siblings are alike but for their numbers. From one to the other some of these numbers move together
(w_11 x_1 + b_1 and w_21 x_1 + b_2: the first of w and that of b), the others stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from symbackprop.formula.tree import Add, Call, Formula, Mul, Neg, Num, Pow, Ref, add, mul, sub
from symbackprop.verifying.systems.definition import Definition

Place = tuple[str, int]
Moves = dict[Place, bool]
"""Which numbers move from one sibling to the next: by the name without numbers, and the place."""

MOST_PLACES = 7
MOST_FORMS = 8


@dataclass(frozen=True, slots=True)
class Sibling:
    """What stands beside the formula in question, and by how much its numbers are off."""

    rhs: Formula
    step: int


def stem(n: Ref) -> str:
    """The name without its numbers."""
    plain = "".join("#" if c.isdigit() else c for c in n.name)
    return f"{plain}/{len(n.indices)}"


def numbers(n: Ref) -> tuple[int | None, ...]:
    """The digits of the name and the indices; None for an index that is no number."""
    own: list[int | None] = [int(c) for c in n.name if c.isdigit()]
    own += [int(i.text) if isinstance(i, Num) and i.text.isdigit() else None for i in n.indices]
    return tuple(own)


def moved(n: Ref, step: int, moves: Moves) -> Ref | None:
    """The quantity with its moving numbers moved; None where one leaves 0 to 9."""
    place, name = 0, []
    for c in n.name:
        if c.isdigit():
            value = int(c) + (step if moves.get((stem(n), place)) else 0)
            if not 0 <= value <= 9:
                return None
            c, place = str(value), place + 1
        name.append(c)
    indices = []
    for i in n.indices:
        if isinstance(i, Num) and i.text.isdigit() and moves.get((stem(n), place)):
            value = int(i.text) + step
            if value < 0:
                return None
            i = Num(str(value))
        indices.append(i)
        place += 1
    return Ref("".join(name), tuple(indices))


def shifted(f: Formula, step: int, moves: Moves) -> Formula | None:
    """The formula of the sibling `step` further on; None if there is none."""
    change = {n: moved(n, step, moves) for n in f.walk() if isinstance(n, Ref)}
    if None in change.values():
        return None
    return f.rewrite(lambda n: change[n] if isinstance(n, Ref) else None)


def forms(d: Definition, definitions: list[Definition]) -> list[tuple[int, Formula]]:
    """What the right side is if the definition is like its siblings, with a rank.

    0: two siblings agree, and this one differs; 1: it differs from its only sibling; 2: it does
    not, but more of its numbers could move; 3: its own terms are not alike.
    """
    own = numbers(Ref(d.target, d.indices))
    rows: dict[int, list[Sibling]] = {}
    for other in definitions:
        if other is d or stem(Ref(other.target, other.indices)) != stem(Ref(d.target, d.indices)):
            continue
        theirs = numbers(Ref(other.target, other.indices))
        apart = [k for k, (a, b) in enumerate(zip(own, theirs, strict=True)) if a != b]
        if len(apart) == 1:
            a, b = own[apart[0]], theirs[apart[0]]
            if a is not None and b is not None:
                rows.setdefault(apart[0], []).append(Sibling(other.rhs, b - a))
    found: dict[Formula, int] = {}
    for siblings in rows.values():
        for rank, new in like(d.rhs, siblings):
            found.setdefault(new, rank)
    for new in of_terms(d.rhs):
        found.setdefault(new, 3)
    found.pop(d.rhs, None)
    return [(rank, new) for new, rank in list(found.items())[:MOST_FORMS]]


def like(f: Formula, siblings: list[Sibling]) -> Iterator[tuple[int, Formula]]:
    """What `f` is if it is like these: as two that agree have it, else the nearest to `f`."""
    for k, one in enumerate(siblings):
        for two in siblings[k + 1 :]:
            moves = between(one.rhs, two.rhs, two.step - one.step)
            new = None if moves is None else shifted(one.rhs, -one.step, moves)
            if new is not None:
                yield 0, new
    if len(siblings) <= 2:
        for one in siblings:
            alike = between(one.rhs, f, -one.step) is not None
            for new in nearest(f, one):
                yield 2 if alike else 1, new


def between(a: Formula, b: Formula, step: int) -> Moves | None:
    """What moves from `a` to `b`; None if they are not alike."""
    first = [n for n in a.walk() if isinstance(n, Ref)]
    second = [n for n in b.walk() if isinstance(n, Ref)]
    if len(first) != len(second):
        return None
    moves: Moves = {}
    for x, y in zip(first, second, strict=True):
        if stem(x) != stem(y):
            return None
        for place, (i, k) in enumerate(zip(numbers(x), numbers(y), strict=True)):
            if i is None or k is None or (i != k and k - i != step):
                if i != k:
                    return None
                continue
            if moves.setdefault((stem(x), place), i != k) != (i != k):
                return None
    return moves if shifted(a, step, moves) == b else None


def nearest(f: Formula, one: Sibling) -> list[Formula]:
    """The sibling moved in the ways that leave most of `f` as it stands."""
    places = places_of(one.rhs)
    if len(places) > MOST_PLACES:
        return []
    ranked: dict[Formula, int] = {}
    for chosen in product((False, True), repeat=len(places)):
        new = shifted(one.rhs, -one.step, dict(zip(places, chosen, strict=True)))
        if new is not None and new not in (one.rhs, f):
            ranked.setdefault(new, distance(new, f))
    least = min(ranked.values(), default=0)
    return [new for new, far in ranked.items() if far == least][:3]


def distance(a: Formula, b: Formula) -> int:
    """How many parts one of them has and the other has not."""
    first, second = Counter(a.walk()), Counter(b.walk())
    return (first - second).total() + (second - first).total()


def of_terms(f: Formula) -> Iterator[Formula]:
    """A sum with one term as its fellows are, or with the one that they lack."""
    for n in f.walk():
        if not isinstance(n, Add) or len(n.terms) > MOST_FORMS:
            continue
        for new in _terms(n):
            yield f.rewrite(lambda x, n=n, new=new: new if x is n else None)  # type: ignore[misc]


def _terms(n: Add) -> Iterator[Formula]:
    terms = n.terms
    wanted: dict[Formula, int] = {}
    for i, one in enumerate(terms):
        for j, two in enumerate(terms[i + 1 :], start=i + 1):
            for step in (1, 2, 3):
                moves = between(one, two, step)
                if moves is not None and any(moves.values()):
                    for far in range(-2, step + 3):
                        new = shifted(one, far, moves)
                        if new is not None and new not in terms:
                            wanted.setdefault(new, i if far < 0 else j if far < step else j + 1)
    for new, at in wanted.items():
        yield from islice(put(terms, new, at), 3)
    if len(terms) <= 3 and not wanted:
        for i, one in enumerate(terms):
            for k, two in enumerate(terms):
                if i != k and not isinstance(one, Num | Neg | Ref):
                    for step in (-1, 1):
                        for new in nearest(two, Sibling(one, step)):
                            yield add(*terms[:k], new, *terms[k + 1 :])


def put(terms: tuple[Formula, ...], new: Formula, at: int) -> Iterator[Formula]:
    """The sum with one more term, or with it for one or two that stand there; what changes least."""
    ways = [(sum(1 for _ in new.walk()), add(*terms[:at], new, *terms[at:]))]
    for width in (1, 2):
        for k in range(len(terms) - width + 1):
            far = distance(add(*terms[k : k + width]), new)
            ways.append((far, add(*terms[:k], new, *terms[k + width :])))
    for _, way in sorted(ways, key=lambda w: w[0]):
        yield way


def apart(f: Formula, lost: frozenset[str]) -> int | None:
    """In how few numbers a name that the formula reads differs from a lost one; None: in more."""
    found: list[int] = []
    for name in lost:
        own = Ref(name)
        for n in f.walk():
            if isinstance(n, Ref) and stem(n) == stem(own):
                found.append(sum(a != b for a, b in zip(numbers(n), numbers(own), strict=True)))
    return min(found, default=None)


def with_lost(f: Formula, lost: frozenset[str]) -> Iterator[Formula]:
    """The formula with one of the names that nothing reads: in a term like its fellows, or alone."""
    for n in f.walk():
        if isinstance(n, Add) or n is f:
            for new in _with_fellow(n, lost):
                yield f.rewrite(lambda x, n=n, new=new: new if x is n else None)  # type: ignore[misc]
    leaves = [Ref(name) for name in sorted(lost)]
    for n in f.walk():
        if not isinstance(n, Ref | Add | Mul | Call | Pow | Neg):
            continue
        for leaf in leaves:
            if isinstance(n, Neg):
                new = add(leaf, n)
                yield f.rewrite(lambda x, n=n, new=new: new if x is n else None)  # type: ignore[misc]
                continue
            edits = (leaf, mul(leaf, n)) if isinstance(n, Ref) else (mul(leaf, n),)
            for new in (*edits, add(n, leaf), sub(leaf, n)):
                yield f.rewrite(lambda x, n=n, new=new: new if x is n else None)  # type: ignore[misc]


def _with_fellow(n: Formula, lost: frozenset[str]) -> Iterator[Formula]:
    terms = n.terms if isinstance(n, Add) else (n,)
    for k, one in enumerate(terms):
        for step in (1, -1, 2, -2, 3, -3):
            for new in fellows(one, step):
                if any(isinstance(x, Ref) and x.name in lost for x in new.walk()):
                    yield from islice(put(terms, new, k + 1), 2)


def fellows(one: Formula, step: int) -> Iterator[Formula]:
    """The formula with some of its numbers moved, more of them first."""
    places = places_of(one)
    if len(places) > MOST_PLACES:
        return
    for chosen in product((True, False), repeat=len(places)):
        new = shifted(one, step, dict(zip(places, chosen, strict=True)))
        if new is not None and new != one:
            yield new


def places_of(f: Formula) -> list[Place]:
    """The places of numbers in the names of a formula."""
    return list(
        dict.fromkeys(
            (stem(n), k)
            for n in f.walk()
            if isinstance(n, Ref)
            for k, number in enumerate(numbers(n))
            if number is not None
        )
    )
