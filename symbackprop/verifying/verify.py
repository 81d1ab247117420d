"""verify: a verdict for every equation of a document, the wrong ones explained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from symbackprop.documents.scan import Scan, scan, scan_text
from symbackprop.errors import FileError, SymbackpropError
from symbackprop.verifying.assemble import assemble
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.garbage import rarer_collections
from symbackprop.verifying.known import Known, judge_known, known_network
from symbackprop.verifying.parts import Choice, parts_of
from symbackprop.verifying.results import UNREAD, EquationResult, Finding, Report
from symbackprop.verifying.sections import with_sections_alone
from symbackprop.verifying.settings import Settings, settings_for
from symbackprop.verifying.shown_profile import profile_of
from symbackprop.verifying.sidecar import is_ignored, with_settings
from symbackprop.verifying.understanding.profile import infer
from symbackprop.verifying.understanding.reading import read_all, with_layers_below
from symbackprop.verifying.understanding.statement import Understanding
from symbackprop.verifying.understanding.understand import understand
from symbackprop.verifying.verdicts.run import run
from symbackprop.verifying.verdicts.verifier import Verifier


def verify(
    source: Path | str | Sequence[Path],
    *,
    network: str | None = None,
    notation: str | None = None,
    budget: float = 2.0,
    sidecar: Path | None = None,
) -> Report:
    """Judge every equation of a text (str), a file, a folder or several.

    Of several documents each is judged, whatever is wrong with another: what could not be read or
    judged is told in a finding. Raises FileError, SpecError where this is so of all of them.
    """
    reports: list[Report] = []
    refused: list[SymbackpropError] = []
    for one in named(source):
        try:
            found = scan(one) if isinstance(one, Path) else scan_text(one)
            with rarer_collections():
                report = verify_scan(
                    found, network=network, notation=notation, budget=budget, sidecar=sidecar
                )
            reports.append(report)
        except SymbackpropError as error:
            refused.append(error)
            reports.append(_refused(str(one) if isinstance(one, Path) else "<text>", error))
    if refused and len(refused) == len(reports):
        raise refused[-1]
    return Report.joined(reports)


def _refused(name: str, error: SymbackpropError) -> Report:
    """What is told of a document that could not be judged, so that it does not silence the others."""
    line = error.place.line if error.place else 1
    unread = isinstance(error, FileError)
    code, kind = (UNREAD, "file not read") if unread else ("N504", "document not judged")
    return Report((), (Finding(code, kind, ((name, line),), str(error)),), {name: {}}, 0.0)


def named(source: Path | str | Sequence[Path]) -> list[Path | str]:
    """The files that a source names, each once; a str is the text itself."""
    if isinstance(source, str):
        return [source]
    if isinstance(source, Path):
        source = [source]
    found: dict[Path, Path] = {}
    for path in source:
        for one in _inside(path) if path.is_dir() else [path]:
            found.setdefault(one.absolute(), one)
    return list(found.values())


def _inside(folder: Path) -> list[Path]:
    """The documents of a folder, hidden folders left out. Text files are judged only by name."""
    return sorted(
        p for p in folder.rglob("*")
        if p.suffix.lower() in (".md", ".markdown", ".tex", ".ipynb") and p.is_file()
        and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    )  # fmt: skip


def verify_scan(
    document: Scan,
    *,
    network: str | None = None,
    notation: str | None = None,
    budget: float = 2.0,
    sidecar: Path | None = None,
) -> Report:
    """Judge one scanned document."""
    start = time.monotonic()
    settings = settings_for(document, network, notation, sidecar)
    parts = parts_of(document, settings)
    own = [piece for part in parts if part.choice.is_own for piece in part.pieces]
    results: list[EquationResult] = []
    findings: list[Finding] = []
    shown: dict[str, object] = {}
    if own or not parts:
        results, findings, shown = verify_own(
            with_settings(replace(document, pieces=tuple(own)), settings), settings, budget
        )
    networks: dict[tuple[str | None, str | None], Known] = {}
    if not parts and settings.forced:
        known_network(
            Choice(settings.network, settings.notation), budget
        )  # the names are checked all the same
    for part in parts:
        if part.choice.is_own:
            continue
        key = part.choice.network, part.choice.notation
        if key not in networks:
            networks[key] = known_network(part.choice, budget)
        pieces = [piece for piece in part.pieces if not is_ignored(piece, settings)]
        results += judge_known(document, pieces, networks[key])
    if len(parts) > 1:
        order = {id(piece): k for k, piece in enumerate(document.pieces)}
        results.sort(key=lambda e: order.get(id(e.piece), 0))
        shown["parts"] = [part.shown() for part in parts]
    return Report(
        tuple(results),
        tuple(findings),
        {document.name: {**shown, **settings.shown()}},
        time.monotonic() - start,
    )


def verify_own(
    document: Scan, settings: Settings, budget: float
) -> tuple[list[EquationResult], list[Finding], dict[str, object]]:
    """Results, findings and profile of what a document says about its own definitions."""
    results, verifier = _judged(document, settings, budget)

    def alone(section: Scan) -> tuple[list[EquationResult], Understanding]:
        found, own = _judged(section, settings, budget)
        return found, own.u

    results = with_sections_alone(document, verifier.u, results, alone)
    return results, verifier.findings, profile_of(verifier.u)


def _judged(
    document: Scan, settings: Settings, budget: float
) -> tuple[list[EquationResult], Verifier]:
    prose = "\n".join(p.before for p in document.pieces)
    profile = infer(document.pieces, prose, settings.functions)
    profile = with_layers_below(document, profile)
    statements, failed = read_all(document, profile)
    u = understand(document, profile, statements)
    verifier = Verifier(Session(u, budget))
    verdicts = run(verifier)
    return assemble(document, u, verdicts, failed, verifier), verifier
