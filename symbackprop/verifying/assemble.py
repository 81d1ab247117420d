"""One result for each piece of mathematics that says something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from symbackprop.documents.scan import Scan
from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.results import EquationResult, MemberResult
from symbackprop.verifying.sidecar import LEFT_OUT, SIDECAR
from symbackprop.verifying.understanding.statement import Statement, Understanding
from symbackprop.verifying.verdicts.verifier import Verifier

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
"""Worst first: a display's verdict is the worst of its statements."""


def assemble(
    document: Scan,
    u: Understanding,
    verdicts: Mapping[int, Verdict],
    failed: Sequence[tuple[int, str]],
    verifier: Verifier | None = None,
) -> list[EquationResult]:
    """One result for each piece of mathematics that says something."""
    by_piece: dict[int, list[tuple[Statement, Verdict]]] = {}
    index_of: dict[int, int] = {}
    for i, v in verdicts.items():
        s = u.statements[i]
        by_piece.setdefault(s.place, []).append((s, v))
        index_of[id(v)] = i
    reasons = dict(failed)
    results: list[EquationResult] = []
    for number, piece in enumerate(document.pieces):
        if piece.file == SIDECAR or piece.problem == LEFT_OUT:
            continue
        if number in reasons:
            if not piece.problem and not any(c in piece.latex for c in "=←"):
                continue
            results.append(
                EquationResult.of(
                    piece, "claim", Verdict("not_understood", reason=reasons[number]), ()
                )
            )
            continue
        if number not in by_piece:
            continue
        rows = by_piece[number]
        worst = min((v for _, v in rows), key=lambda v: ORDER.index(v.kind))
        members: list[MemberResult] = []
        for family in _families(rows):
            members += _worst_members([_members(s, v) for s, v in family])
        kind = _kind([s.sort for s, _ in rows])
        result = EquationResult.of(piece, kind, worst, tuple(members))
        i = index_of[id(worst)]
        about, line, caret = next(s for s, v in rows if v is worst), piece.line, piece.column
        if piece.exact:
            offset = piece.start + _wrong_place(about, worst)
            line, caret = document.source(piece.file).line_column(offset)
        text = document.source(piece.file).line_text(line)
        result = replace(result, source_line=text, caret=caret)
        if verifier is not None:
            result = explained(verifier, i, result)
        results.append(result)
    return results


def _kind(sorts: list[str]) -> str:
    for sort in ("claim", "update", "cost", "numeric", "definition"):
        if sort in sorts:
            return sort
    return "definition"


def _wrong_place(s: Statement, v: Verdict) -> int:
    """Where in the LaTeX of its piece the verdict's member stands, else where the statement begins."""
    members = s.chain.members
    for member, own in zip(members[1:], v.members, strict=False):
        if own.kind == v.kind and len(members) > 2 and member.span is not None:
            return member.span.start
    first = members[0].span
    if first is not None:
        return first.start
    latex = s.piece.latex
    return len(latex) - len(latex.lstrip())


def _families(
    rows: Sequence[tuple[Statement, Verdict]],
) -> Iterator[list[tuple[Statement, Verdict]]]:
    """The rows of a display; statements that are written as one stand together."""
    for number, found in groupby(enumerate(rows), key=lambda r: r[1][0].family or -r[0] - 1):
        del number
        yield [row for _, row in found]


def _worst_members(found: Sequence[list[MemberResult]]) -> list[MemberResult]:
    """Member by member the worst of several statements that are written as one."""
    return [
        min(same, key=lambda m: ORDER.index(m.verdict)) for same in zip(*found, strict=False)
    ]  # fmt: skip


def _members(s: Statement, v: Verdict) -> list[MemberResult]:
    found = []
    for k, member in enumerate(s.chain.members[1:]):
        own = v.members[k] if k < len(v.members) else v
        text = s.piece.latex
        if member.span is not None:
            dress = _DRESS.search(text[: member.span.start])
            start = dress.start() if dress is not None else member.span.start
            text = text[start : member.span.end]
        found.append(MemberResult(text.strip(), own.kind, own.reason))
    return found


_DRESS = re.compile(r"\\(?:left|[bB]ig{1,2}l?|boldsymbol|bm|mathbf|mathrm)\s*\Z")
"""What belongs to the sign that a member begins with: `\\left(`, `\\boldsymbol\\delta`."""


def explained(verifier: Verifier, i: int, e: EquationResult) -> EquationResult:
    """The result with its code, diagnosis and repair."""
    code = verifier.codes.get(i, "")
    repair = verifier.repairs.get(i, "")
    diagnosis = verifier.diagnoses.get(i, "")
    if e.verdict == "refuted":
        code = code or ("R111" if e.kind == "numeric" else "R101")
        if i in verifier.origins:
            code, diagnosis = "R120", f"inherited: see {verifier.origins[i]}"
    elif e.verdict == "ill_formed":
        code = code or "F101"
    elif e.verdict == "inconsistent":
        code = code or "I101"
    elif e.verdict == "not_understood":
        code = "N503" if "never defined" in e.reason else "N502" if "budget" in e.reason else "N501"
    elif e.verdict == "misprint":
        diagnosis = diagnosis or e.reason
    else:
        code = ""
    example = e.counterexample
    names = verifier.u.resolver.symbols.names
    reason = _ENTRY.sub(lambda m: _shown_name(m[0], names), e.reason)
    if example is not None:
        values = tuple((_shown_name(n, names), v) for n, v in example.values)
        example = replace(example, values=values)
    return replace(
        e, code=code, repair=repair, diagnosis=diagnosis, reason=reason, counterexample=example
    )


_ENTRY = re.compile(r"(?<!\\)\b[A-Za-z]\w*\[[^\[\]]*\]|(?<!\\)\b[A-Za-z]\w*_\w*(?![\w{])")
"""An entry, or a quantity, as the judge names it."""


def _shown_name(name: str, names: Mapping[str, str]) -> str:
    stem, bracket, rest = name.partition("[")
    stem = stem.removesuffix("_start")  # the free values that a recursion starts from
    return names.get(stem, stem) + (bracket + rest if bracket else "")
