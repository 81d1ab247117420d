"""Over which sizes a claim is judged: small samples first, then proofs for all sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from symbackprop.formula import tree as t
from symbackprop.judging.all_sizes import for_all
from symbackprop.judging.clock import SPENT, within
from symbackprop.judging.judge import Outcome, of_problem
from symbackprop.judging.layers import Layers
from symbackprop.judging.memory import statement
from symbackprop.judging.problems import IllFormed, OutOfRange, Problem, Refused
from symbackprop.judging.trials import trial_sizes
from symbackprop.judging.verdict import Verdict

if TYPE_CHECKING:
    from symbackprop.judging.claims import Claim


ALL_SIZES = 0.85
"""This part of the time that is left goes into a proof for all sizes."""
MOST_LAYERS = 12
"""Claims about a layer farther from the ends than this are not looked at."""


def over_sizes(claim: Claim, members: Sequence[t.Formula]) -> list[Verdict]:
    """One verdict for each member after the first."""
    trials = claim.judge.trials
    concrete = trials == [{}]
    first = _verdicts(claim, members, trials, exactly=concrete)
    if concrete:
        return first
    found = []
    for member, screened in zip(members[1:], first, strict=True):
        verdict = screened
        if screened.kind == "agrees" and not screened.reason:
            memory, key = claim.judge.memory, statement(claim, (members[0], member), "all sizes")
            known = memory.get(key)
            verdict = known or memory.keep(
                key, _proved(claim, members[0], member, screened), claim.deadline
            )
        found.append(verdict)
    return found


def _proved(claim: Claim, left: t.Formula, right: t.Formula, screened: Verdict) -> Verdict:
    """The verdict on two members that are equal at samples: for all sizes, else at these."""
    verdict = screened if claim.judge.single else _for_all(claim, left, right, screened)
    if verdict is screened:
        exact = _verdicts(claim, (left, right), claim.judge.trials, exactly=True)[0]
        # Equal at all samples it is where every method ended; a proof that the clock cut short may
        # have become one, so that nothing is said of it but this.
        ended = exact.kind != "not_understood" or exact.reason == SPENT
        verdict = exact if ended else screened
    return verdict


def _for_all(claim: Claim, left: t.Formula, right: t.Formula, screened: Verdict) -> Verdict:
    """For all sizes, within a part of the time: the rest is for a proof at these sizes."""
    until = claim.deadline
    claim.deadline = within(ALL_SIZES * until.left).or_earlier(until)
    try:
        with claim.judge.clock.limited(claim.deadline):
            return for_all(claim, left, right, screened)
    finally:
        claim.deadline = until


def _verdicts(
    claim: Claim, members: Sequence[t.Formula], trials: list[dict[str, int]], exactly: bool
) -> list[Verdict]:
    rounds = _rounds(claim, members, trials, exactly)
    if claim.judge.deep and any(isinstance(o, OutOfRange) for r in rounds for o in r):
        # It may speak of layers that so small a network lacks, such as L-4.
        trials = larger(claim, members, trials)
        rounds = _rounds(claim, members, trials, exactly)
    return [_verdict([r[k] for r in rounds], trials) for k in range(len(members) - 1)]


def _rounds(
    claim: Claim, members: Sequence[t.Formula], trials: list[dict[str, int]], exactly: bool
) -> list[list[Outcome | Problem]]:
    """For each choice of sizes: the outcome for each member after the first."""
    rounds: list[list[Outcome | Problem]] = []
    for sizes in trials:
        try:
            rounds.append(claim.at(claim.judge.court(sizes), members, exactly))
        except Problem as problem:
            rounds.append([problem] * (len(members) - 1))
    return rounds


def larger(
    claim: Claim, members: Sequence[t.Formula], trials: list[dict[str, int]]
) -> list[dict[str, int]]:
    """Trials at depths that have all the layers that the claim singles out."""
    try:
        layers = Layers(claim, members)
    except Refused:
        return trials
    more = layers.ends.low + layers.ends.high + layers.down + layers.up
    if len(claim.judge.deep) != 1:
        return trials  # layers and times, both of any number: which of them the claim singles out is open
    deep = claim.judge.deep[0]
    depth = trials[-1][deep] + min(more, MOST_LAYERS)
    return trial_sizes(claim.judge.names, depth, claim.judge.single)


def _verdict(outcomes: list[Outcome | Problem], trials: list[dict[str, int]]) -> Verdict:
    for o in outcomes:
        if isinstance(o, IllFormed):
            return of_problem(o)
        if isinstance(o, Outcome) and o.kind == "refuted":
            return Verdict("refuted", reason="false at a sample", counterexample=o.counterexample)
    for o in outcomes:
        if isinstance(o, Problem):
            return of_problem(o)
    sound: list[Outcome] = [o for o in outcomes if isinstance(o, Outcome)]
    facts = tuple(dict.fromkeys(f for o in sound if o.proof for f in o.proof.facts))
    if trials == [{}]:
        return _one(sound[0], facts)
    listed = "; ".join(", ".join(f"{k}={v}" for k, v in s.items()) for s in trials)
    exact = all(o.kind == "proved" for o in sound)
    how = ("exact" if exact else "equal at samples") + f" at {listed}"
    reason = next((o.reason for o in sound if o.reason), "")
    return Verdict("agrees", how=how, reason=reason, facts=facts)


def _one(o: Outcome, facts: tuple[str, ...]) -> Verdict:
    if o.kind == "agrees":
        return Verdict("agrees", how=o.reason)
    how = "exact proof"
    if o.proof is not None and o.proof.kinks:
        how += ", except at points without a derivative"
    return Verdict("proved", how=how, reason=o.reason, facts=facts)
