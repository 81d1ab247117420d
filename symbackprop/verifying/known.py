"""Judging a document against a known network in a known notation (`--network`, directives)."""

from __future__ import annotations

import time
from typing import Any

from symbackprop.documents.scan import Piece, Scan
from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Chain, Opaque, Sym
from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.codes import BY_REPAIR
from symbackprop.verifying.results import EquationResult, MemberResult, Report
from symbackprop.verifying.settings import Settings

ORDER = (
    "refuted",
    "ill_formed",
    "inconsistent",
    "misprint",
    "not_understood",
    "agrees",
    "proved",
    "definition",
)


def verify_known(document: Scan, settings: Settings, budget: float, start: float) -> Report:
    """A report whose System is the network that was named. Raises UnknownName, NotationError."""
    from dataclasses import replace

    from symbackprop.formula.latex_reader import CONTINUES, read_display
    from symbackprop.judging.judge import Judge
    from symbackprop.networks import find
    from symbackprop.networks.builtins import notation_of
    from symbackprop.notation import find as find_notation
    from symbackprop.notation import reading_hints, to_meant
    from symbackprop.notation.slots import rate_name

    system = find(settings.network or "chang")
    book = find_notation(settings.notation or notation_of(system.name))
    book.check_domain(system)
    hints = reading_hints(book, system)
    judge = Judge(system, budget)
    results: list[EquationResult] = []
    previous = None
    for piece in document.pieces:
        if piece.problem:
            results.append(
                EquationResult.of(
                    piece, "claim", Verdict("not_understood", reason=piece.problem), ()
                )
            )
            continue
        try:
            display = read_display(piece.latex, hints)
        except (SymbackpropError, RecursionError) as error:
            if any(c in piece.latex for c in "=←"):
                reason = getattr(error, "message", "nested too deeply")
                results.append(
                    EquationResult.of(piece, "claim", Verdict("not_understood", reason=reason), ())
                )
            continue
        rows: list[tuple[Chain, Verdict, str, str, str]] = []
        for s in display.statements:
            chain = s.chain
            if s.condition or not chain.relations:
                continue
            if chain.members[0] == CONTINUES:
                if previous is None:
                    continue
                chain = Chain((previous, *chain.members[1:]), chain.relations)
            previous = chain.members[0]
            rows.append(_judged(chain, book, system, judge, to_meant, rate_name(system)))
        if not rows:
            continue
        worst = min(rows, key=lambda r: ORDER.index(r[1].kind))
        members = tuple(m for r in rows for m in _members(piece, r[0], r[1]))
        kind = "update" if "<-" in worst[0].relations else "claim"
        made = EquationResult.of(piece, kind, worst[1], members)
        source = document.source(piece.file).line_text(piece.line)
        results.append(
            replace(made, code=worst[2], diagnosis=worst[3], repair=worst[4], source_line=source)
        )
    return Report(tuple(results), (), {document.name: settings.shown()}, time.monotonic() - start)


def _judged(
    chain: Chain, book: Any, system: Any, judge: Any, to_meant: Any, rate: str
) -> tuple[Chain, Verdict, str, str, str]:
    from symbackprop.formula.latex_writer import write
    from symbackprop.judging.diagnose import diagnose
    from symbackprop.notation import to_written

    if any(isinstance(n, Opaque) for n in chain.walk()):
        return chain, Verdict("not_understood", reason="a part was not understood"), "N501", "", ""
    try:
        meant = to_meant(chain, book, system)
        lost = next((n for n in meant.walk() if isinstance(n, Sym)), None)
        if lost is not None:
            reason = f"the symbol {lost.base} stands for nothing in this network"
            return chain, Verdict("not_understood", reason=reason), "F102", "", ""
        verdict = judge.judge(meant, constants=(rate,))
    except (SymbackpropError, RecursionError, ValueError, TypeError, LookupError) as error:
        reason = getattr(error, "message", type(error).__name__)
        return chain, Verdict("not_understood", reason=reason), "N501", "", ""
    if verdict.accepted or verdict.kind == "not_understood":
        return chain, verdict, "" if verdict.accepted else "N501", "", ""
    try:
        repair = diagnose(meant, judge, verdict, constants=(rate,))
        if repair is not None:
            shown = write(to_written(repair.after, book, system), inline=True)
            return (
                chain,
                verdict,
                BY_REPAIR.get(repair.code.split("+")[0], "R101"),
                repair.meaning,
                shown,
            )
    except (SymbackpropError, RecursionError, ValueError, TypeError, LookupError, AttributeError):
        pass
    return chain, verdict, "R101" if verdict.kind == "refuted" else "F101", "", ""


def _members(piece: Piece, chain: Chain, v: Verdict) -> list[MemberResult]:
    found = []
    for k, member in enumerate(chain.members[1:]):
        own = v.members[k] if k < len(v.members) else v
        text = piece.latex[member.span.start : member.span.end] if member.span else piece.latex
        found.append(MemberResult(text.strip(), own.kind, own.reason))
    return found
