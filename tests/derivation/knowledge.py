"""What a reader knows before a line: the network's definitions, and every equality printed so far."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from symbackprop.formula import tree as t
from symbackprop.system.model import System

from .equations import translated
from .normal_form import (
    N,
    inside,
    key,
    linear,
    negative,
    normal,
    product,
    rebuilt,
    relabelled,
    shifted,
    split,
)

Letters = dict[str, N]
NAMED = ("der", "grad", "ref", "arr", "call", "Transpose")
"""What stands for a value: a derivative, a quantity, a function's value."""


class Known:
    """Equalities; the free index letters of each stand for any index."""

    def __init__(self, system: System, before: Known | None = None) -> None:
        self.system = system
        self.sizes = frozenset() | {s.name for s in system.sizes} | {"L", "T"}
        self.functions = system.function_by_name
        self._definitions: Known | None = None
        self.classes: dict[N, list[N]] = {}
        self.by_head: dict[tuple[str, Any], list[N]] = defaultdict(list)
        self.definitional: list[tuple[N, N]] = []
        self.links: list[tuple[N, N]] = []
        self.cache: dict[tuple[N, int], tuple[N, ...]] = {}
        for equation in system.equations:
            self._define(equation)
        for f in system.functions:
            if f.expression is not None:
                inside_z = translated(f.expression, {f.variable.name: ("ref", "@z")})
                self.definitional.append((("call", f.name, 0, (("ref", "@z"),)), inside_z))
        self.by_definition: dict[N, list[N]] = defaultdict(list)
        for left, right in self.definitional:
            self._equal(left, right)
            self.by_definition[left].append(right)
        if (
            before is not None
        ):  # a section about a system of its own: what was said before stays said
            self.links.extend(before.links)
            for one, values in before.classes.items():
                for value in values:
                    self._equal(one, value)

    def defined(self, n: N, depth: int = 0) -> tuple[N, ...]:
        """The right sides of the equation that defines the quantity n, with its indices put in."""
        return self.only_definitions().values(n, depth) if n[0] in ("ref", "arr", "call") else ()

    def _define(self, equation: Any) -> None:
        left = translated(equation.lhs)
        right = translated(equation.rhs)
        unrolled = translated(equation.rhs, unroll=True)
        for value in {right, unrolled, *map(self._unfolded, (right, unrolled))}:
            self.definitional.append((left, value))

    def _unfolded(self, n: N) -> N:
        def leaf(x: N) -> N | None:
            if x[0] == "call" and x[2] == 0 and x[1] in self.functions:
                f = self.functions[x[1]]
                if f.expression is not None:
                    return translated(f.expression, {f.variable.name: x[3][0]})
            return None

        return rebuilt(n, leaf)

    def only_definitions(self) -> Known:
        """The definitions alone."""
        if self._definitions is not None and len(self._definitions.definitional) == len(
            self.definitional
        ):
            return self._definitions
        other = self._definitions = Known.__new__(Known)
        other._definitions = None
        other.system, other.sizes, other.functions = self.system, self.sizes, self.functions
        other.classes, other.by_head, other.links = {}, defaultdict(list), []
        other.definitional, other.cache, other.by_definition = list(self.definitional), {}, {}
        for left, right in self.definitional:
            other._equal(left, right)
        return other

    # --- learning ---------------------------------------------------------------------------------

    def learn(self, chain: t.Chain) -> None:
        """Every equality that the chain states."""
        run: list[N] = []
        for i, member in enumerate(chain.members):
            if i and chain.relations[i - 1] not in ("=", ":="):
                run = []
            n = normal(member)
            if not run and n[0] in NAMED:  # said of the same head before
                run.extend(
                    x for x in self.classes.get(n, ()) if x not in self.by_definition.get(n, ())
                )
            for before in run:
                self.links.append((before, n))
                self._equal(before, n)
            run.append(n)

    def define(self, chain: t.Chain) -> None:
        """A name that the system lacks."""
        left, right = (normal(m) for m in chain.members[:2])
        self.definitional.append((left, right))
        self._equal(left, right)

    def _equal(self, one: N, two: N) -> None:
        if one == two:
            return
        self.cache.clear()
        for a, b in ((one, two), (two, one)):
            if a[0] in ("num", "lin"):
                continue
            if a[0] == "mul" and a[1] == -1 and not a[3] and [x[0] for x in a[2]] == ["add"]:
                a, b = a[2][0], negative(b)  # minus a sum: said of the sum
            if a not in self.classes:
                self.classes[a] = []
                self.by_head[_head(a)].append(a)
            if b not in self.classes[a]:
                self.classes[a].append(b)

    # --- asking -----------------------------------------------------------------------------------

    def values(self, n: N, depth: int = 0) -> tuple[N, ...]:
        """What is known to equal n, a part that stands inside `depth` sums."""
        if n[0] in ("num", "lin"):
            return ()
        found = self.cache.get((n, depth))
        if found is None:
            found = self.cache[n, depth] = tuple(dict.fromkeys(self._values(n, depth)))
        return found

    def _values(self, n: N, depth: int) -> Iterator[N]:
        for pattern in self.by_head.get(_head(n), ()):
            for letters in self.match(shifted(pattern, depth), n, {}):
                for value in self.classes[pattern]:
                    yield filled(shifted(value, depth), letters)

    def groups(self, first: N, rest: list[N], depth: int) -> Iterator[tuple[list[N], N]]:
        """Products of derivatives, `first` and others of `rest`, with a known value; the others."""
        if first[0] != "der":
            return
        for pattern in self.by_head.get(("mul", None), ()):
            if not _group(pattern):
                continue
            _, _, factors, _ = shifted(pattern, depth)
            others = [x for x in rest if x[0] == "der"]
            for chosen in _choices(others, len(factors) - 1):
                together = product(1, (first, *chosen))
                for letters in self.match(shifted(pattern, depth), together, {}):
                    for value in self.classes[pattern]:
                        yield list(chosen), filled(shifted(value, depth), letters)

    def sums(self, first: N, rest: list[N]) -> Iterator[tuple[list[N], N]]:
        """Sums printed before that `first` and others of `rest` make up; the others, and a value."""
        for (kind, _), patterns in self.by_head.items():
            for pattern in patterns if kind == "add" else ():
                if first in pattern[1]:
                    others = Counter(pattern[1]) - Counter([first])
                    if not others - Counter(rest):
                        for value in self.classes[pattern]:
                            yield list(others.elements()), value

    def match(self, pattern: Any, n: Any, letters: Letters) -> Iterator[Letters]:
        """The index letters for which the pattern is n."""
        if pattern == n and not any(self._free(x) for x in inside(pattern)):
            yield letters
            return
        if not (isinstance(pattern, tuple) and isinstance(n, tuple)):
            if pattern == n:
                yield letters
            return
        if pattern[:1] == ("ref",) and pattern[1:] == ("@z",) and n and isinstance(n[0], str):
            if letters.get("@z", n) == n:
                yield {**letters, "@z": n}
            return
        if len(pattern) != len(n) or (
            pattern and n and isinstance(pattern[0], str) and pattern[0] != n[0]
        ):
            return
        if pattern and pattern[0] == "lin":
            yield from self._match_index(pattern, n, letters)
        elif pattern and pattern[0] in ("mul", "add"):
            if pattern[0] == "mul" and pattern[1] != n[1]:
                return
            lists = [(p, q) for p, q in zip(pattern, n, strict=True) if isinstance(p, tuple)]
            yield from self._match_lists(lists, letters)
        else:
            yield from self._match_parts(pattern, n, letters)

    def _match_parts(self, pattern: N, n: N, letters: Letters) -> Iterator[Letters]:
        if not pattern:
            yield letters
            return
        for found in self.match(pattern[0], n[0], letters):
            yield from self._match_parts(pattern[1:], n[1:], found)

    def _match_lists(self, lists: list[tuple[N, N]], letters: Letters) -> Iterator[Letters]:
        if not lists:
            yield letters
            return
        (one, two), *rest = lists
        if len(one) != len(two):
            return
        if not one:
            yield from self._match_lists(rest, letters)
            return
        for i, x in enumerate(two):
            for found in self.match(one[0], x, letters):
                yield from self._match_lists([(one[1:], two[:i] + two[i + 1 :]), *rest], found)

    def _free(self, n: N) -> bool:
        return (n[0] == "lin" and any(self._is_letter(k) for k, _ in n[1])) or n == ("ref", "@z")

    def _is_letter(self, name: str) -> bool:
        return not name.startswith("#") and name not in self.sizes

    def _match_index(self, pattern: N, n: N, letters: Letters) -> Iterator[Letters]:
        unknown = [k for k, _ in pattern[1] if self._is_letter(k) and k not in letters]
        if len(unknown) > 1:
            return
        value = relabelled(pattern, {k: v for k, v in letters.items() if k != "@z"})
        if not unknown:
            if value == n:
                yield letters
            return
        if dict(pattern[1])[unknown[0]] != 1:
            return
        parts = {k: v for k, v in n[1]}
        for k, v in value[1]:
            if k != unknown[0]:
                parts[k] = parts.get(k, 0) - v
        yield {**letters, unknown[0]: linear(parts, n[2] - value[2])}

    def is_new(self, n: N) -> bool:
        """A name that the network lacks and that nothing was said of."""
        return n[0] in ("ref", "arr") and n[1] not in self.system.by_name and n not in self.classes

    # --- likewise ---------------------------------------------------------------------------------

    def unit(self, leaf: N) -> object:
        """The unit of which a pre-activation or an activation speaks; None for another quantity."""
        q = self.system.by_name.get(leaf[1])
        if leaf[1] == "@pi" or (q is not None and q.role == "constant"):
            return "constant"
        if q is None or q.role not in ("pre-activation", "activation"):
            return ("other", leaf) if q is not None and q.role in ("input",) else None
        return (str(q.layer), leaf[2:])

    def likewise(self, b: N, a: N) -> bool:
        """Whether the same was printed before of other entries: equal up to an exchange of entries."""
        return any(
            len(set(letters.values())) == len(letters)
            for one, two in self.links
            for letters in self._exchanges(one, two, b, a)
        )

    def _exchanges(self, one: N, two: N, b: N, a: N) -> Iterator[Letters]:
        if one[0] != b[0] or two[0] != a[0]:
            return
        for letters in self.match(self._opened(one), self._tagged(b), {}):
            yield from self.match(self._opened(two), self._tagged(a), letters)

    def _opened(self, n: N) -> N:
        """Each number that is an index of a quantity as a letter of the space that it counts."""
        return self._spaced(n, lambda space, i: ("lin", ((f"{space}:{key(i)}", 1),), 0))

    def _tagged(self, n: N) -> N:
        return self._spaced(n, lambda space, i: ("lin", ((f"#{space}:{key(i)}", 1),), 0))

    def _spaced(self, n: N, change: Any) -> N:
        def leaf(x: N) -> N | None:
            if x[0] not in ("ref", "arr") or x[1] not in self.system.by_name:
                return None
            quantity = self.system.by_name[x[1]]
            axes = quantity.axes
            number = None if quantity.layer is None else quantity.layer
            head: tuple[Any, ...] = x[:2]
            if number is not None and number.is_Integer and x[1].endswith(str(number)):
                own = x[1].removesuffix(str(number))
                head = (x[0], own, change("layer", linear({}, int(number))))
            return (
                *head,
                *(
                    change(axis.space or str(axis.upper), i) if i[0] == "lin" and not i[1] else i
                    for axis, i in zip(axes, x[2:], strict=False)
                ),
            )

        return rebuilt(n, leaf)


def _head(n: N) -> tuple[str, Any]:
    match n[0]:
        case "add" | "sum" | "mat":
            return n[0], len(n[1])
        case "der" | "grad":
            by = n[2]
            return n[0], (n[1][1] if n[1][0] == "ref" else n[1][0], by[1])
        case "mul":
            return "mul", None
        case "Transpose":
            return "Transpose", None
    return n[0], n[1]


def _group(n: N) -> bool:
    sign, nums, dens = split(n)
    return sign == 1 and not dens and len(nums) in (2, 3) and all(x[0] == "der" for x in nums)


def _choices(items: list[N], count: int) -> Iterator[tuple[N, ...]]:
    if count == 0:
        yield ()
        return
    for i, x in enumerate(items):
        for rest in _choices(items[i + 1 :], count - 1):
            yield (x, *rest)


def filled(n: N, letters: Letters) -> N:
    """The formula with its letters, and the argument of a function, put in."""
    argument = letters.get("@z")
    plain = {k: v for k, v in letters.items() if k != "@z"}
    if plain:
        n = relabelled(n, plain)
    if argument is not None:
        n = rebuilt(n, lambda x: argument if x == ("ref", "@z") else None)
    return n
