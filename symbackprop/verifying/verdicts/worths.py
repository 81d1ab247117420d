"""What the left sides of a worked example are worth, and how near the printed numbers are to that.

A number may have been calculated from the printed numbers before it, also from a wrong one, or from unrounded
ones: the nearest of these counts. Printed numbers are rounded, so each of them, and the number itself, may be
off by a unit of its last digit; what that amounts to in the result is its slack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from symbackprop.formula.tree import Add, Chain, Deriv, Formula, Neg, Num, Sym
from symbackprop.judging.arena import Key
from symbackprop.verifying.understanding.statement import Statement, has_derivative
from symbackprop.verifying.verdicts.model_values import key_of, meant, quantity
from symbackprop.verifying.verdicts.numeric import is_rounded, number_of
from symbackprop.verifying.verdicts.verifier import Verifier

LONGEST = 10_000
"""Definitions that are longer when all is written out are not calculated."""
RATES = frozenset({"eta", "alpha", "epsilon", "varepsilon", "gamma", "lr", "mu", "rho"})
"""Letters of learning rates."""
LEAST = 2
"""So many numbers at least must be near what their left sides are worth."""
FAR = 0.05
EXACT = 1e-12
MOST = 60
"""So many numbers of a document are looked at."""
ROUND = re.compile(
    r"\b(?:after|afterwards|updat\w+|new|again|iterations?|epochs?|rounds?|once more|danach|neue?)\b|更新|之后|迭代",
    re.IGNORECASE,
)
"""Prose after which a name may have another value: weights have changed."""
AGAIN = re.compile(
    r"\b(?:again|iterations?|epochs?|rounds?|once more|second|third|two|three|\d+)\b|迭代", re.IGNORECASE
)  # fmt: skip
"""Prose after which even a step is not taken from the values before."""

_NOT = re.compile(
    r"\b(?:not|never|nicht|no)\s+(?:with\s+|by\s+)?(?:the\s+|die\s+|den\s+)?(?:updated?|new|neuen?)\b",
    re.IGNORECASE,
)


_IDIOM = re.compile(
    r"\b(?:again and again|over and over again|time and again"
    r"|(?:comes?|shows?|turns?) (?:back|up) again(?: and again)?)\b",
    re.IGNORECASE,
)


def says_new(text: str) -> bool:
    """Whether prose says that names may have new values; "not the updated one" does not."""
    return bool(ROUND.search(_IDIOM.sub("", _NOT.sub("", text))))


Nearness = Literal["near", "between", "far"]
NEARNESS: tuple[Nearness, ...] = ("near", "between", "far")
Values = Mapping[Formula, Formula]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a left side is worth at a statement, in digits; how near the number is; whether others are near."""

    shown: str
    off: Nearness
    sure: bool = False
    exact: bool = False  # nothing was rounded
    doubted: bool = False  # several numbers are far, and none is near
    points: tuple[Mapping[Key, Fraction], ...] = ()  # the numbers that it may follow from


@dataclass(slots=True)
class _Example:
    """The numbers of a worked example so far."""

    verifier: Verifier
    known: dict[Sym, tuple[Formula, ...]]
    printed: dict[Formula, Formula] = field(default_factory=dict)
    given: dict[Key, Fraction] = field(default_factory=dict)  # all that were printed
    right: dict[Key, Fraction] = field(default_factory=dict)  # those that are near their worth
    inputs: dict[Key, Fraction] = field(default_factory=dict)  # those that follow from nothing
    renewed: dict[Key, Fraction] = field(default_factory=dict)  # by the steps so far
    rounded: set[Formula] = field(default_factory=set)
    units: dict[Key, float] = field(
        default_factory=dict
    )  # what those that are rounded may be off by


def worths(verifier: Verifier) -> dict[int, Worth]:
    """For each statement (by its identity) that gives its left side its first number: what that is worth."""
    example = _Example(verifier, definitions(verifier))
    defined = {d.target for d in verifier.u.definitions} | set(verifier.u.errors)
    seen: set[Formula] = set()
    found: dict[int, Worth] = {}
    later = False
    moved: set[Formula] = set()
    for s in verifier.u.statements:
        if seen and says_new(s.piece.before):
            later = True
            if AGAIN.search(_IDIOM.sub("", s.piece.before)):
                break
        head, number = s.chain.members[0], printed(s.chain)
        if s.sort == "update":
            if head in moved:
                break
            moved.add(head)
            later = True
            if number is not None and last_lettered(s.chain) > 0:
                worth = _worth(example, s, number)
                if worth is not None:
                    found[id(s)] = worth
                key = key_of(meant(verifier, head))
                if key is not None:
                    example.renewed[key] = Fraction(text_of(number))
            continue
        # The learning rate is told where the step is taken; it is no value of the next round.
        rate = isinstance(head, Sym) and head.base in RATES and head not in seen
        if later and number is not None and isinstance(head, Sym) and not rate:
            break
        stepped = not isinstance(head, Sym | Deriv)
        if number is None or head in seen or (stepped and not has_derivative(head)):
            continue
        if later and not stepped and not rate:
            continue
        seen.add(head)
        worth = _worth(example, s, number) if len(found) < MOST else None
        if worth is not None:
            found[id(s)] = worth
        if not stepped:
            example.printed[head] = number
            if worth is not None and not worth.exact:
                example.rounded.add(head)
        key = key_of(meant(verifier, head)) if isinstance(head, Sym) else None
        if key is not None:
            value = Fraction(text_of(number))
            example.units[key] = unit(text_of(number)) if head in example.rounded else 0.0
            example.given[key] = value
            if worth is None or (worth.off != "far" and _holds(example, s, number)):
                example.right[key] = value
            if key[0] not in defined:
                example.inputs[key] = value
    near = sum(w.off == "near" for w in found.values())
    far = sum(w.off == "far" for w in found.values())
    sure = near >= LEAST and near > far
    doubted = far > LEAST and near == 0
    return {i: replace(w, sure=sure, doubted=doubted) for i, w in found.items()}


def _worth(example: _Example, s: Statement, number: Num | Neg) -> Worth | None:
    """The nearest of the values that the last formula with letters has."""
    at = last_lettered(s.chain)
    written = s.chain.members[at]
    told = float(Fraction(text_of(number)))
    own = unit(text_of(number)) + _own_slack(example, s.chain.members[at + 1 :])
    ranked: list[tuple[int, float, float]] = []
    exact = False
    for value, slack in _candidates(example, s, at, written):
        off = abs(value - told)
        room = (own + slack) * (1 + 1e-6)
        from_here = _start(example, written)  # a step is as long as it is, wherever it starts
        size = max(abs(value - from_here), abs(told - from_here))
        far = off > max(FAR * size, 3 * room)
        ranked.append((0 if off <= room else 2 if far else 1, off, value))
        if off <= room:
            exact = off < EXACT and slack == 0
            break
    if not ranked:
        return None
    # Of numbers that are all far, the last follows from no number that is wrong itself.
    rank, _, value = min(ranked) if min(ranked)[0] < len(NEARNESS) - 1 else ranked[-1]
    points = (dict(example.right), dict(example.inputs))
    return Worth(f"{value + 0.0:.5g}", NEARNESS[rank], exact=exact, points=points)


def _holds(example: _Example, s: Statement, number: Num | Neg) -> bool:
    """Whether a number behind several formulas is what the name before them is worth."""
    if last_lettered(s.chain) == 0:
        return True
    head = Chain((s.chain.members[0], number), ("=",))
    worth = _worth(example, replace(s, chain=head, meant=None), number)
    return worth is None or worth.off != "far"


def _start(example: _Example, f: Formula) -> float:
    """The number that a step starts from: that of v in `v - η ∂E/∂v`; 0 for anything else."""
    first = f.terms[0] if isinstance(f, Add) and has_derivative(f) else None
    at = example.printed.get(first) if isinstance(first, Sym) else None
    return float(Fraction(text_of(at))) if at is not None else 0.0


def _candidates(
    example: _Example, s: Statement, at: int, written: Formula
) -> Iterator[tuple[float, float]]:
    """What a formula may be worth, each with its slack."""
    every: dict[Formula, Formula] = {**one_each(example.known), **example.printed}
    forms = example.known.get(written, ()) if isinstance(written, Sym) else (written,)
    if isinstance(written, Sym) and at:  # `∂E/∂c = δ = -0.08`: a name that may have its number
        forms = (*forms, written)
    for body in forms:
        if isinstance(body, Deriv) and body not in every:
            continue
        at_printed = _text_value(body, every)
        if at_printed is not None:
            yield at_printed, _text_slack(example, body, every, at_printed)
    same = s.meant is not None and len(s.meant.members) == len(s.chain.members)
    resolved = s.meant.members[at] if same and s.meant else meant(example.verifier, written)
    number = quantity(example.verifier, s, resolved) if resolved is not None else None
    if number is None:
        return
    own = key_of(resolved)
    tried = [example.given, example.inputs, example.right]
    if example.renewed:
        tried.append({**example.given, **example.renewed})
    for given in tried:
        known = {k: v for k, v in given.items() if k != own}
        value = number.at(known)
        if value is not None:
            yield value, _slack(number.at, value, known, example)


def _text_value(f: Formula, values: Values) -> float | None:
    found = number_of(f, values)
    return None if found is None else float(found)


def _text_slack(example: _Example, f: Formula, every: Values, value: float) -> float:
    """What units of the last digits of the printed numbers amount to."""
    total = 0.0
    for head, number in example.printed.items():
        if head not in example.rounded:
            continue
        moved = Num(str(float(Fraction(text_of(number))) + unit(text_of(number))))
        other = _text_value(f, {**every, head: moved})
        total += abs(other - value) if other is not None else 0.0
    return total


def _slack(
    at: Callable[[Mapping[Key, Fraction]], float | None],
    value: float,
    given: Mapping[Key, Fraction],
    example: _Example,
) -> float:
    total = 0.0
    for key, number in given.items():
        if example.units.get(key):
            other = at({**given, key: number + Fraction(example.units[key])})
            total += abs(other - value) if other is not None else 0.0
    return total


def _own_slack(example: _Example, numeric: tuple[Formula, ...]) -> float:
    """What the rounding of the numbers in a calculation amounts to; numbers that are inputs are exact."""
    if len(numeric) < 2:
        return 0.0
    first = numeric[0]
    exact = {text_of(n).lstrip("-") for h, n in example.printed.items() if h not in example.rounded}
    value, total = number_of(first, {}), 0.0
    rounded = {n for n in first.walk() if isinstance(n, Num) and is_rounded(n)}
    for n in rounded:
        if n.text in exact or value is None:
            continue
        moved = Num(str(float(Fraction(n.text)) + unit(n.text)))
        other = number_of(first, {n: moved})
        total += abs(float(other - value)) if other is not None else 0.0
    return total


def unit(text: str) -> float:
    """A unit of the last printed digit."""
    whole, _, power = text.lower().partition("e")
    digits = len(whole.split(".")[1]) if "." in whole else 0
    return float(10.0 ** (int(power or 0) - digits))


def text_of(f: Formula) -> str:
    """A printed number as it is written."""
    if isinstance(f, Neg):
        return f"-{text_of(f.body)}"
    return f.text if isinstance(f, Num) else ""


def lettered(f: Formula) -> bool:
    """Whether a formula has letters."""
    return any(isinstance(n, Sym) for n in f.walk())


def last_lettered(chain: Chain) -> int:
    """Which member with letters is the last one."""
    return max((i for i, m in enumerate(chain.members) if lettered(m)), default=0)


def printed(chain: Chain) -> Num | Neg | None:
    """The number at the end of a chain of equalities, whose letters all stand before its numbers."""
    last = chain.members[-1]
    bare = last.body if isinstance(last, Neg) else last
    steps = {"<-", ":="} if chain.relations[:1] in (("<-",), (":=",)) else set()
    whole = chain.relations and set(chain.relations) <= {"=", "approx"} | steps
    at = last_lettered(chain)
    return last if whole and isinstance(bare, Num) and all(map(lettered, chain.members[: at + 1])) else None  # type: ignore[return-value]  # fmt: skip


def definitions(verifier: Verifier) -> dict[Sym, tuple[Formula, ...]]:
    """What the document's definitions of names without open indices say, the first of each name."""
    found: dict[Sym, tuple[Formula, ...]] = {}
    sizes: dict[Sym, int] = {}
    for s in verifier.u.statements:
        head, *rest = s.chain.members
        if not isinstance(head, Sym) or s.sort not in ("definition", "cost") or not rest:
            continue
        size = max(
            sum(sizes.get(n, 1) if isinstance(n, Sym) else 1 for n in m.walk()) for m in rest
        )
        if head not in found and size <= LONGEST:
            found[head], sizes[head] = tuple(rest), size
    return found


def one_each(known: Mapping[Sym, tuple[Formula, ...]]) -> dict[Formula, Formula]:
    """The last form of each: the first ones may be derivatives."""
    return {head: forms[-1] for head, forms in known.items()}


__all__ = [
    "ROUND",
    "Worth",
    "definitions",
    "last_lettered",
    "one_each",
    "says_new",
    "text_of",
    "worths",
]
