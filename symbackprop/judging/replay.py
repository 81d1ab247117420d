"""Replaying a derivation: do two adjacent members of a chain differ by exactly one named rule?

Written apart from the narrator. Equality of the two members is not enough here (the judge sees to
that): the rule must explain the difference. The differing part is found by walking both trees side by
side; what each rule may change is checked on that part alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from symbackprop.formula import tree as t
from symbackprop.judging.judge import Judge
from symbackprop.judging.verdict import ACCEPTED


@dataclass(frozen=True, slots=True)
class Difference:
    """The smallest parts in which two formulas differ; None for a part that is missing."""

    before: t.Formula
    after: t.Formula


def flat(f: t.Formula) -> t.Formula:
    """Nested sums and products made flat, so that brackets do not count."""
    f = f.map(flat)
    if isinstance(f, t.Add):
        return t.add(*f.terms)
    if isinstance(f, t.Mul):
        return t.mul(*f.factors)
    return f


def normal(f: t.Formula) -> object:
    """The formula up to the order of commuting factors and terms."""
    if isinstance(f, t.Add | t.Mul | t.Hadamard):
        parts = f.terms if isinstance(f, t.Add) else f.factors
        return (type(f).__name__, frozenset(Counter(map(normal, parts)).items()))
    if isinstance(f, t.Deriv) and isinstance(f.of, t.Ref) and isinstance(f.by, t.Ref):
        return ("Deriv", f.of, f.by)
    return (type(f).__name__, *(normal(c) for c in f.children()), _own(f))


def _own(f: t.Formula) -> object:
    """What a node holds besides its children."""
    return tuple(
        getattr(f, name)
        for name in f.__dataclass_fields__
        if name not in ("span", "signs", "inline", "operator", "total")
        and isinstance(getattr(f, name), str | int | tuple)
        and not _holds_formulas(getattr(f, name))
    )


def _holds_formulas(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(v, t.Formula | tuple) for v in value)


def difference(before: t.Formula, after: t.Formula) -> Difference | None:
    """The smallest differing parts; None if both are the same up to order."""
    a, b = flat(before), flat(after)
    if normal(a) == normal(b):
        return None
    while True:
        if type(a) is not type(b):
            return Difference(a, b)
        if isinstance(a, t.Add | t.Mul | t.Hadamard) and isinstance(b, t.Add | t.Mul | t.Hadamard):
            left, right = _uncommon(_parts(a), _parts(b))
            if len(left) == 1 and len(right) == 1:
                a, b = left[0], right[0]
                continue
            build = t.add if isinstance(a, t.Add) else t.mul
            return Difference(build(*left), build(*right))
        one, two = a.children(), b.children()
        if len(one) != len(two) or _own(a) != _own(b):
            return Difference(a, b)
        differing = [(x, y) for x, y in zip(one, two, strict=True) if normal(x) != normal(y)]
        if len(differing) != 1:
            return Difference(a, b)
        a, b = differing[0]


def _parts(f: t.Formula) -> tuple[t.Formula, ...]:
    return f.terms if isinstance(f, t.Add) else getattr(f, "factors", (f,))


def _uncommon(
    one: tuple[t.Formula, ...], two: tuple[t.Formula, ...]
) -> tuple[list[t.Formula], list[t.Formula]]:
    left = Counter(map(normal, one))
    right = Counter(map(normal, two))
    shared = left & right
    return _beyond(one, shared.copy()), _beyond(two, shared.copy())


def _beyond(parts: tuple[t.Formula, ...], shared: Counter[object]) -> list[t.Formula]:
    rest = []
    for p in parts:
        key = normal(p)
        if shared[key]:
            shared[key] -= 1
        else:
            rest.append(p)
    return rest


# --- rules ----------------------------------------------------------------------------------------


def _count(f: t.Formula, kind: type[t.Formula] | tuple[type[t.Formula], ...]) -> int:
    return sum(isinstance(n, kind) for n in f.walk())


def _derivatives(f: t.Formula) -> set[t.Formula]:
    return {n for n in f.walk() if isinstance(n, t.Deriv | t.Grad)}


def _names(f: t.Formula) -> set[str]:
    return {n.name for n in f.walk() if isinstance(n, t.Ref | t.Array)}


def _size(f: t.Formula) -> int:
    return sum(1 for _ in f.walk())


def _chain_rule(d: Difference) -> bool:
    """One derivative becomes a product, or a sum of products, of derivatives."""
    if not isinstance(d.before, t.Deriv | t.Ref):
        return False
    body = d.after.body if isinstance(d.after, t.Sum) else d.after
    terms = body.terms if isinstance(body, t.Add) else (body,)
    return all(isinstance(x, t.Mul | t.MatMul | t.Hadamard | t.Sum) for x in terms)


def _substitute(d: Difference) -> bool:
    """A derivative, an error or a quantity is replaced by what it is; nothing else is left out."""
    if isinstance(d.before, t.Deriv | t.Ref | t.Array | t.Call):
        return True
    gone = _derivatives(d.before) - _derivatives(d.after)
    errors = {n for n in _names(d.before) - _names(d.after)}
    return bool(gone or errors)


def _same_leaves(d: Difference) -> bool:
    """Only rearranged: no new quantity comes in, no derivative is resolved."""
    return _names(d.after) <= _names(d.before) and not (
        _derivatives(d.before) ^ _derivatives(d.after)
    )


def _cancel(d: Difference) -> bool:
    return _same_leaves(d) and _size(d.after) < _size(d.before)


def _collect(d: Difference) -> bool:
    return _same_leaves(d)


def _one_fraction(d: Difference) -> bool:
    return _same_leaves(d) and _count(d.after, t.Div) <= max(1, _count(d.before, t.Div))


def _bracket(d: Difference) -> bool:
    return _count(d.before, t.Bracket) > _count(d.after, t.Bracket)


def _numbers(d: Difference) -> bool:
    return _count(d.after, t.Num) >= 1 and not _names(d.after)


def _differentiate(d: Difference) -> bool:
    """A derivative is carried out, or pushed inside."""
    return bool(_derivatives(d.before) - _derivatives(d.after)) or isinstance(d.before, t.Deriv)


def _any(d: Difference) -> bool:
    return True


RULES: dict[str, Callable[[Difference], bool]] = {
    "chain rule": _chain_rule,
    "local derivative": _differentiate,
    "substitute": _substitute,
    "definition": _substitute,
    "name": _any,
    "bracket picks": _bracket,
    "one fraction": _one_fraction,
    "cancel": _cancel,
    "collect": _collect,
    "rewrite": _any,
    "use fact": _any,
    "lift to matrix": _any,
    "insert numbers": _numbers,
    "result": _any,
}
"""For each rule what may differ. `name`, `rewrite`, `use fact` and `lift to matrix` are checked by the judge alone."""


def one_rule(before: t.Formula, after: t.Formula, rule: str, judge: Judge) -> bool:
    """Whether `after` follows from `before` by this one rule: equal by the judge, and explained by the rule."""
    found = difference(before, after)
    if found is None:
        return True
    check = RULES.get(rule)
    if check is None or not check(found):
        return False
    return judge.judge(t.equal(before, after)).kind in ACCEPTED
