"""Asking the judge: the verdict on a resolved statement at its place."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Array, Chain, Ref, Transpose
from symbackprop.judging.clock import SPENT
from symbackprop.judging.judges import judge_of
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.baseless import (
    baseless,
    other_sample,
    unbound,
    unknown_cost,
    unknown_inner,
)
from symbackprop.verifying.contexts.changes import has_changes, with_changes
from symbackprop.verifying.contexts.context import context_at
from symbackprop.verifying.contexts.cost_in_force import (
    cost_of_errors,
    costs_of,
    default_cost,
    whole_cost,
)
from symbackprop.verifying.contexts.depth import (
    deeper,
    last_layer_named,
    numbered_from_the_last,
)
from symbackprop.verifying.contexts.joined import part_at, substituted
from symbackprop.verifying.contexts.named_arrays import with_entries
from symbackprop.verifying.contexts.no_system import why_none
from symbackprop.verifying.contexts.ones import sized
from symbackprop.verifying.contexts.rates import is_rate
from symbackprop.verifying.contexts.recurring import arities
from symbackprop.verifying.contexts.session import Context, Session, reads_of
from symbackprop.verifying.contexts.sliding import AT_THE_ENDS, at_the_ends, slides, with_zeros
from symbackprop.verifying.contexts.vacuous import REASON as VACUOUS
from symbackprop.verifying.contexts.vacuous import is_vacuous
from symbackprop.verifying.contexts.vectors import (
    entrywise_powers,
    in_time,
    with_identity,
    with_ones,
)
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Statement

NUMBER_TURNED = "the transpose of something that was read as a number"


def turns_a_number(chain: Chain, context: Context) -> bool:
    """`W^T` of an array that the definitions made a number of: whoever writes so means a matrix."""
    table = context.system.by_name
    return any(
        isinstance(n, Transpose)
        and isinstance(n.body, Array)
        and (q := table.get(n.body.name)) is not None
        and len(q.axes) == len(n.body.indices)
        for n in chain.walk()
    )


def ask(
    session: Session,
    s: Statement,
    chain: Chain,
    functions: dict[str, Function],
    replaced: dict[int, Definition] | None = None,
    wanted: str | None = None,
    single: bool = False,
) -> tuple[Verdict, Context | None]:
    """The verdict on a resolved chain at the place of its statement. single: the last layer has one unit."""
    chain = substituted(session, chain)  # type: ignore[assignment]
    if has_changes(chain):
        try:
            chain = with_changes(session, chain)
        except SymbackpropError as error:
            return Verdict("not_understood", reason=error.message or str(error)), None
    costs = costs_of(session, chain)
    default = default_cost(session, s.place, chain)
    needs_cost = any(isinstance(n, Ref | Array) and n.name.startswith("d.") for n in chain.walk())
    cost = (
        costs[0] if costs and (session.letter_of(costs[0]) in COSTS or not needs_cost) else default
    )
    if needs_cost:
        cost = cost_of_errors(session, chain) or cost
    if chain.relations == ("<-",):
        named_costs = costs or (costs_of(session, s.meant) if s.meant is not None else [])
        if named_costs:
            cost = named_costs[0]
        elif reads_of(chain) & set(session.accumulated):
            cost = whole_cost(session) or default
    if wanted is not None:
        cost = wanted
    chain = numbered_from_the_last(session, last_layer_named(session, chain))  # type: ignore[assignment]
    if session.left <= 0:
        return Verdict("not_understood", reason=SPENT), None
    found = context_at(session, s.place, cost, functions, replaced, chain)
    if isinstance(found, str):
        return Verdict("not_understood", reason=why_none(session, chain, found)), None
    if single and found.judge.widths:
        found = replace(found, judge=judge_of(found.system, session.budget, single=True))
    if any(n.name in found.named for n in chain.walk() if isinstance(n, Ref)):
        part = part_at(session, reads_of(chain))
        try:
            chain = with_entries(chain, found.named, arities(session, part, []))  # type: ignore[assignment]
        except SymbackpropError as error:
            return Verdict("not_understood", reason=error.message or str(error)), None
    reason = baseless(session, chain, found)
    if reason:
        return Verdict("not_understood", reason=reason), found
    constants = [
        n.name
        for n in chain.walk()
        if isinstance(n, Ref) and not n.indices and is_rate(session, n.name, found)
    ]
    chain = with_identity(in_time(chain, found), found)  # type: ignore[assignment]
    chain = with_ones(session, entrywise_powers(session, chain, found), found)  # type: ignore[assignment]
    chain = sized(deeper(chain, *found.depth), found)  # type: ignore[assignment]
    free = tuple(dict.fromkeys(constants))
    with found.judge.clock.limited(session.until):
        verdict = found.judge.judge(chain, found.named, constants=free)
    if verdict.kind in ("proved", "agrees") and is_vacuous(chain, found, free):
        verdict = Verdict("not_understood", reason=VACUOUS)
    if verdict.kind in ("proved", "agrees") and turns_a_number(chain, found):
        verdict = Verdict("not_understood", reason=NUMBER_TURNED)
    if verdict.kind == "ill_formed" and verdict.reason.startswith("s["):
        reason = "it speaks of a layer above the last one of the definitions"
        verdict = Verdict("not_understood", reason=reason)
    if verdict.kind == "ill_formed" and slides(found):
        padded = with_zeros(chain, found)
        if padded is not None:
            with found.judge.clock.limited(session.until):
                verdict = found.judge.judge(padded, found.named, constants=free)
        elif at_the_ends(chain):
            verdict = Verdict("not_understood", reason=AT_THE_ENDS)
    if verdict.kind in ("refuted", "ill_formed"):
        other = other_sample(session, chain, found)
        if other:
            verdict = Verdict(
                "not_understood",
                reason=f"{session.shown(other)} is defined nowhere in the document",
            )
        lost = (
            unknown_cost(session, chain, found, verdict)
            or unknown_inner(session, chain, found, verdict)
            or unbound(session, chain, found)
        )
        if lost:
            verdict = Verdict("not_understood", reason=lost)
    session.last_asked[id(verdict)] = (found, chain, free)
    session.kept.append(verdict)
    return verdict, found
