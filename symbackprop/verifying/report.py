"""Reports as text (source line, caret, colour) and as annotations of GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from symbackprop.errors import printable
from symbackprop.verifying.codes import CODES

if TYPE_CHECKING:
    from symbackprop.verifying.results import EquationResult, Report

_COLOURS = {
    "proved": "32", "agrees": "32", "definition": "36", "refuted": "31", "ill_formed": "31",
    "inconsistent": "31", "misprint": "33", "not_understood": "35",
}  # fmt: skip
SHOWN_VALUES = 8


def render(report: Report, form: str, *, show_profile: bool = False, color: bool = False) -> str:
    """The report as 'text', 'json' or 'github'."""
    if form == "json":
        return json.dumps(report.json(), indent=1, ensure_ascii=False)
    if form == "github":
        return github(report)
    return text(report, show_profile=show_profile, color=color)


def text(report: Report, *, show_profile: bool = False, color: bool = False) -> str:
    """What a person reads: every finding with its place; the rest is only counted."""
    parts = []
    if show_profile:
        parts.append("profile: " + json.dumps(dict(report.profile), indent=1, ensure_ascii=False))
    for e in report.equations:
        if e.is_wrong or e.verdict == "not_understood":
            parts.append(_equation(e, color))
    for f in report.findings:
        places = ", ".join(f"{file}:{line}" for file, line in f.equations)
        parts.append(f"{_paint(f.kind, '31', color)} [{f.code}] {f.message}\n    {places}")
    counts = ", ".join(f"{n} {k.replace('_', ' ')}" for k, n in sorted(report.counts.items()))
    parts.append(f"{len(report.equations)} equations: {counts or 'none'}")
    return "\n".join(parts)


def _equation(e: EquationResult, color: bool) -> str:
    head = f"{e.file}:{e.line}:{e.column}: {_paint(e.verdict.replace('_', ' '), _COLOURS[e.verdict], color)}"
    if e.code:
        head += f" [{e.code}]"
    if e.diagnosis or e.reason:
        head += f" {e.diagnosis or e.reason}"
    lines = [head, *_source(e)]
    wrong = next((m for m in e.members if m.verdict == e.verdict), None)
    if wrong is not None and len(e.members) > 1:
        lines.append(f"    in: {printable(' '.join(wrong.latex.split()), 120)}")
    c = e.counterexample
    if c is not None:
        shown = ", ".join(f"{n} = {v}" for n, v in c.values[:SHOWN_VALUES])
        more = ", …" if len(c.values) > SHOWN_VALUES else ""
        sizes = "; ".join(f"{n} = {v}" for n, v in c.sizes)
        lines.append(f"    for {shown}{more}{' (' + sizes + ')' if sizes else ''}: {c.left} ≠ {c.right}" if shown
                     else f"    {c.left} ≠ {c.right}")  # fmt: skip
    if e.repair:
        lines.append(f"    true: {e.repair}")
    return "\n".join(lines)


def _source(e: EquationResult) -> list[str]:
    if e.piece is None:
        return []
    first = e.source_line or e.latex.split("\n", 1)[0]
    start = max(0, e.column - 41)
    shown = printable(first[start : start + 110].replace("\t", " "), 120)
    return [f"    {shown}", "    " + " " * (e.column - 1 - start) + "^"]


def _paint(word: str, colour: str, color: bool) -> str:
    return f"\x1b[{colour}m{word}\x1b[0m" if color else word


def github(report: Report) -> str:
    """`::error file=…,line=…::…` lines."""
    lines = []
    for e in report.equations:
        if e.is_wrong or e.verdict == "not_understood":
            level = "error" if e.verdict in ("refuted", "ill_formed", "inconsistent") else "warning"
            if e.verdict == "not_understood":
                level = "notice"
            said = e.diagnosis or e.reason or CODES.get(e.code, (e.verdict, ""))[0]
            if e.repair:
                said += f" | true: {e.repair}"
            title = f"{e.verdict} {e.code}".strip()
            lines.append(
                f"::{level} file={_field(e.file)},line={e.line},col={e.column},title={_field(title)}::{_data(said)}"
            )
    for f in report.findings:
        file, line = f.equations[0] if f.equations else ("", 1)
        lines.append(
            f"::error file={_field(file)},line={line},title={_field(f.code)}::{_data(f.message)}"
        )
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
