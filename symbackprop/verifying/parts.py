"""Which network and notation hold where: a directive holds from its place on, until the next one.

`<!-- symbackprop: network=chang notation=chang -->` (in LaTeX `% symbackprop: …`). What the command
line fixes no directive changes; front matter and sidecar hold for the whole document, before and
under its directives. `network=document` goes back to the document's own definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from symbackprop.documents.scan import Directive, Piece, Scan
from symbackprop.errors import Place, SpecError
from symbackprop.verifying.settings import Settings, refuse_file

OWN = "document"
KEYS = ("network", "notation")


@dataclass(frozen=True, slots=True)
class Choice:
    """The network and notation in force; None for the document's own. `place`: who said so."""

    network: str | None = None
    notation: str | None = None
    place: Place | None = None

    @property
    def is_own(self) -> bool:
        """Whether the document's own definitions are the network."""
        return self.network is None and self.notation is None


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring pieces under one choice."""

    choice: Choice
    pieces: tuple[Piece, ...]

    def shown(self) -> dict[str, object]:
        """The part for the profile: where it begins and what holds there."""
        first = self.pieces[0]
        network = OWN if self.choice.is_own else self.choice.network
        return {"line": first.line, "network": network, "notation": self.choice.notation}


def parts_of(document: Scan, settings: Settings) -> list[Part]:
    """The document in parts, in reading order. Raises SpecError for a directive with an unknown key."""
    base = Choice(settings.network, settings.notation)
    order = {source.name: k for k, source in enumerate(document.sources)}
    coming = [(order.get(d.file, 0), d.start, d) for d in document.directives]
    coming.sort(key=lambda found: found[:2])
    now, rows = base, []
    for piece in document.pieces:
        here = (order.get(piece.file, 0), piece.start)
        while coming and coming[0][:2] <= here:
            now = _after(coming.pop(0)[2], now, base, settings, document)
        rows.append((now, piece))
    for _, _, late in coming:
        _after(late, now, base, settings, document)  # its keys are checked all the same
    return [
        Part(choice, tuple(piece for _, piece in group))
        for choice, group in groupby(rows, key=lambda row: row[0])
    ]


def _after(d: Directive, now: Choice, base: Choice, settings: Settings, document: Scan) -> Choice:
    place = document.source(d.file).place(d.start)
    unknown = next((key for key, _ in d.values if key not in KEYS), None)
    if unknown is not None:
        raise SpecError(
            f"a directive knows no '{unknown}'", place=place, hint="known: network, notation"
        )
    said = {key: value for key, value in d.values if key not in settings.forced}
    refuse_file(said.get("network"), place)
    if not said:
        return now
    network = said.get("network", now.network)
    # A notation is that of a network: another network brings its own.
    notation = said.get("notation", base.notation if "network" in said else now.notation)
    if network == OWN:
        network, notation = None, None
    return Choice(network, notation, place)


__all__ = ["KEYS", "OWN", "Choice", "Part", "parts_of"]
