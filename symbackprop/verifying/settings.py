"""What a person fixes for a whole document: command line, front matter, NAME.symbackprop.toml.

network = "chang"                       # a known network and its notation, or
notation = "chang"
definitions = ["z' = w_3 a + b_3"]      # what stands only in a figure, in the document's own letters
functions = { sigma = "sigmoid" }       # what a letter is
ignore = ["y = g(x)"]                   # displays that speak of something else
[[scope]]                               # from a line on, other definitions
line = 117
definitions = ["C = …"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symbackprop.documents.scan import Scan
from symbackprop.errors import FileError, Place, SpecError

KNOWN = frozenset({"network", "notation", "definitions", "functions", "ignore", "scope"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Fixed choices for one document.

    scopes   (line, definitions) in force from a line on
    forced   keys that the command line fixes: no directive changes them
    """

    network: str | None = None
    notation: str | None = None
    definitions: tuple[str, ...] = ()
    functions: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    scopes: tuple[tuple[int, tuple[str, ...]], ...] = ()
    forced: frozenset[str] = frozenset()

    def shown(self) -> dict[str, Any]:
        found = {
            "network": self.network, "notation": self.notation, "definitions": list(self.definitions),
            "functions": dict(self.functions), "ignore": list(self.ignore),
        }  # fmt: skip
        return {k: v for k, v in found.items() if v}


def settings_for(
    document: Scan, network: str | None, notation: str | None, sidecar: Path | None
) -> Settings:
    """What holds for the whole document; the command line wins. Raises FileError, SpecError."""
    values: dict[str, Any] = {}
    path = sidecar
    if path is None and not document.name.startswith("<"):
        own = Path(document.name)
        for candidate in (own.with_suffix(".symbackprop.toml"), Path(f"{own}.symbackprop.toml")):
            if candidate.is_file():
                path = candidate
                break
    if path is not None:
        values.update(_load(path))
    values.update({k: v for k, v in document.front_matter if k in ("network", "notation")})
    refuse_file(values.get("network"), path or Path(document.name))
    said = {"network": network, "notation": notation}
    forced = {k: v for k, v in said.items() if v is not None}
    values.update(forced)
    return Settings(
        values.get("network"),
        values.get("notation"),
        tuple(values.get("definitions", ())),
        dict(values.get("functions", {})),
        tuple(values.get("ignore", ())),
        tuple((int(s["line"]), tuple(s.get("definitions", ()))) for s in values.get("scope", ())),
        frozenset(forced),
    )


def refuse_file(network: str | None, where: Path | Place) -> None:
    """A document reads no other file: only the command line names one. Raises SpecError."""
    from symbackprop.networks.builtins import names_file

    if network is not None and names_file(network):
        place = where if isinstance(where, Place) else Place(str(where), 1, 1)
        raise SpecError(
            "a document cannot name a file as its network",
            place=place,
            hint="give it on the command line: --network FILE",
        )


SHAPES = {
    "network": "a text",
    "notation": "a text",
    "definitions": "a list of texts",
    "ignore": "a list of texts",
    "functions": "a table of texts",
    "scope": "tables [[scope]] with a line and definitions",
}


def _check_shapes(found: Mapping[str, Any], path: Path) -> None:
    for key, value in found.items():
        if key in SHAPES and not _fits(SHAPES[key], value):
            raise SpecError(f"{path}: '{key}' must be {SHAPES[key]}")


def _fits(shape: str, value: Any) -> bool:
    if shape == "a text":
        return isinstance(value, str)
    if shape == "a list of texts":
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if shape == "a table of texts":
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    return isinstance(value, list) and all(
        isinstance(v, dict)
        and type(v.get("line")) is int
        and _fits("a list of texts", v.get("definitions", []))
        for v in value
    )


def _load(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{path}: {error}") from None
    _check_shapes(found, path)
    unknown = sorted(set(found) - KNOWN)
    if unknown:
        raise SpecError(
            f"{path}: unknown key '{unknown[0]}'", hint=f"known: {', '.join(sorted(KNOWN))}"
        )
    return found
