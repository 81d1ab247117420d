"""Doubt about one's own reading: a document in which hardly anything holds was not understood.

Authors err in one equation of six. Where more claims fail, without a small repair that makes them
true, than hold, the failure is the reader's: it is said, and nothing is called wrong.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.verdicts.verifier import Verifier

LEAST = 3
"""So many failures are needed: one or two prove nothing about the reading."""


def doubt(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """Turns refutations without a repair into `not_understood` where too few claims hold."""
    statements = verifier.u.statements
    judged = [i for i in found if statements[i].sort in ("claim", "update", "definition", "cost")]
    held = sum(found[i].kind in ("proved", "agrees", "misprint") for i in judged)
    failed = [i for i in judged if found[i].kind in ("refuted", "ill_formed")]
    lost = [
        i
        for i in failed
        if not verifier.repairs.get(i)
        and not verifier.diagnoses.get(i)
        and i not in verifier.origins
    ]
    if len(lost) < LEAST or len(lost) <= held:
        return
    for i in lost:
        found[i] = replace(
            found[i],
            kind="not_understood",
            reason=f"as it was read, {len(failed)} claims of this document fail and {held} hold: "
            "the reading is in doubt",
            counterexample=None,
            members=tuple(
                replace(m, kind="not_understood", counterexample=None)
                if m.kind in ("refuted", "ill_formed") else m
                for m in found[i].members
            ),
        )  # fmt: skip
        verifier.codes.pop(i, None)
