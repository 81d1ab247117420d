"""Statements that introduce names: which member defines, and when a name is used anew."""

from __future__ import annotations

import re
from collections import Counter

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Mul,
    Prod,
    Ref,
    Sum,
)
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import COSTS, SIZE_LETTERS
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.anew import is_anew
from symbackprop.verifying.understanding.statement import (
    Statement,
    Understanding,
    base_letter,
    has_derivative,
    names_of,
)


def define(s: Statement, u: Understanding) -> None:
    """If the left side is a new name, the statement defines it."""
    assert s.meant is not None
    members, relations = _before_numbers(s.meant)
    if any(r not in ("=", ":=", "equiv") for r in relations):
        return
    heads: list[Ref | Array] = []
    for m in members[:-1]:
        if isinstance(m, Ref | Array) and (
            s.piece.file == "<sidecar>"
            or not _has_target(m, u, members)
            or _is_new_scope(m, members, u, s.place)
        ):
            heads.append(m)
        else:
            break
    if not heads:
        return
    if not s.piece.display and _is_condition(s, heads[0], members[-1], u):
        s.sort = "remark"  # "If a = 1 - y, then …": what a is has been said, or will be
        return
    rest = members[len(heads) :]
    rhs = _best_rhs(rest, u, heads)
    if rhs is None:
        return
    for head in heads:
        if _mentions(rhs, head) or _is_closed_form(rhs, head, u):
            return
    s.sort = "cost" if not heads[0].indices and base_letter(heads[0], u) in COSTS else "definition"
    last = heads[-1]
    rhs = _unknown_function(rhs, last.name)
    for head in heads:
        d = Definition(
            head.name,
            head.indices,
            isinstance(head, Array),
            rhs if head == last or len(heads) == 1 else _as_value(last),
            s.place,
            s.label,
            isinstance(head, Array) and isinstance(last, Ref),
        )
        s.defines.append(d)
        u.definitions.append(d)


def _is_closed_form(rhs: Formula, head: Ref | Array, u: Understanding) -> bool:
    r"""`h_L = h_l + \\sum_{i=l}^{L-1} F(h_i)` after `h_{l+1} = h_l + F(h_l)`: at any l, so it is claimed.

    A letter that the left side does not have stands on the same quantity on the right.
    """
    if not any(d.target == head.name and not d.weak for d in u.definitions):
        return False
    own = {n.name for i in head.indices for n in i.walk() if isinstance(n, Idx)}
    own |= {n.index.name for n in rhs.walk() if isinstance(n, Sum | Prod)}
    own |= SIZE_LETTERS | u.resolver.sizes
    return any(
        isinstance(n, Ref | Array) and n.name == head.name
        and any(isinstance(x, Idx) and x.name not in own for i in n.indices for x in i.walk())
        for n in rhs.walk()
    )  # fmt: skip


def _before_numbers(chain: Chain) -> tuple[tuple[Formula, ...], tuple[str, ...]]:
    r"""The members and relations of a chain without the numbers behind: `h = σ(w x) \approx 0.57`."""
    end = chain.relations.index("approx") + 1 if "approx" in chain.relations else 0
    numbers = end and not any(
        isinstance(n, Ref | Array) for m in chain.members[end:] for n in m.walk()
    )
    if end < 2 or not numbers:
        return chain.members, chain.relations
    return chain.members[:end], chain.relations[: end - 1]


_CONDITION = re.compile(
    r"(?:\b(?:if|when|whenever|suppose|assume|assuming|provided|falls|wenn|si)|若|如果|当)\s*$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\b(?:with|for)\s*$", re.IGNORECASE)


def _is_condition(s: Statement, head: Ref | Array, rhs: Formula, u: Understanding) -> bool:
    """Whether it restricts quantities that the text knows: "If a = 1 - y", no other activation."""
    if isinstance(rhs, Call):
        return False
    supposed = _CONDITION.search(s.piece.before)
    if not supposed and not _BESIDE.search(s.piece.before):
        return False
    plain = [d for d in u.definitions if not has_derivative(d.rhs)]
    defined = {d.target for d in plain}
    known = defined | {n for d in plain for n in names_of(d.rhs)}
    if not names_of(rhs) <= known:
        return False
    return head.name in (known if supposed else defined)


def _unknown_function(rhs: Formula, target: str) -> Formula:
    """`k(x, y)` of an unknown k: for first derivatives, a linear function with free slopes."""
    if not isinstance(rhs, Call) or len(rhs.args) < 2 or rhs.primes or rhs.name in ("max", "min"):
        return rhs
    return Add(tuple(Mul((Ref(f"slope{i}_{target}"), a)) for i, a in enumerate(rhs.args, start=1)))


def _as_value(head: Ref | Array) -> Formula:
    return head


def _has_target(head: Ref | Array, u: Understanding, members: tuple[Formula, ...] = ()) -> bool:
    """Whether an earlier definition covers this left side."""
    for d in u.definitions:
        if d.target != head.name or d.weak:
            continue
        if _covers(d, head, members):
            return True
    return False


_SCOPE = re.compile(
    r"\b(?:case|example|figure|network)\s*\(?[2-9ivIV]|(?:情况|例|图|圖)\s*[二三四2-9]"
    r"|\bnow\s+(?:we\s+)?(?:change|choose|replace)\b|\bchange\s+the\s+form\b",
    re.IGNORECASE,
)
"""Prose that begins another case: names may be used anew."""

_EXAMPLE = re.compile(
    r"\b(?:simple|concrete|specific|particular|worked)\s+(?:example|network|case)\b", re.IGNORECASE
)
"""Prose that goes from the general network to one of its own."""

_SUPPOSE = re.compile(r"\b(?:if|suppose|assume)\s*$", re.IGNORECASE)
"""`If z = f(x) …`: what follows is supposed, not claimed."""


def _is_new_scope(
    head: Ref | Array, members: tuple[Formula, ...], u: Understanding, place: int
) -> bool:
    """A second definition that shares nothing with the first one speaks of another network.

    `J = …` of figure 1 and `J = …` of figure 2: no quantity is in both, and none leads to the other.
    """
    here = u.scopes.at(place)
    if here.another and len(members) > 1 and not any(has_derivative(m) for m in members):
        return not any(
            d.target == head.name and d.place in here and _covers(d, head, members)
            for d in u.definitions
        )
    earlier = [d for d in u.definitions if d.target == head.name and not d.weak and d.place < place]
    if earlier and is_anew(head, members[1:], earlier[-1], place, u):
        return True
    line = u.scan.pieces[place].line
    near = [p for p in u.scan.pieces[max(place - 4, 0) : place + 1] if line - p.line < 5]
    simple = any(_EXAMPLE.search(p.before[-300:]) for p in near)
    if simple and len(members) > 1 and not any(has_derivative(m) for m in members):
        return True
    if head.indices or len(members) < 2:
        return False
    old = [d for d in u.definitions if d.target == head.name and not d.weak and _covers(d, head)]
    if not old:
        return False
    before = u.scan.pieces[place].before[-200:]
    if (_SCOPE.search(before) or _SUPPOSE.search(before)) and not head.indices:
        return True
    new_names = _reached({n for m in members[1:] for n in names_of(m)}, u)
    if not new_names or any(has_derivative(m) for m in members[1:]):
        return False
    earlier_names = names_of(old[-1].rhs)
    if _all_reached(new_names, u) <= _all_reached(earlier_names, u):
        return False  # `C = ½(σ(w x) - y)²` after `C = ½(a - y)²`: the same with a written out
    if isinstance(head, Array) and old[-1].indices:
        # `y = R w` after `y_n = Σ_k w_k x_{n+k}`: the whole of it, by a matrix of the same inputs.
        inputs = _all_reached(new_names, u) - {d.target for d in u.definitions}
        if inputs <= _all_reached(earlier_names, u):
            return False
    return not new_names & _reached(earlier_names, u)


def _reached(names: set[str], u: Understanding) -> set[str]:
    """Names and the defined names that they are made of (free inputs may be shared by networks)."""
    found = _all_reached(names, u)
    inner = found & {d.target for d in u.definitions}
    return inner or found


def _all_reached(names: set[str], u: Understanding) -> set[str]:
    """Names, the defined names that they are made of, and the free inputs of these."""
    table: dict[str, set[str]] = {}
    for d in u.definitions:
        table.setdefault(d.target, set()).update(names_of(d.rhs))
    found: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(table.get(name, ()))
    return found


def _covers(d: Definition, head: Ref | Array, members: tuple[Formula, ...] = ()) -> bool:
    for k, (a, b) in enumerate(zip(d.indices, head.indices, strict=False)):
        la, na = affine_of(a)
        lb, nb = affine_of(b)
        if la is None and lb is None and na != nb:
            return False
        if (la in SIZE_LETTERS) != (lb in SIZE_LETTERS) and (la is not None and lb is not None):
            # `δ^l = ∂C/∂z^l` says what the last one is, too; `a^l = σ(z^l)` leaves a^L open.
            always = (
                lb in SIZE_LETTERS and has_derivative(d.rhs) and d.target not in names_of(d.rhs)
            )
            if not always:
                return False
        if la is not None and lb is None and k == 0 and _is_input(head, nb, members):
            return False
        if la is None and lb is not None:
            # Entry by entry first, then in general: the same again, unless the entry was the base
            # case of a recurrence over layers or time.
            recurs = any(head.name in names_of(m) for m in members[1:])
            if recurs or na == 0 or (k == 0 and head.name.endswith("_up")):
                return False
    return True


def _is_input(head: Ref | Array, number: int, members: tuple[Formula, ...]) -> bool:
    """`a^0 = x` and `a^1 = x`: where the layers begin, told after `a^l = σ(z^l)`."""
    if number > 1 or not head.name.endswith("_up") or len(members) != 2:
        return False
    x = members[1]
    return isinstance(x, Ref | Array) and not x.name.endswith("_up")


def _best_rhs(
    rest: tuple[Formula, ...], u: Understanding, heads: list[Ref | Array]
) -> Formula | None:
    """The member that defines: the one most tied to what is defined already; at a tie the first."""
    del heads
    if not rest:
        return None
    defined = Counter(d.target for d in u.definitions)

    def score(f: Formula) -> tuple[int, int]:
        names = {n.name for n in f.walk() if isinstance(n, Ref | Array)}
        derivative = any(isinstance(n, Deriv | Grad) for n in f.walk())
        count = len([n for n in names if n in defined or n.removesuffix("_up") + "_" in defined])
        return (0 if derivative else 1, count)

    best = max(range(len(rest)), key=lambda i: (score(rest[i]), -i))
    if any(isinstance(n, Deriv | Grad) for n in rest[0].walk()):
        return rest[0]
    return rest[best]


def _mentions(f: Formula, head: Ref | Array) -> bool:
    return any(
        isinstance(n, Ref | Array) and n.name == head.name and n.indices == head.indices
        for n in f.walk()
    )
