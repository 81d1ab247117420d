"""Which named rule leads from one member of a chain to the next?

Written apart from narrator, engine and judge, over `normal_form`. A rule is a strict relation between two
formulas: what it may change is changed, everything else stands as it was. Equality of value is not asked here
(tests/derivation/replaying.py computes that); a rule that explains a link says what was done, no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from .algebra import arithmetic, cancelled, collected, fractions_joined, prenex
from .differentiation import by_the_sum_rule, differentiated, picked
from .knowledge import NAMED, Known
from .lifting import entry_of, written_out
from .normal_form import ONE, N, in_order, inside, negative, product, split, terms, total
from .substitution import Substitution

Local = Callable[[N, N], bool]


def aligned(b: N, a: N, local: Local) -> bool:
    """Whether a is b with `local` applied to one or more parts, all else equal."""
    if b == a or local(b, a):
        return True
    if len(terms(b)) > 1 or len(terms(a)) > 1:
        one, two = _apart(terms(b), terms(a))
        if one == terms(b) and two == terms(a):
            return _paired(one, two, local)
        return _paired(one, two, local) or local(total(one), total(two))
    if b[0] == "mul" or a[0] == "mul":
        return _aligned_products(b, a, local)
    if b[0] != a[0] or len(b) != len(a):
        return False
    return _aligned_parts(b[1:], a[1:], local)


def _aligned_parts(b: N, a: N, local: Local) -> bool:
    return len(b) == len(a) and all(
        x == y
        or (
            isinstance(x, tuple)
            and isinstance(y, tuple)
            and bool(x)
            and bool(y)
            and (aligned if isinstance(x[0], str) else _aligned_parts)(x, y, local)
        )
        for x, y in zip(b, a, strict=True)
    )


def _apart(one: tuple[N, ...], two: tuple[N, ...]) -> tuple[tuple[N, ...], tuple[N, ...]]:
    left, right = Counter(one), Counter(two)
    return tuple((left - right).elements()), tuple((right - left).elements())


def _aligned_products(b: N, a: N, local: Local) -> bool:
    s1, n1, d1 = split(b)
    s2, n2, d2 = split(a)
    nums, dens = _apart(n1, n2), _apart(d1, d2)
    rest = product(s1, nums[0], dens[0]), product(s2, nums[1], dens[1])
    if rest != (b, a) and aligned(*rest, local):
        return True
    if s1 == s2:
        return _paired(*nums, local) and _paired(*dens, local)
    if dens != ((), ()):
        return False
    return any(  # the sign has gone into a bracket
        _paired((*nums[0][:i], *nums[0][i + 1 :]), (*nums[1][:j], *nums[1][j + 1 :]), local)
        and _paired(tuple(map(negative, terms(x))), terms(y), local)
        for i, x in enumerate(nums[0])
        for j, y in enumerate(nums[1])
        if x[0] == y[0] == "add"
    )


def _paired(one: tuple[N, ...], two: tuple[N, ...], local: Local) -> bool:
    """A pairing of the parts, each aligned."""
    if len(one) != len(two) or len(one) > 6:
        return False
    if not one:
        return True
    first, *rest = one
    return any(
        aligned(first, x, local) and _paired(tuple(rest), (*two[:i], *two[i + 1 :]), local)
        for i, x in enumerate(two)
    )


# --- the chain rule -------------------------------------------------------------------------------


def _chain(b: N, a: N) -> bool:
    """A derivative becomes a sum, over a cut, of products of derivatives along paths."""
    if b[0] == "mul":
        sign, nums, dens = split(b)
        s, tops, bottoms = split(a)
        if a[0] != "mul" or (s, bottoms) != (sign, dens):
            return False
        return _expanded(list(nums), list(tops))
    if b[0] != "der":
        return False
    parts = terms(a)
    if not parts or a == b:
        return False
    return all(_path_of(b, x) for x in parts)


def _path_of(b: N, term: N) -> bool:
    while term[0] == "sum":
        term = term[2]
        if term[0] == "add":
            return all(_path_of(b, x) for x in term[1])
    sign, nums, dens = split(term)
    if sign != 1 or dens:
        return False
    return _path(b[1], b[2], list(nums)) == []


def _path(start: N, end: N, unused: list[N], steps: int = 0) -> list[N] | None:
    """What is left of the derivatives after a path from start to end has been taken; None if there is none."""
    if start == end and steps:
        return unused
    for i, x in enumerate(unused):
        if x[0] == "der" and x[1] == start:
            left = _path(x[2], end, unused[:i] + unused[i + 1 :], steps + 1)
            if left is not None:
                return left
    return None


def _expanded(nums: list[N], tops: list[N]) -> bool:
    if not nums:
        return not tops
    first, *rest = nums
    if first in tops:
        left = tops.copy()
        left.remove(first)
        if _expanded(rest, left):
            return True
    if first[0] != "der":
        return False
    after = _path(first[1], first[2], tops)
    return after is not None and _expanded(rest, after)


# --- one unit -------------------------------------------------------------------------------------


def _identity(units: Callable[[N], object], b: N, a: N) -> bool:
    """An identity of one activation function: no derivative, one unit, another shape of the same function of it."""
    if any(x[0] in ("der", "grad", "sum", "br") for n in (b, a) for x in inside(n)):
        return False
    named = {units(x) for n in (b, a) for x in inside(n) if x[0] in ("ref", "arr")} - {"constant"}
    heads = [x for n in (b, a) for x in inside(n) if x[0] in ("call", "pow", "cases")]
    return len(named) == 1 and None not in named and bool(heads)


def _fact(b: N, a: N) -> bool:
    """A sum over all entries of a target is replaced by 1."""
    if a != ONE:
        return False
    body = b[2] if b[0] == "sum" else None
    parts = (body,) if body is not None else terms(b)
    return bool(parts) and all(x[0] == "ref" for x in parts) and len({x[1] for x in parts}) == 1


def _has_arrays(n: N) -> bool:
    return any(x[0] in ("arr", "grad", "mat", "norm") for x in inside(n))


def _without(factors: tuple[N, ...], one: N) -> tuple[N, ...]:
    i = factors.index(one)
    return (*factors[:i], *factors[i + 1 :])


class Rules:
    """The rules, with what was known before this line."""

    def __init__(self, known: Known, layout: tuple[str, str] | None = None) -> None:
        self.known = known
        self.sender_first = layout is not None and layout[1] == "sender"
        self.put = Substitution(known)
        self.definitions = Substitution(known.only_definitions())

    def explains(self, rule: str, b: N, a: N) -> bool:
        """Whether `rule` alone leads to a: from b, or from a value of b that was printed before."""
        before = [x for x in self.known.values(b) if x != a] if b[0] in NAMED else []
        if rule in ("definition", "reorder") and any(in_order(x) == in_order(a) for x in before):
            return True
        return any(self.leads(rule, x, a) for x in (b, *before))

    def leads(self, rule: str, b: N, a: N) -> bool:
        """Whether `rule` alone leads from b to a."""
        if b == a:
            return rule in ("reorder", "name")
        if rule == "reorder":
            return self._same_entries(b, a)
        match rule:
            case "definition":
                return self.definitions.leads(b, a) or self.definitions.leads(a, b)
            case "name":
                return self.put.leads(a, b) or self.known.is_new(b)
            case "substitute":
                return self.put.leads(b, a)
            case "chain rule":
                return aligned(b, a, _chain) or aligned(a, b, _chain)
            case "copies":
                return self._copies(b, a)
            case "local derivative":
                return differentiated(b, a) or aligned(b, a, self._local)
            case "bracket picks":
                return picked(b, a)
            case "one fraction":  # or taken apart again
                return aligned(b, a, fractions_joined) or aligned(a, b, fractions_joined)
            case "cancel":
                return aligned(b, a, cancelled)
            case "collect":
                return aligned(b, a, collected)
            case "arithmetic":
                return arithmetic(b) == arithmetic(a)
            case "rewrite":
                return aligned(b, a, partial(_identity, self.known.unit))
            case "use fact":
                return aligned(b, a, _fact)
            case "lift to matrix":
                return self._entry_by_entry(b, a) or self._same_entries(b, a)
            case "likewise":
                return self.known.likewise(b, a)
        return False

    def _copies(self, b: N, a: N) -> bool:
        """Every occurrence as a copy of its own: the sum of (error there) times (what multiplies the copy)."""
        if b[0] != "der":
            return False
        for term in terms(a):
            while term[0] == "sum":
                term = term[2]
            sign, nums, dens = split(term)
            if not any(
                self._local(("der", u[2], b[2]), product(sign, _without(nums, u), dens))
                for u in nums
                if u[0] == "der" and u[1] == b[1]
            ):
                return False
        return True

    def _same_entries(self, b: N, a: N) -> bool:
        """The same products of matrices in another order: (A B)^T is B^T A^T."""
        if not _has_arrays(b) and not _has_arrays(a):
            return False
        for unroll in (False, True):
            one, two = (entry_of(n, self.known.system, self.sender_first, unroll) for n in (b, a))
            if one is None or two is None:
                continue
            if in_order(prenex(one)) == in_order(prenex(two)):
                return True
        return False

    def _entry_by_entry(self, b: N, a: N) -> bool:
        """A line about arrays says of each entry what a line about entries has said."""
        cells = written_out(b), written_out(a)
        if cells[0] is not None and cells[1] is not None:
            return len(cells[0]) == len(cells[1]) and all(
                any(self.explains(rule, one, two) for rule in ENTRY_RULES)
                for one, two in zip(*cells, strict=True)
            )
        if not _has_arrays(b) and not _has_arrays(a):
            return False
        for unroll in (False, True):
            one, two = (entry_of(n, self.known.system, self.sender_first, unroll) for n in (b, a))
            if one is None or two is None:
                return False
            if any(self.explains(rule, one, two) for rule in ENTRY_RULES):
                return True
        return False

    def _local(self, b: N, a: N) -> bool:
        """One equation of the network differentiated: the one that defines the upper quantity."""
        if b[0] == "der":
            if b[1][0] == "ref" and any(  # a = sin(z): da/dz = sin'(z)
                x[0] == "call" and x[3] == (b[2],) and a == ("call", x[1], x[2] + 1, x[3])
                for x in self.known.defined(b[1])
            ):
                return True
            around = [
                int(k[1:]) + 1 for x in inside(b) if x[0] == "lin" for k, _ in x[1] if k[0] == "#"
            ]
            return any(
                differentiated(("der", x, b[2]), a) or by_the_sum_rule(x, b[2], a)
                for x in self.known.defined(b[1], max(around, default=0))
            )
        if b[0] == "call" and b[2]:
            before = (*b[:2], b[2] - 1, b[3])
            return any(differentiated(("der", x, b[3][0]), a) for x in self.known.defined(before))
        return False

    def all_that_explain(self, b: N, a: N) -> Iterator[str]:
        return (rule for rule in RULES if self.explains(rule, b, a))


ENTRY_RULES = ("reorder", "definition", "substitute", "name", "likewise", "collect")

RULES = (
    "reorder", "definition", "name", "substitute", "chain rule", "copies", "local derivative", "bracket picks",
    "one fraction", "cancel", "collect", "arithmetic", "rewrite", "use fact", "lift to matrix", "likewise",
)  # fmt: skip
