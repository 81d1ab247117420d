"""verify: a verdict for every equation of a document, the wrong ones explained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from symbackprop.documents.scan import Scan, scan, scan_text
from symbackprop.verifying.assemble import assemble
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.results import Report
from symbackprop.verifying.settings import settings_for
from symbackprop.verifying.shown_profile import profile_of
from symbackprop.verifying.sidecar import with_settings
from symbackprop.verifying.understanding.profile import infer
from symbackprop.verifying.understanding.reading import read_all
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
    """Judge every equation of a text (str), a file, a folder or several. Raises FileError."""
    reports = []
    for one in documents(source):
        reports.append(
            verify_scan(one, network=network, notation=notation, budget=budget, sidecar=sidecar)
        )
    return Report.joined(reports)


def documents(source: Path | str | Sequence[Path]) -> list[Scan]:
    """The documents that a source names: a str is the text itself."""
    if isinstance(source, str):
        return [scan_text(source)]
    if isinstance(source, Path):
        source = [source]
    found: list[Scan] = []
    for path in source:
        if path.is_dir():
            inside = sorted(
                p for p in path.rglob("*")
                if p.suffix.lower() in (".md", ".markdown", ".tex", ".ipynb") and p.is_file()
            )  # fmt: skip
            found += [scan(p) for p in inside]
        else:
            found.append(scan(path))
    return found


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
    if settings.network is not None or settings.notation is not None:
        from symbackprop.verifying.known import verify_known

        return verify_known(document, settings, budget, start)
    document = with_settings(document, settings)
    prose = "\n".join(p.before for p in document.pieces)
    profile = infer(document.pieces, prose, settings.functions)
    statements, failed = read_all(document, profile)
    u = understand(document, profile, statements)
    verifier = Verifier(Session(u, budget))
    verdicts = run(verifier)
    results = assemble(document, u, verdicts, failed, verifier)
    shown = {**profile_of(u), **settings.shown()}
    return Report(
        tuple(results), tuple(verifier.findings), {document.name: shown}, time.monotonic() - start
    )
