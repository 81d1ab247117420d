"""TOML files that describe a network: by the options of a builder, or by raw equations.

All mistakes of a file are reported together, each with line, column and a caret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from symbackprop.errors import (
    FileError,
    ManyErrors,
    Place,
    SpecError,
    SymbackpropError,
    UnknownName,
    printable,
)
from symbackprop.system.model import System
from symbackprop.system.toml_places import Path as Key
from symbackprop.system.toml_places import Source, places

MAX_BYTES = 4_000_000
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}\Z", re.ASCII)
_TITLE = re.compile(r"[^\x00-\x1f\x7f\\$`<>|{}\[\]#*_&%~^\"]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class Spec:
    """What a file says: the network, and the notation it asks for ('' if none)."""

    system: System
    notation: str = ""


class Problems:
    """The mistakes found so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.errors: list[SymbackpropError] = []

    def at(self, path: Key, message: str, hint: str = "", value: bool = True) -> None:
        self.errors.append(SpecError(message, place=self.source.at(path, value), hint=hint))

    def unknown(self, path: Key, kind: str, name: str, known: Any, value: bool = True) -> None:
        place = self.source.at(path, value)
        self.errors.append(UnknownName(kind, name, known, place=place))

    def inside(self, path: Key, start: int, end: int, message: str, hint: str = "") -> None:
        place = self.source.inside(path, start, end)
        self.errors.append(SpecError(message, place=place, hint=hint))

    def stop(self) -> None:
        """Raise what there is, in the order of the file."""
        if not self.errors:
            return
        found = {str(e): e for e in self.errors}
        ordered = sorted(
            found.values(), key=lambda e: (e.place.line, e.place.column) if e.place else (0, 0)
        )
        raise ordered[0] if len(ordered) == 1 else ManyErrors(ordered)


def load(path: Path) -> System:
    """The network of the TOML file, with the notation it asks for. Raises FileError, SpecError, ManyErrors."""
    spec = load_spec(path)
    return replace(spec.system, about=replace(spec.system.about, notation=spec.notation))


def load_spec(path: Path) -> Spec:
    """As `load`, with the notation that the file names."""
    shown = printable(str(path), 200)
    try:
        if path.is_dir():
            raise FileError(f"{shown} is a folder", hint="give the path of a TOML file in it")
        if not path.is_file():
            raise FileError(
                f"there is no file {shown}",
                hint="give the path of a TOML file, or `symbackprop list networks`",
            )
        if path.stat().st_size > MAX_BYTES:
            raise FileError(f"{shown} has more than {MAX_BYTES:,} bytes")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise FileError(f"{shown} cannot be read: {error}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(
            f"{shown} is not UTF-8 text (byte {error.start})", hint="save it as UTF-8"
        ) from error
    return parse_spec(text, shown, path.stem)


def place_of(path: Path, key: str) -> Place | None:
    """Where the file gives the value of a top-level key; None where it cannot be told."""
    try:
        source = Source(str(path), path.read_text(encoding="utf-8-sig").replace("\r\n", "\n"))
        source.spots = places(source.text)
        return source.at((key,), True)
    except (OSError, ValueError, KeyError, RecursionError):
        return None


def parse_spec(text: str, file: str = "<spec>", name: str = "network") -> Spec:
    """The network of a TOML text.

    `file` stands in messages; `name` is the network's where the text has none.
    """
    import tomllib

    source = Source(file, text.replace("\r\n", "\n"))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(error, source) from error
    except RecursionError:
        raise SpecError(f"{file}: the tables are nested too deeply") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise SpecError(f"{file}: a number cannot be read: {printable(str(error))}") from error
    try:
        source.spots = places(source.text)
        problems = Problems(source)
        form = _form(data, problems)
        checked = _shape(form, data, problems)
        system = _build(form, checked, name, problems)
    except RecursionError:
        raise SpecError(f"{file}: something is nested too deeply") from None
    return Spec(system, checked.notation or "")


def _syntax(error: Exception, source: Source) -> SpecError:
    message = str(error)
    found = _PLACE.search(message)
    place = source.place(len(source.text.rstrip()))
    if found:
        lines = source.text.split("\n")
        line = min(int(found[1]), len(lines))
        offset = sum(len(x) + 1 for x in lines[: line - 1]) + int(found[2]) - 1
        place = source.place(offset)
        message = message[: found.start()].strip()
    message = message.removesuffix("(at end of document)").strip()
    return SpecError(f"this is not TOML: {printable(message, 200)}", place=place)


def _form(data: Mapping[str, Any], problems: Problems) -> str:
    raw = [k for k in ("system", "axes", "quantities") if k in data]
    if not raw:
        if "sizes" not in data and "depth" not in data and "cost" not in data:
            problems.at((), "this file describes no network", "give sizes, or [system] equations")
        return "builder"
    if "sizes" in data:
        problems.at(
            ("sizes",),
            f"sizes belong to the short form, but there is also [{raw[0]}]",
            "use one form: sizes and options, or axes, quantities and equations",
            value=False,
        )
    return "raw"


def _shape(form: str, data: Mapping[str, Any], problems: Problems) -> Any:
    from pydantic import ValidationError

    from symbackprop.networks.specs import schema

    model = schema.BuilderSpec if form == "builder" else schema.RawSpec
    try:
        return model.model_validate(data)
    except ValidationError as error:
        reported: set[Key] = set()
        only_unknown_keys = True
        items = error.errors(include_url=False, include_context=False)
        paths = [tuple(p for p in item["loc"] if not _is_type(p)) for item in items]
        for item, path in zip(items, paths, strict=True):
            if any(len(p) > len(path) and p[: len(path)] == path for p in paths) and path:
                continue  # of the two forms of a value the one that was meant is reported
            only_unknown_keys &= item["type"] == "extra_forbidden"
            if path in reported:
                continue
            reported.add(path)
            kinds = {i["type"] for i, p in zip(items, paths, strict=True) if p == path}
            _report(
                path,
                {**item, "type": "float_type"} if "float_type" in kinds else item,
                model,
                problems,
            )
        if not only_unknown_keys:
            problems.stop()
    # Without the unknown keys the rest can still be read, and its mistakes be reported too.
    try:
        return model.model_validate(_without(data, reported))
    except ValidationError:
        problems.stop()
        raise


def _without(data: Mapping[str, Any], paths: set[Key], here: Key = ()) -> dict[str, Any]:
    return {
        key: _without(value, paths, (*here, key)) if isinstance(value, dict) else value
        for key, value in data.items()
        if (*here, key) not in paths
    }


def _is_type(part: str | int) -> bool:
    """Whether pydantic put the member of a union into a path: `constrained-str`, `AxisSpec`."""
    return isinstance(part, str) and (
        part in ("str", "int", "float", "bool", "AxisSpec", "constrained-str")
        or "[" in part
        or part.startswith(("function-", "constrained-"))
    )


def _report(path: Key, item: Any, model: Any, problems: Problems) -> None:
    from symbackprop.networks.specs import schema

    key = str(next((p for p in reversed(path) if isinstance(p, str)), ""))
    if item["type"] == "extra_forbidden":
        known = schema.keys(model)
        if path[0] == "quantities":
            known = schema.keys(schema.QuantitySpec)
        elif path[0] == "system":
            known = schema.keys(schema.EquationsSpec)
        elif path[0] == "axes":
            known = schema.keys(schema.AxisSpec)
        problems.unknown(path, "key", key, known, value=False)
    elif item["type"] == "missing":
        problems.at(path, f"the key '{key}' is missing", value=False)
    else:
        words = {
            "string_type": "a text in quotes is expected",
            "int_type": "a whole number is expected",
            "float_type": "a number is expected",
            "bool_type": "true or false is expected",
            "list_type": "a list is expected",
            "dict_type": "a table is expected",
            "model_type": "a table is expected",
        }
        message = words.get(item["type"], item["msg"])
        problems.at(path, f"'{printable(key)}': {message}")


def _build(form: str, checked: Any, name: str, problems: Problems) -> System:
    if checked.name is not None and not _NAME.match(checked.name):
        problems.at(
            ("name",),
            f"'{printable(checked.name)}' cannot be the name of a network",
            "use letters, digits, '-', '_' and '.', at most 80: it names the files too",
        )
    if checked.title is not None:
        if not _TITLE.match(checked.title):
            problems.at(("title",), "a title is one line of plain words, at most 200 characters")
        elif not checked.title.isprintable():
            # Marks of direction and characters without width make a title read as another one.
            hidden = next(c for c in checked.title if not c.isprintable())
            problems.at(
                ("title",), f"the title holds a character that is not seen: U+{ord(hidden):04X}"
            )
    chosen = checked.name or (name if _NAME.match(name) else "network")
    if form == "raw":
        from symbackprop.networks.specs.raw_form import raw_system

        system = raw_system(checked, chosen, problems)
    else:
        from symbackprop.networks.specs.short_form import builder_system

        system = builder_system(checked, chosen, problems)
    problems.stop()
    if checked.title:
        system = replace(system, about=replace(system.about, title=checked.title))
    return system
