"""Judges all statements of one document in reading order."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Sym
from symbackprop.judging.problems import Problem, Refused
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.verdicts.accumulators import find_accumulators
from symbackprop.verifying.verdicts.charitable import with_charity
from symbackprop.verifying.verdicts.doubtful import doubt
from symbackprop.verifying.verdicts.hazards import hazards
from symbackprop.verifying.verdicts.origins import find_inherited, find_origins
from symbackprop.verifying.verdicts.repairs import diagnose_all
from symbackprop.verifying.verdicts.row_errors import with_row_errors
from symbackprop.verifying.verdicts.stale import find_stale
from symbackprop.verifying.verdicts.unnamed_errors import find_unnamed_errors
from symbackprop.verifying.verdicts.verifier import Verifier


def run(verifier: Verifier) -> dict[int, Verdict]:
    """The verdict of each statement, by its position in the list."""
    found: dict[int, Verdict] = {}
    verifier.known = known_symbols(verifier)
    find_accumulators(verifier)
    find_unnamed_errors(verifier)
    for i, s in enumerate(verifier.u.statements):
        if s.sort != "remark":
            verifier.session.give(verifier.session.budget)
            try:
                found[i] = with_charity(verifier, s, i)
                if s.lost and found[i].kind in ACCEPTED:
                    found[i] = replace(found[i], kind="not_understood", reason=s.lost)
            except (RecursionError, ValueError, TypeError, LookupError, AttributeError,
                    ArithmeticError, AssertionError, SymbackpropError, Problem, Refused) as error:  # fmt: skip
                # Strangers' text must never end the run; what went wrong is said instead.
                found[i] = Verdict(
                    "not_understood", reason=f"could not be judged ({type(error).__name__})"
                )
            verifier.left[i] = verifier.session.left
    verifier.session.give(max(4.0, 2 * verifier.session.budget))
    with_row_errors(verifier, found)
    find_stale(verifier, found)
    find_origins(verifier, found)
    find_inherited(verifier, found)
    diagnose_all(verifier, found)
    doubt(verifier, found)
    verifier.findings += hazards(verifier.u.statements)
    return found


def known_symbols(verifier: Verifier) -> frozenset[Sym]:
    """Symbols that a definition, a derivative's denominator or an update knows."""
    known: set[Sym] = set()
    for s in verifier.u.statements:
        if s.defines or s.sort in ("update", "function", "numeric", "fact", "shape"):
            known |= {n for n in s.chain.walk() if isinstance(n, Sym)}
    return frozenset(known)
