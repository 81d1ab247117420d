"""export, lambdify, gradcheck: gradients as code and as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from symbackprop.errors import SpecError, TooLarge, UnknownName, UnsupportedForm, printable
from symbackprop.networks import find
from symbackprop.system.model import System

SUFFIXES = {"numpy": ".py", "jax": ".py", "torch": ".py", "c": ".c"}
DTYPES = {"double": "float64", "float": "float32"}


def lambdify(network: System | str, sizes: Mapping[str, Any] | None = None) -> Any:
    """Cost and gradients over NumPy arrays: `.cost(values)`, `.gradient(values)`, `.value_and_grad(values)`."""
    from symbackprop.export.lambdify import lambdify as lower_and_run

    return lower_and_run(find(network) if isinstance(network, str) else network, sizes)


def _sources(
    network: System | str, target: str, weights: str, dtype: str, name: str
) -> str | dict[str, str]:
    from symbackprop.export.source import export_source

    system = find(network) if isinstance(network, str) else network
    return export_source(system, target, weights=weights, dtype=DTYPES.get(dtype, dtype), name=name)


def export(
    network: System | str,
    target: str,
    *,
    weights: str = "receiver-first",
    dtype: str = "float64",
    name: str = "network",
) -> str:
    """The standalone source of a network's gradient; for C header and source one after the other."""
    found = _sources(network, target, weights, dtype, name)
    return found if isinstance(found, str) else "\n".join(found.values())


export_source = export
"""The name at the top of the package."""


def export_to(
    network: System | str,
    target: str,
    file: str | Path,
    *,
    weights: str = "receiver-first",
    dtype: str = "float64",
) -> list[str]:
    """Write the source; the paths written (for C the header too, beside the source)."""
    from symbackprop.files import write_atomically

    path = Path(file)
    if target not in SUFFIXES:
        raise UnknownName("target", target, SUFFIXES)
    if path.suffix != SUFFIXES[target]:
        raise SpecError(
            f"a file for the target {target} ends in {SUFFIXES[target]}, "
            f"not '{printable(path.suffix)}'",
            hint=f"for example -o gradient{SUFFIXES[target]}",
        )
    name = re.sub(r"\W", "_", path.stem, flags=re.ASCII)
    if not name or name[0].isdigit():
        name = f"network_{name}"
    found = _sources(network, target, weights, dtype, name)
    if isinstance(found, str):
        write_atomically(path, found)
        return [str(path)]
    written = []
    for file_name, text in found.items():
        # The header is included by its own name, so both files keep the names of the source.
        place = path.with_name(file_name)
        write_atomically(place, text)
        written.append(str(place))
    return written


def gradcheck(network: System | str, **given: Any) -> Any:
    """Symbolic against independent numeric gradient: a `numeric.gradcheck.Gradcheck`."""
    from symbackprop.export.gradcheck import gradcheck as check

    return check(find(network) if isinstance(network, str) else network, **given)


MOST_CHECKED = 200_000
"""More numbers than this are too many for passes in plain Python."""
WORK = 30_000_000
"""Parameters times derivatives that are checked: some seconds."""


def needs_parameters(system: System) -> None:
    """Raise UnsupportedForm for a system with nothing to learn."""
    if not system.parameters:
        raise UnsupportedForm(
            f"'{system.name}' has no parameter: there is no gradient to derive",
            hint='give what is learned role = "parameter"',
        )


def gradcheck_table(network: System, seed: int = 0) -> tuple[str, float]:
    """The table as text, and the worst error. Raises TooLarge.

    Of a large network fewer derivatives are checked, a random choice: each needs a pass of its own.
    """
    from symbackprop.numeric.values import example_sizes
    from symbackprop.system.shapes import count

    needs_parameters(network)
    numbers = example_sizes(network)
    total = sum(count(q, numbers) for q in network.quantities)
    if total > MOST_CHECKED:
        raise TooLarge(
            f"gradcheck would compute {total:,} numbers one by one; at most {MOST_CHECKED:,} are possible",
            hint="check the same network with smaller sizes: the formulas are the same",
        )
    found = gradcheck(network, seed=seed, largest=min(2000, max(50, WORK // max(total, 1))))
    if not any(isfinite(row.symbolic) for row in found.rows):
        raise UnsupportedForm(
            "no derivative is a number at the values of this example",
            hint="give values at which the cost is a real number: [values] in the network's file",
        )
    width = max([len(row.label) for row in found.rows] + [9])
    lines = [f"{'parameter':{width}}  {'symbolic':>22}  {'numeric':>22}  error / max(1, |g|)"]
    lines += [
        f"{row.label:{width}}  {row.symbolic:22.15g}  {row.numeric:22.15g}  {row.error:.1e}"
        for row in found.rows
    ]
    sizes = ", ".join(f"{k} = {v}" for k, v in found.sizes.items())
    lines.append(
        f"{len(found.rows)} derivatives by {found.method}"
        + (f" at {sizes}" if sizes else "")
        + (f", {found.left_out} more not shown" if found.left_out else "")
        + (f"; tanh stands for {', '.join(found.stand_ins)}" if found.stand_ins else "")
        + f"; worst error {found.worst:.1e}"
    )
    return "\n".join(lines), found.worst
