r"""Claims about one example where the cost sums over all: stochastic steps, `∂J/∂θ_j = (h - y) x_j`.

`J = ½ Σ_i (h^{(i)} - y^{(i)})²` is then read without its sum. For a step that carries the superscript
of an example this is what "stochastic" means; for a claim without any superscript only where the prose
speaks of one example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from symbackprop.formula.tree import Array, Chain, Formula, Idx, Num, Ref, Sum
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.contexts.cost_in_force import costs_of, default_cost
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.samples import sample_pairs
from symbackprop.verifying.understanding.statement import Statement, has_derivative
from symbackprop.verifying.verdicts.verifier import Verifier

ONE = re.compile(
    r"\b(?:one|single|each|per|particular)[\s-]+(?:training[\s-]+)?"
    r"(?:example|sample|case|pattern|instance|point)|stochastic|\bon-?line\b|suppress",
    re.IGNORECASE,
)


def judge_one_example(
    verifier: Verifier, s: Statement, chain: Chain, functions: dict[str, Function]
) -> Verdict | None:
    """The verdict with the cost of one example in place of the sum; None if it does not hold."""
    pairs = sample_pairs(verifier.u.resolver.symbols)
    if not pairs or _sums(chain, set(pairs.values())):
        return None  # what sums over the examples speaks of all of them
    for cost, swap in _readings(verifier, s, chain, pairs):
        changed = chain.rewrite(swap)
        assert isinstance(changed, Chain)
        verdict, _ = ask(
            verifier.session, s, changed, functions, {id(cost[0]): cost[1]}, cost[0].target
        )
        if verdict.kind in ACCEPTED:
            return replace(verdict, how=f"for one example; {verdict.how}")
    return None


def _readings(
    verifier: Verifier, s: Statement, chain: Chain, pairs: dict[str, str]
) -> Iterator[tuple[tuple[Definition, Definition], _Swap]]:
    names = {n.name for n in chain.walk() if isinstance(n, Ref | Array)}
    carries = bool(names & set(pairs.values()))
    prose = "\n".join(p.before for p in verifier.u.scan.pieces)
    if carries and chain.relations != ("<-",):
        return
    if not carries and not (names & set(pairs) and ONE.search(prose)):
        return
    found = costs_of(verifier.session, chain)
    default = default_cost(verifier.session, s.place, chain)
    wanted = found[:1] or ([default] if default else [])
    for d in verifier.u.definitions:
        if wanted and d.target not in wanted and chain.relations != ("<-",):
            continue
        summed = _sum_over_examples(d, set(pairs.values()))
        if summed is None or d.indices or has_derivative(d.rhs):
            continue
        swap = _Swap(pairs, carries, summed)
        yield (d, replace(d, rhs=d.rhs.rewrite(swap))), swap


def _sum_over_examples(d: Definition, names: set[str]) -> Sum | None:
    return next(iter(_sums(d.rhs, names)), None)


def _sums(f: Formula, names: set[str]) -> list[Sum]:
    """The sums over examples in a formula."""
    return [
        n for n in f.walk()
        if isinstance(n, Sum) and any(
            isinstance(x, Ref | Array) and x.name in names and x.indices[:1] == (n.index,)
            for x in n.body.walk()
        )
    ]  # fmt: skip


class _Swap:
    """Leaves the sum out: its quantities at example 1, or without an example."""

    def __init__(self, pairs: dict[str, str], carries: bool, summed: Sum) -> None:
        self.plain = {each: name for name, each in pairs.items()}
        self.carries = carries
        self.summed = summed

    def __call__(self, n: Formula) -> Formula | None:
        if n == self.summed:
            return self.summed.body.rewrite(self)
        if isinstance(n, Idx) and isinstance(self.summed.upper, Idx) and n == self.summed.upper:
            return Num("1")
        if isinstance(n, Ref | Array) and n.name in self.plain and n.indices:
            rest = tuple(i.rewrite(self) for i in n.indices[1:])
            if not isinstance(n.indices[0], Idx):
                return None
            if self.carries:
                return type(n)(n.name, (Num("1"), *rest), span=n.span)
            return type(n)(self.plain[n.name], rest, span=n.span)
        return None
