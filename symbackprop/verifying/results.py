"""What verify hands out: a Report of EquationResults and Findings, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from symbackprop.documents.scan import Piece
from symbackprop.judging.verdict import Counterexample, Verdict

WRONG = ("refuted", "ill_formed", "inconsistent", "misprint")
UNREAD = "N505"
"""The code of a finding about a file that could not be read: a mistake in what was given."""


@dataclass(frozen=True, slots=True)
class MemberResult:
    """One member of a chain after the first, with its own verdict."""

    latex: str
    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EquationResult:
    """One piece of mathematics with its verdict.

    line, column        place of the opening delimiter
    source_line, caret  a line of the source and the column in it that the verdict is about
    """

    file: str
    line: int
    column: int
    latex: str
    kind: str
    verdict: str
    members: tuple[MemberResult, ...] = ()
    counterexample: Counterexample | None = None
    code: str = ""
    diagnosis: str = ""
    repair: str = ""
    how: str = ""
    reason: str = ""
    label: str = ""
    source_line: str = ""
    caret: int = 0
    piece: Piece | None = field(default=None, repr=False, compare=False)

    @staticmethod
    def of(
        piece: Piece, kind: str, v: Verdict, members: tuple[MemberResult, ...]
    ) -> EquationResult:
        return EquationResult(
            piece.file, piece.line, piece.column, piece.latex.strip(), kind, v.kind, members,
            v.counterexample, how=v.how, reason=v.reason, label=piece.label, piece=piece,
        )  # fmt: skip

    @property
    def is_wrong(self) -> bool:
        return self.verdict in WRONG

    def json(self) -> dict[str, Any]:
        example = None
        if self.counterexample is not None:
            c = self.counterexample
            example = {
                "values": dict(c.values),
                "left": c.left,
                "right": c.right,
                "sizes": dict(c.sizes),
            }
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "latex": self.latex,
            "kind": self.kind,
            "verdict": self.verdict,
            "members": [{"latex": m.latex, "verdict": m.verdict} for m in self.members],
            "counterexample": example,
            "code": self.code or None,
            "diagnosis": self.diagnosis or self.reason or None,
            "repair": self.repair or None,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about several equations: an order hazard, a root cause, a misprint in passing."""

    code: str
    kind: str
    equations: tuple[tuple[str, int], ...]
    message: str

    def json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "kind": self.kind,
            "equations": [{"file": f, "line": n} for f, n in self.equations],
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts on one or more documents."""

    equations: tuple[EquationResult, ...]
    findings: tuple[Finding, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @staticmethod
    def joined(reports: Sequence[Report]) -> Report:
        profile: dict[str, Any] = {}
        for r in reports:
            profile.update(r.profile)
        return Report(
            tuple(e for r in reports for e in r.equations),
            tuple(f for r in reports for f in r.findings),
            profile,
            sum(r.seconds for r in reports),
        )

    @property
    def counts(self) -> Counter[str]:
        return Counter(e.verdict for e in self.equations)

    @property
    def clean(self) -> bool:
        """No equation is wrong and nothing was found."""
        return not any(e.is_wrong for e in self.equations) and not self.findings

    def has_findings(self, strict: bool = False) -> bool:
        """Whether anything is wrong; with `strict`, what was not understood counts too."""
        return self.exit_code(strict) != 0

    def render(
        self,
        form: str = "text",
        *,
        show_profile: bool = False,
        color: bool = False,
        strict: bool = False,
    ) -> str:
        """The report as 'text', 'json' or 'github'."""
        from symbackprop.verifying.report import render

        return render(self, form, show_profile=show_profile, color=color, strict=strict)

    def exit_code(self, strict: bool = False) -> int:
        """0 clean, 1 findings, 2 where a file could not be read.

        With `strict`, what was not understood is a finding.
        """
        if any(f.code == UNREAD for f in self.findings):
            return 2
        lost = strict and any(e.verdict == "not_understood" for e in self.equations)
        return 0 if self.clean and not lost else 1

    def json(self) -> dict[str, Any]:
        """The fixed JSON form."""
        return {
            "equations": [e.json() for e in self.equations],
            "findings": [f.json() for f in self.findings],
            "profile": dict(self.profile),
            "summary": {"equations": len(self.equations), **dict(sorted(self.counts.items()))},
        }
