"""verify and judge: verdicts on what other people wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symbackprop.errors import SpecError


def verify(
    source: Path | str | Sequence[Path],
    *,
    network: str | None = None,
    notation: str | None = None,
    budget: float = 2.0,
) -> Any:
    """Judge every equation of a text (a str), a file or folder (a Path), or several.

    Returns a `symbackprop.verifying.results.Report`. Raises FileError for a file that cannot be read.
    """
    from symbackprop.verifying.verify import verify as run

    return run(source, network=network, notation=notation, budget=budget)


def verify_files(
    files: Sequence[str],
    *,
    network: str | None = None,
    notation: str | None = None,
    budget: float = 2.0,
) -> Any:
    """As `verify`, for the names of files and folders of a command line."""
    return verify([Path(f) for f in files], network=network, notation=notation, budget=budget)


def judge(latex: str, network: Any, notation: Any = None) -> Any:
    """The verdict on one formula about a known network.

    network: a name, sizes, a TOML file or a System. notation: default the network's own.
    Raises SpecError if the text holds no statement.
    """
    from symbackprop.formula.latex_reader import read
    from symbackprop.judging.judge import Judge
    from symbackprop.networks import find
    from symbackprop.notation import find as find_notation
    from symbackprop.notation import reading_hints, to_meant
    from symbackprop.notation.slots import rate_name

    system = find(network) if isinstance(network, str) else network
    book = find_notation(notation if notation is not None else system.about.notation or "default")
    book.check_domain(system)
    chains = read(latex, reading_hints(book, system))
    if not chains:
        raise SpecError("no statement was found in the formula")
    judge_ = Judge(system)
    verdicts = [
        judge_.judge(to_meant(chain, book, system), constants=(rate_name(system),))  # type: ignore[arg-type]
        for chain in chains
    ]
    return verdicts[0] if len(verdicts) == 1 else min(verdicts, key=lambda v: v.accepted)


def explain(code: str) -> str:
    """What a finding code means, with an example. Raises UnknownName."""
    from symbackprop.verifying.codes import explain as look_up

    return look_up(code)
