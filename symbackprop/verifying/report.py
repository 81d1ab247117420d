"""Reports as text (source line, caret, colour) and as annotations of GitHub."""

from __future__ import annotations

import json
import unicodedata
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


def render(
    report: Report,
    form: str,
    *,
    show_profile: bool = False,
    color: bool = False,
    strict: bool = False,
) -> str:
    """The report as 'text', 'json' or 'github'; `strict`: what was not understood is an error."""
    if form == "json":
        return json.dumps(report.json(), indent=1, ensure_ascii=False)
    if form == "github":
        return github(report, strict=strict)
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
    parts += undefined(report)
    parts.append(summary(report))
    return "\n".join(parts)


def summary(report: Report) -> str:
    """How many equations there are, verdict by verdict."""
    counts = ", ".join(f"{n} {k.replace('_', ' ')}" for k, n in sorted(report.counts.items()))
    number = len(report.equations)
    return f"{number} equation{'' if number == 1 else 's'}: {counts or 'none'}"


def undefined(report: Report) -> list[str]:
    """For documents whose claims are about what no equation defines: what is missing, what to do."""
    said = []
    for name, profile in report.profile.items():
        lost = profile.get("undefined", ())
        stems = {e.file.partition("#")[0] for e in report.equations if e.code == "N503"}
        if lost and name in stems:
            names = ", ".join(lost[:5]) + (", …" if len(lost) > 5 else "")
            said.append(
                f"{name}: no equation says what {names} {'is' if len(lost) == 1 else 'are'}. If a figure "
                f"does, write it into {_sidecar(name)}, or name the network: --network, or a comment "
                "<!-- symbackprop: network=… -->"
            )
    return said


def _sidecar(name: str) -> str:
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return "NAME.symbackprop.toml" if name.startswith("<") else f"{stem}.symbackprop.toml"


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
    column = e.caret or e.column
    start = max(0, column - 41)
    shown = printable(first[start : start + 110].replace("\t", " "), 120)
    before = first[start : column - 1]
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in before)
    return [f"    {shown}", "    " + " " * (len(before) + wide) + "^"]


def _paint(word: str, colour: str, color: bool) -> str:
    return f"\x1b[{colour}m{word}\x1b[0m" if color else word


def github(report: Report, *, strict: bool = False) -> str:
    """`::error file=…,line=…::…` lines, and the summary for the log.

    A notebook's lines count inside its cells, so its annotations stand at its first line and say where.
    """
    lines = []
    for e in report.equations:
        if e.is_wrong or e.verdict == "not_understood":
            level = "error" if e.verdict in ("refuted", "ill_formed", "inconsistent") else "warning"
            if e.verdict == "not_understood":
                level = "error" if strict else "notice"
            said = e.diagnosis or e.reason or CODES.get(e.code, (e.verdict, ""))[0]
            if e.repair:
                said += f" | true: {e.repair}"
            title = f"{e.verdict} {e.code}".strip()
            lines.append(_annotation(level, e.file, e.line, e.column, title, said))
    for f in report.findings:
        file, line = f.equations[0] if f.equations else ("", 1)
        lines.append(_annotation("error", file, line, 1, f.code, f.message))
    return "\n".join([*lines, summary(report)])


def _annotation(level: str, file: str, line: int, column: int, title: str, said: str) -> str:
    name, _, cell = file.partition("#")
    if cell:
        said = f"{cell.replace('-', ' ')}, line {line}: {said}"
        line = column = 1
    return f"::{level} file={_field(name)},line={line},col={column},title={_field(title)}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
