"""Which values an index letter runs over: the range of the axes on which it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symbackprop.formula.remembered import remembered
from symbackprop.formula.tree import (
    Add,
    Array,
    Div,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Prod,
    Ref,
    Sum,
)
from symbackprop.judging.instance import Instance
from symbackprop.judging.problems import IllFormed, NotUnderstood, OutOfRange
from symbackprop.system.model import ADJOINT, Quantity

MOST_CHOICES = 20_000
"""More values of the free letters together are not tried one by one."""
Ranges = Mapping[str, tuple[Formula | int, Formula | int]]


@dataclass(frozen=True, slots=True)
class Use:
    """A letter at one axis of one quantity: its value plus `shift` must exist there."""

    name: str
    axis: int
    indices: tuple[Formula, ...]
    shift: int


@remembered
def affine(f: Formula) -> tuple[dict[str, int], int]:
    """An index formula as {letter: coefficient}, constant. Raises NotUnderstood."""
    if isinstance(f, Num):
        value = f.value
        if value.denominator != 1:
            raise NotUnderstood(f"the index {f.text} is not an integer")
        return {}, int(value)
    if isinstance(f, Idx):
        return {f.name: 1}, 0
    if isinstance(f, Neg):
        letters, constant = affine(f.body)
        return {k: -v for k, v in letters.items()}, -constant
    if isinstance(f, Add):
        total: dict[str, int] = {}
        constant = 0
        for term in f.terms:
            letters, c = affine(term)
            constant += c
            for k, v in letters.items():
                total[k] = total.get(k, 0) + v
        return {k: v for k, v in total.items() if v}, constant
    if isinstance(f, Mul):
        factor, letters = 1, {}
        for part in f.factors:
            some, c = affine(part)
            if some and letters:
                raise NotUnderstood("an index that is not linear in its letters")
            if some:
                letters, offset = some, c
                if offset:
                    raise NotUnderstood("an index that is not linear in its letters")
            else:
                factor *= c
        return {k: v * factor for k, v in letters.items()}, 0 if letters else factor
    if isinstance(f, Ref) and not f.indices:
        return {f.name: 1}, 0
    raise NotUnderstood("an index that is not a letter, a number or a sum of them")


def integer(f: Formula | int, env: Mapping[str, int], sizes: Mapping[str, int]) -> int:
    """An index formula as a number. Raises IllFormed for a letter without a value."""
    kind = type(f)
    if kind is Idx:
        found = env.get(f.name)  # type: ignore[union-attr]
        if found is not None:
            return found
    if isinstance(f, int):
        return f
    if isinstance(f, Num):
        return _whole(f)
    if isinstance(f, Idx):
        if f.name in env:
            return env[f.name]
        if f.name in sizes:
            return sizes[f.name]
        raise IllFormed(f"the letter '{f.name}' is bound nowhere")
    if isinstance(f, Ref) and f.indices:
        known = f"{f.name}[{','.join(str(integer(i, env, sizes)) for i in f.indices)}]"
        if known in sizes:
            return sizes[known]
    if isinstance(f, Div):
        top, bottom = integer(f.num, env, sizes), integer(f.den, env, sizes)
        if bottom and top % bottom == 0:
            return top // bottom
        raise NotUnderstood("an index that is a fraction")
    letters, constant = affine(f)
    return constant + sum(v * integer(Idx(k), env, sizes) for k, v in letters.items())


def _whole(f: Num) -> int:
    if f.value.denominator != 1:
        raise NotUnderstood(f"the index {f.text} is not an integer")
    return int(f.value)


def uses(f: Formula, letter: str) -> Iterator[Use]:
    """Every place where `letter` indexes a quantity and is not bound below `f`."""
    known = _uses_by_letter(f)
    found = known.get(letter)
    if found is None:
        places: list[Use] = []
        problem: NotUnderstood | None = None
        try:
            places.extend(_uses(f, letter))
        except NotUnderstood as unread:
            problem = unread
        found = known[letter] = (tuple(places), problem)
    yield from found[0]
    if found[1] is not None:
        raise NotUnderstood(found[1].reason)


@remembered
def _uses_by_letter(f: Formula) -> dict[str, tuple[tuple[Use, ...], NotUnderstood | None]]:
    """Filled letter by letter: the uses, and what stopped the search."""
    return {}


def _uses(f: Formula, letter: str) -> Iterator[Use]:
    stack: list[Formula] = [f]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is Num or kind is Idx:
            continue
        if isinstance(node, Sum | Prod) and node.index.name == letter:
            stack.extend(b for b in (node.lower, node.upper) if b is not None)
            continue
        if isinstance(node, Ref | Array):
            for k, i in enumerate(node.indices):
                if isinstance(i, Idx):
                    if i.name == letter:
                        yield Use(node.name, k, node.indices, 0)
                elif not isinstance(i, Num):
                    letters, constant = affine(i)
                    if letters.get(letter) == 1 and len(letters) == 1:
                        yield Use(node.name, k, node.indices, constant)
            continue
        stack.extend(node.children())


def free_letters(f: Formula, sizes: Mapping[str, int]) -> list[str]:
    """The letters of `f` that nothing binds and that are no sizes, in order of appearance."""
    return [x for x in _unbound(f) if x not in sizes]


@remembered
def _unbound(f: Formula) -> tuple[str, ...]:
    found: dict[str, None] = {}

    def look(node: Formula, bound: frozenset[str]) -> None:
        if isinstance(node, Idx):
            if node.name not in bound:
                found.setdefault(node.name)
        elif isinstance(node, Sum | Prod):
            for part in (node.lower, node.upper):
                if part is not None:
                    look(part, bound)
            look(node.body, bound | {node.index.name})
        else:
            for child in node.children():
                look(child, bound)

    look(f, frozenset())
    return tuple(found)


class Letters:
    """Finds ranges of letters in formulas of one instance."""

    def __init__(self, instance: Instance, given: Ranges) -> None:
        self.instance = instance
        self.given = given

    def of(self, letter: str, f: Formula, env: Mapping[str, int]) -> range | None:
        """The values of `letter` in `f`; None when the places depend on letters that `env` lacks.

        Units must agree on all their axes; layers, times and samples take what all axes have.
        Raises IllFormed where the axes do not fit each other.
        """
        sizes = self.instance.sizes
        if letter in self.given:
            lower, upper = (integer(b, env, sizes) for b in self.given[letter])
            return range(lower, upper + 1)
        low: int | None = None
        high: int | None = None
        strict: tuple[int, int, str] | None = None
        missing: OutOfRange | None = None
        for use in uses(f, letter):
            name = use.name.removeprefix(ADJOINT)
            q = self.instance.system.by_name.get(name)
            if q is None or use.axis >= len(q.axes):
                continue
            try:
                head = self._head(q, use, env)
                a, b = self.instance.bounds(q, use.axis, head)
            except OutOfRange as problem:
                missing = problem
                continue
            except (IllFormed, NotUnderstood):
                continue
            a, b = a - use.shift, b - use.shift
            if q.axes[use.axis].kind == "unit" and use.shift == 0:
                if strict is not None and strict[:2] != (a, b):
                    raise IllFormed(
                        f"the letter {letter} runs from {strict[0]} to {strict[1]} in {strict[2]}, "
                        f"but from {a} to {b} in {name}"
                    )
                strict = (a, b, name)
            low = a if low is None else max(low, a)
            high = b if high is None else min(high, b)
        if low is None or high is None:
            if missing is not None:
                raise missing
            return None
        return range(low, high + 1)

    def key(self, letter: str, f: Formula, env: Mapping[str, int]) -> str:
        """The size that the letter counts, in a marked instance; empty for a fixed range."""
        instance = self.instance
        if instance.marks is None:
            return ""
        found = ""
        for use in uses(f, letter):
            q = instance.system.by_name.get(use.name.removeprefix(ADJOINT))
            if q is None or use.axis >= len(q.axes):
                continue
            try:
                head = self._head(q, use, env)
            except (IllFormed, NotUnderstood):
                continue
            key = instance.axis_key(q, use.axis, head)
            if key and use.shift and key not in instance.marks.deep:
                instance.marks.refuse("a shifted index")
            if key and found and key != found:
                instance.marks.refuse("a letter on two axes")
            found = found or key
        if letter in self.given and found and found not in instance.marks.deep:
            instance.marks.refuse("a letter over part of an axis")
        return found

    def _head(self, q: Quantity, use: Use, env: Mapping[str, int]) -> tuple[int, ...]:
        """The earlier indices of a use, as far as the axis' bound depends on them."""
        needed = self.instance.needed(q, use.axis)
        return tuple(
            integer(i, env, self.instance.sizes) if k in needed else 0
            for k, i in enumerate(use.indices[: use.axis])
        )

    def assignments(
        self, letters: list[str], f: Formula, start: Mapping[str, int] | None = None
    ) -> list[dict[str, int]]:
        """All values of the free letters. Raises NotUnderstood for a letter without a range."""
        envs: list[dict[str, int]] = [dict(start or {})]
        left = [x for x in letters if x not in envs[0]]
        while left:
            for letter in left:
                found = []
                for env in envs:
                    self.instance.clock.step()
                    found.append(self.of(letter, f, env))
                if all(r is not None for r in found):
                    if sum(len(r or ()) for r in found) > MOST_CHOICES:
                        raise NotUnderstood("too many choices of index letters")
                    envs = [
                        {**env, letter: i}
                        for env, r in zip(envs, found, strict=True)
                        for i in r or ()
                    ]
                    left.remove(letter)
                    break
            else:
                raise NotUnderstood(f"no axis tells what the letter {left[0]} runs over")
        return envs
