"""Statements in numbers, and letters with numbers put in."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Call, Chain, Formula, Neg, Num, Ref, Sym
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.claims import IF, judge_claim
from symbackprop.verifying.verdicts.function_values import values_of_functions
from symbackprop.verifying.verdicts.numeric import judge_numbers, near
from symbackprop.verifying.verdicts.put_in import at_the_numbers
from symbackprop.verifying.verdicts.verifier import Verifier
from symbackprop.verifying.verdicts.worked_numbers import (
    against_definition,
    definitions,
    of_worth,
    one_each,
    worth_of,
)
from symbackprop.verifying.verdicts.worths import Worth, says_new


def judge_mixed(verifier: Verifier, s: Statement) -> Verdict | None:
    """`n = w x + b = 0.15*0.05 + 0.35 = 0.3575`: letters first, then numbers put in."""
    members = s.chain.members
    numeric = [
        not any(isinstance(n, Sym | Ref | Call) and not _plain_call(n) for n in m.walk())
        and any(isinstance(n, Num) and "." in n.text for n in m.walk())
        for m in members
    ]
    worth = worth_of(verifier, s)
    whole = is_number(members[-1]) and worth is not None and worth.sure and worth.off == "near"
    if s.sort != "update" and whole and not any(numeric):  # `∂L/∂v = ∂L/∂o h = 0`, where h is 0
        general = judge_claim(verifier, s, s.meant) if s.meant is not None else None
        if general is not None and general.kind in ACCEPTED:
            return general
        numeric[-1] = True
    if not any(numeric) or s.sort == "update":
        return None
    letters = [i for i, is_numeric in enumerate(numeric) if not is_numeric]
    if worth is not None and s.meant is not None and letters == list(range(len(letters))):
        return _letters_then_numbers(verifier, s, worth, len(letters))
    verdict = judge_numbers(s.chain, verifier.values)
    head = members[0]
    if (
        isinstance(head, Sym)
        and is_number(members[-1])
        and (verdict is None or verdict.kind != "refuted")
    ):
        verifier.values.setdefault(head, members[-1])
    found: Verdict | None = None
    if len(letters) > 1 and s.meant is not None:
        kept = tuple(s.meant.members[i] for i in letters)
        chain = Chain(kept, ("=",) * (len(kept) - 1))
        found = (
            Verdict("definition", how="introduces a name")
            if s.defines and len(kept) == len(s.defines) + 1
            else judge_claim(verifier, s, chain)
        )
    if verdict is None and found is not None and found.kind in ("proved", "agrees"):
        return _with_numbers(verifier, s.chain, found, letters, numeric)
    if verdict is None or (found is not None and found.kind not in ACCEPTED):
        return found or Verdict("not_understood", reason="a number that could not be calculated")
    if len(letters) == 1:
        verdict = against_definition(verifier, s, verdict)
    own = list(verdict.members)
    for k, i in enumerate(letters[1:]):
        if found is not None:
            own[i - 1] = found.members[k] if k < len(found.members) else found
    return Verdict(verdict.kind, verdict.how, verdict.reason, tuple(own), verdict.counterexample)


def _letters_then_numbers(verifier: Verifier, s: Statement, worth: Worth, size: int) -> Verdict:
    """The verdict on the letters of a chain, on its calculation, and on the number at its end."""
    assert s.meant is not None
    written = s.chain.members
    found = Verdict("agrees", how="by the numbers before, but for rounding")
    if size > 1:
        chain = Chain(s.meant.members[:size], s.meant.relations[: size - 1])
        found = (
            Verdict("definition", how="introduces a name")
            if s.defines and size == len(s.defines) + 1
            else at_the_numbers(verifier, s, chain, judge_claim(verifier, s, chain), worth.points)
        )
    letters = list(found.members) if len(found.members) == size - 1 else [found] * (size - 1)
    if found.kind in ("proved", "agrees") and size > 1 and not worth.doubted:
        worth = replace(worth, sure=True)  # the letters are right: so they were understood
    own = of_worth(worth, s)
    numbers = [own]
    if len(written) - size > 1:
        alone = judge_numbers(Chain(written[size:], s.chain.relations[size:]), {})
        calculated = list(alone.members) if alone is not None else []
        if len(calculated) != len(written) - size - 1:
            calculated = [replace(own, kind="not_understood")] * (len(written) - size - 1)
        numbers = [own, *calculated]
        if own.kind == "refuted" and calculated[-1].kind in ACCEPTED:
            numbers = [*[calculated[-1]] * len(calculated), own]
    head = written[0]
    if isinstance(head, Sym) and own.kind == "agrees":
        verifier.values.setdefault(head, written[-1])
    members = tuple(replace(m, members=()) for m in (*letters, *numbers))
    wrong = next((m for m in members if m.kind in ("refuted", "ill_formed")), None)
    broken = wrong or next((m for m in members if m.kind not in ACCEPTED), None)
    if found.kind not in ACCEPTED and broken is not None and broken.kind == found.kind:
        return replace(found, members=members)
    if broken is not None:
        return replace(broken, members=members)
    return replace(own, members=members)


def _with_numbers(
    verifier: Verifier, chain: Chain, found: Verdict, letters: list[int], numeric: list[bool]
) -> Verdict:
    """The verdict on the letters of a claim, and on the numbers behind them by the text's own values.

    Letters that have no value of their own are worth what the text defines them as. Such a value is
    not rounded where the author may have rounded it, so that only far numbers are called wrong.
    """
    values = {**one_each(definitions(verifier)), **verifier.values}
    kind, reason = found.kind, found.reason
    own: list[Verdict] = []
    for k in range(1, len(chain.members)):
        if not numeric[k]:
            at = letters.index(k) - 1
            own.append(found.members[at] if 0 <= at < len(found.members) else found)
            continue
        pair = Chain((chain.members[letters[-1]], chain.members[k]), ("=",))
        judged = judge_numbers(pair, values)
        if judged is None or (judged.kind == "refuted" and near(pair, values)):
            judged = Verdict("not_understood", reason="a number that could not be calculated")
        if kind in ACCEPTED and judged.kind != "agrees":
            kind, reason = judged.kind, judged.reason
        own.append(replace(judged, members=()))
    broken = next((v for v in own if v.kind == kind), found)
    return Verdict(kind, found.how, reason, tuple(own), broken.counterexample)


def judge_values(verifier: Verifier, s: Statement) -> Verdict:
    """A value, or a calculation in numbers."""
    head = s.chain.members[0]
    if isinstance(head, Sym) and IF.search(s.piece.before) and not s.piece.display:
        return Verdict("definition", how="a supposition")
    if isinstance(head, Sym) and _indicator(s, head):
        return Verdict("definition", how="one of two values")
    verdict = judge_numbers(s.chain, {**verifier.values, **values_of_functions(verifier, s.chain)})
    if isinstance(head, Sym) and verdict is not None and verdict.kind == "refuted":
        verdict = _in_a_new_round(verifier, s, head, verdict)
    if isinstance(head, Sym) and head not in verifier.values:
        number = next((m for m in reversed(s.chain.members) if is_number(m)), s.chain.members[-1])
        if verdict is None or verdict.kind != "refuted":
            verifier.values[head] = number
    if verdict is None and isinstance(head, Sym) and is_number(s.chain.members[-1]):
        verdict = Verdict("definition", how="a value")
    if verdict is not None:
        return against_definition(verifier, s, verdict)
    return Verdict("not_understood", reason="a number that could not be calculated")


def _in_a_new_round(verifier: Verifier, s: Statement, head: Sym, verdict: Verdict) -> Verdict:
    """The verdict on a second value of a name, without its first one if the weights have changed since."""
    statements = verifier.u.statements
    here = next((k for k, x in enumerate(statements) if x is s), 0)
    first = next((k for k, x in enumerate(statements[:here]) if x.chain.members[0] == head), here)
    since = [
        x
        for x in statements[first + 1 : here + 1]
        if x.sort == "update" or says_new(x.piece.before)
    ]
    if head not in verifier.values or not since:
        return verdict
    others = {k: v for k, v in verifier.values.items() if k != head}
    own = judge_numbers(s.chain, others)
    if own is None and is_number(s.chain.members[-1]):
        own = Verdict("definition", how="a new value")
    if own is None or own.kind not in ACCEPTED:
        return verdict
    del verifier.values[head]
    return own


def _indicator(s: Statement, head: Sym) -> bool:
    """`$y_k = 1$ for the right one and $y_k = 0$ otherwise`: a case, and no value of y_k."""
    value = s.chain.members[-1]
    lettered = any(len(t) == 1 and t.isalpha() and t.islower() for t in head.sub)
    return (
        lettered and not s.piece.display and len(s.chain.members) == 2
        and value in (Num("0"), Num("1"))
    )  # fmt: skip


def _plain_call(n: Formula) -> bool:
    return isinstance(n, Call) and n.name in ("exp", "log", "sqrt", "tanh")


def is_number(f: Formula) -> bool:
    return isinstance(f, Num) or (isinstance(f, Neg) and isinstance(f.body, Num))
