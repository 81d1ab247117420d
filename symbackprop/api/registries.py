"""What there is of each kind, with a word about it: for `symbackprop list`."""

from __future__ import annotations

from collections.abc import Iterable

from symbackprop.errors import UnknownName

KINDS = ("networks", "notations", "activations", "costs", "targets", "repairs", "languages")


def listing(kind: str) -> list[tuple[str, str]]:
    """(name, meaning) of every row of a registry. Raises UnknownName."""
    return list(_rows(kind))


def _rows(kind: str) -> Iterable[tuple[str, str]]:
    match kind:
        case "networks":
            from symbackprop.networks.builtins import BUILTINS

            return [(row.name, f"in the notation '{row.notation}'") for row in BUILTINS.values()]
        case "notations":
            from symbackprop.notation import find, names

            return [(name, find(name).title) for name in names()]
        case "activations":
            from symbackprop.networks.activations import ACTIVATIONS

            return [
                (
                    name,
                    "any differentiable function"
                    if row.expression is None
                    else str(row.expression),
                )
                for name, row in ACTIVATIONS.items()
            ]
        case "costs":
            from symbackprop.networks.costs import COSTS

            return [
                (name, f"{row.over_outputs} over the outputs" if row.over_outputs else "")
                for name, row in COSTS.items()
            ]
        case "targets":
            from symbackprop.export.source import TARGETS

            return list(TARGETS.items())
        case "repairs":
            from symbackprop.judging.repairs import REPAIRS

            return [(row.name, row.meaning) for row in REPAIRS]
        case "languages":
            from symbackprop.documents.templates import languages

            return [(name, "") for name in languages()]
    raise UnknownName("kind", kind, KINDS)
