"""What index letters run over, for the high-precision values of statements."""

from __future__ import annotations

from judging.oracle import NoValue, Oracle

from symbackprop.formula import tree as t
from symbackprop.system.model import ADJOINT

Env = dict[str, int]

MOST = 8
"""At most about so many values of the free letters are tried."""


def free_letters(
    f: t.Formula, sizes: dict[str, int], bound: frozenset[str] = frozenset()
) -> list[str]:
    """Index letters that nothing binds, in order of appearance."""
    found: dict[str, None] = {}
    if isinstance(f, t.Idx):
        if f.name not in bound and f.name not in sizes:
            found[f.name] = None
    elif isinstance(f, t.Sum | t.Prod):
        for part in (f.lower, f.upper):
            if part is not None:
                found.update(dict.fromkeys(free_letters(part, sizes, bound)))
        found.update(dict.fromkeys(free_letters(f.body, sizes, bound | {f.index.name})))
    else:
        for child in f.children():
            found.update(dict.fromkeys(free_letters(child, sizes, bound)))
    return list(found)


def plain(i: t.Formula) -> tuple[str, int] | None:
    """A letter plus a number."""
    if isinstance(i, t.Idx):
        return i.name, 0
    if isinstance(i, t.Add) and len(i.terms) == 2 and isinstance(i.terms[0], t.Idx):
        last = i.terms[1]
        if isinstance(last, t.Num):
            return i.terms[0].name, int(last.value)
        if isinstance(last, t.Neg) and isinstance(last.body, t.Num):
            return i.terms[0].name, -int(last.body.value)
    return None


def environments(oracle: Oracle, formulas: tuple[t.Formula, ...]) -> list[Env]:
    """All values of the free letters: what all axes on which a letter stands have in common."""
    whole = t.Chain(formulas, ("=",) * (len(formulas) - 1))
    left = free_letters(whole, oracle.sizes)
    envs: list[Env] = [{}]
    while left:
        for letter in left:
            spans = [span(oracle, whole, letter, env) for env in envs]
            if all(s is not None for s in spans):
                envs = [{**e, letter: i} for e, s in zip(envs, spans, strict=True) for i in s or ()]
                left.remove(letter)
                break
        else:
            raise NoValue("a letter without a range")
    return envs[:: max(1, len(envs) // MOST)]


def span(oracle: Oracle, f: t.Formula, letter: str, env: Env) -> range | None:
    low = high = None
    for n in f.walk():
        if not isinstance(n, t.Ref | t.Array):
            continue
        name = n.name.removeprefix(ADJOINT)
        if name not in oracle.system.by_name:
            continue
        for k, i in enumerate(n.indices):
            p = plain(i)
            if p is None or p[0] != letter:
                continue
            try:
                a, b = limits(oracle, name, k, n.indices, env)
            except (NoValue, KeyError, TypeError, ValueError):
                continue
            low = a - p[1] if low is None else max(low, a - p[1])
            high = b - p[1] if high is None else min(high, b - p[1])
    return None if low is None or high is None else range(low, high + 1)


def limits(
    oracle: Oracle, name: str, k: int, indices: tuple[t.Formula, ...], env: Env
) -> tuple[int, int]:
    """The bounds of axis k; the earlier indices only where the bounds ask for them."""
    q = oracle.system.by_name[name]
    asked = q.axes[k].lower.free_symbols | q.axes[k].upper.free_symbols
    head = tuple(
        oracle.index(i, env) if a.index in asked else 0
        for a, i in zip(q.axes[:k], indices, strict=False)
    )
    return oracle.limits(name, head)
