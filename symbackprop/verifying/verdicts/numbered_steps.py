"""Steps of learning in numbers alone: `w11 <- 0.3 - 0.5*(-0.01249) = 0.30625`.

The calculation is judged, and whether it is the step: from the value of the name, the rate and the derivative
that the text printed before. Where one of these is not known, a right calculation proves nothing.
"""

from __future__ import annotations

from fractions import Fraction

from symbackprop.formula.tree import Chain, Deriv, Formula, Grad, Neg, Num, Sym
from symbackprop.judging.verdict import Counterexample, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.numeric import judge_numbers
from symbackprop.verifying.verdicts.verifier import Verifier
from symbackprop.verifying.verdicts.worths import FAR, RATES, lettered, printed, text_of, unit


def judge_step_in_numbers(verifier: Verifier, s: Statement) -> Verdict | None:
    """The verdict on a step whose new value is written in numbers; None for any other one."""
    head, *forms = s.chain.members
    if s.chain.relations[0] not in ("<-", ":=") or not isinstance(head, Sym):
        return None
    if any(lettered(m) for m in forms) or not {*s.chain.relations[1:]} <= {"=", "approx"}:
        return None
    last = forms[-1]
    if not isinstance(last.body if isinstance(last, Neg) else last, Num):
        return None
    if len(forms) > 1:
        calculated = judge_numbers(Chain(tuple(forms), s.chain.relations[1:]), {})
        if calculated is None or calculated.kind != "agrees":
            return calculated
    old = verifier.values.get(head)
    slope = _derivative(verifier, s, head)
    rates = [v for k, v in verifier.values.items() if isinstance(k, Sym) and k.base in RATES]
    if old is None or slope is None or len(set(rates)) != 1:
        return Verdict("not_understood", reason="from what this step starts is not known here")
    new, start, rate, by = (_value(x) for x in (last, old, rates[0], slope))
    if new is None or start is None or rate is None or by is None:
        return Verdict("not_understood", reason="from what this step starts is not known here")
    right = start - rate * by
    room = unit(text_of(last)) + abs(rate) * unit(text_of(slope))
    off = abs(new - right)
    if off <= room * (1 + 1e-6):
        return Verdict("agrees", how="a step by the numbers before")
    shown = (f"{right:.6g}", text_of(last))
    reason = f"by the numbers before the new value is {shown[0]}, not {shown[1]}"
    if off <= max(FAR * abs(right - start), 3 * room):
        return Verdict("not_understood", reason=reason)
    return Verdict("refuted", reason=reason, counterexample=Counterexample((), *shown))


def _value(f: Formula) -> float | None:
    text = text_of(f)
    return float(Fraction(text)) if text else None


def _derivative(verifier: Verifier, s: Statement, by: Sym) -> Formula | None:
    """The number that the text printed for the derivative by this name, the last one before the step."""
    found: Formula | None = None
    for x in verifier.u.statements:
        if x is s:
            break
        head = x.chain.members[0]
        if isinstance(head, Deriv | Grad) and head.by == by:
            found = printed(x.chain) or found
    return found


__all__ = ["judge_step_in_numbers"]
