"""`export_source`: a system as the source text of a gradient module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from symbackprop.errors import SpecError, UnknownName, UnsupportedForm, printable
from symbackprop.export.c_target import c_source
from symbackprop.export.jax_target import jax_source
from symbackprop.export.lower import lower
from symbackprop.export.numpy_target import numpy_source
from symbackprop.export.program import Program
from symbackprop.export.torch_target import torch_source
from symbackprop.system.model import System

TARGETS: Mapping[str, str] = {
    "numpy": "one Python module, NumPy arrays",
    "jax": "one Python module, JAX arrays, with a custom_vjp",
    "torch": "one Python module, PyTorch tensors, with an autograd.Function",
    "c": "a C99 source file and its header",
}
DTYPES = ("float64", "float32")

_PYTHON: Mapping[str, Callable[[Program, str], str]] = {
    "numpy": numpy_source,
    "jax": jax_source,
    "torch": torch_source,
}


def export_source(
    system: System,
    target: str,
    *,
    weights: str = "receiver-first",
    dtype: str = "float64",
    sizes: Mapping[str, Any] | None = None,
    name: str = "network",
) -> str | dict[str, str]:
    """The module's text; for C a dictionary of two files, `NAME.h` and `NAME.c`.

    sizes   numbers for symbolic sizes: {'T': 5}, {'L': 2, 's': [3, 4, 2]}; sizes that parameters have
            and that are not given get small distinct defaults, the others stay free (samples, time)
    Raises UnknownName, SpecError, UnsupportedForm (no array form, an abstract function), TooLarge.
    """
    if target not in TARGETS:
        raise UnknownName("target", target, TARGETS)
    if dtype not in DTYPES:
        raise UnknownName("number format", dtype, DTYPES)
    if not system.parameters:
        raise UnsupportedForm("the system has no parameters: there is no gradient to export")
    if not (system.inputs or system.targets):
        raise UnsupportedForm("the system has no inputs and no targets: there are no samples")
    if target == "c" and not (name.isidentifier() and name.isascii()):
        raise SpecError(
            f"'{printable(name)}' cannot be the prefix of names in C",
            hint="letters, digits and underscores, not starting with a digit",
        )
    program = lower(system, sizes, weights, by_inputs=target in ("jax", "torch"))
    if target == "c":
        return c_source(program, name, dtype)
    return _PYTHON[target](program, dtype)
