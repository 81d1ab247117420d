"""Judging a document against a known network in a known notation (`--network`, directives)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from symbackprop.documents.scan import Piece, Scan
from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Chain, Opaque, Sym
from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.assemble import ORDER
from symbackprop.verifying.codes import BY_REPAIR
from symbackprop.verifying.parts import Choice
from symbackprop.verifying.results import EquationResult, MemberResult

if TYPE_CHECKING:
    from symbackprop.formula.hints import Hints
    from symbackprop.judging.judge import Judge
    from symbackprop.notation import Notation
    from symbackprop.system.model import System


@dataclass(frozen=True, slots=True)
class Known:
    """A network of the registry in a notation, ready to judge."""

    system: System
    book: Notation
    judge: Judge
    hints: Hints
    rate: str


def known_network(choice: Choice, budget: float) -> Known:
    """The network that was named. Raises UnknownName, NotationError, with the directive's place."""
    from symbackprop.judging.judge import Judge
    from symbackprop.networks import find
    from symbackprop.networks.builtins import notation_of
    from symbackprop.notation import find as find_notation
    from symbackprop.notation import reading_hints
    from symbackprop.notation.slots import rate_name

    try:
        system = find(choice.network or "chang")
        book = find_notation(choice.notation or notation_of(system.name))
        book.check_domain(system)
    except SymbackpropError as error:
        error.place = error.place or choice.place
        raise
    return Known(
        system, book, Judge(system, budget), reading_hints(book, system), rate_name(system)
    )


def judge_known(document: Scan, pieces: Sequence[Piece], known: Known) -> list[EquationResult]:
    """A result for each of these pieces that says something about the known network."""
    from symbackprop.formula.latex_reader import CONTINUES, read_display

    results: list[EquationResult] = []
    previous = None
    for piece in pieces:
        if piece.problem:
            lost = Verdict("not_understood", reason=piece.problem)
            results.append(replace(EquationResult.of(piece, "claim", lost, ()), code="N501"))
            continue
        try:
            display = read_display(piece.latex, known.hints)
        except (SymbackpropError, RecursionError) as error:
            if any(c in piece.latex for c in "=←"):
                reason = getattr(error, "message", "nested too deeply")
                lost = Verdict("not_understood", reason=reason)
                results.append(replace(EquationResult.of(piece, "claim", lost, ()), code="N501"))
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
            rows.append(_judged(chain, known))
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
    return results


def _judged(chain: Chain, known: Known) -> tuple[Chain, Verdict, str, str, str]:
    from symbackprop.formula.latex_writer import write
    from symbackprop.judging.diagnose import diagnose
    from symbackprop.notation import to_meant, to_written

    book, system, judge, rate = known.book, known.system, known.judge, known.rate

    if any(isinstance(n, Opaque) for n in chain.walk()):
        return chain, Verdict("not_understood", reason="a part was not understood"), "N501", "", ""
    try:
        meant = to_meant(chain, book, system)
        assert isinstance(meant, Chain)
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
