"""Loading exported code, and independent forward passes by other libraries."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.export.source import export_source
from symbackprop.networks import mlp
from symbackprop.networks.activations import ACTIVATIONS
from symbackprop.networks.costs import COSTS
from symbackprop.system.model import System

FLAGS = ("-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic")


def needs(library: str) -> Any:
    """The library, or a skip that nobody can overlook."""
    try:
        return importlib.import_module(library)
    except ImportError:
        message = f"{library} is not installed: exported code was NOT compared with it"
        warnings.warn(message, stacklevel=2)
        pytest.skip(message)


def needs_compiler() -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        message = "no C compiler: exported C was NOT compiled"
        warnings.warn(message, stacklevel=2)
        pytest.skip(message)
    return compiler


def load(text: str, folder: Path, name: str = "exported") -> Any:
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exported(system: System, target: str, folder: Path, **options: Any) -> Any:
    return load(str(export_source(system, target, **options)), folder, f"by_{target}")


def values_for(module: Any, seed: int = 0, m: int = 5, **sizes: int) -> tuple[dict, list]:
    """Random parameters and data for an exported module."""
    generator = np.random.default_rng(seed)
    parameters = {
        name: generator.normal(scale=0.7, size=shape) for name, shape in module.SHAPES.items()
    }
    known = {"m": m, **sizes}
    data = []
    for shape in [*module.INPUTS.values(), *module.TARGETS.values()]:
        data.append(generator.normal(size=tuple(known.get(n, n) for n in shape)))
    return parameters, data


def target_like(cost: str, shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    """Targets that the cost admits."""
    generator = np.random.default_rng(seed)
    if cost == "softmax-ce":
        return generator.dirichlet(np.ones(shape[-1]), size=shape[:-1])
    if cost == "hinge":
        return generator.choice([-1.0, 1.0], size=shape)
    if cost in ("bce", "poisson"):
        return generator.uniform(0.1, 0.9, size=shape)
    return generator.normal(size=shape)


def admissible() -> list[tuple[str, str, str]]:
    """(hidden activation, output activation, cost): every activation x cost that is allowed."""
    found = []
    for name in ACTIVATIONS:
        if name == "f":
            continue
        for cost in COSTS:
            for last in (name, "sigmoid"):
                try:
                    network(name, last, cost)
                except SymbackpropError:
                    continue
                found.append((name, last, cost))
                break
    return found


def network(hidden: str, last: str, cost: str, sizes: tuple[int, ...] = (3, 4, 2)) -> System:
    if cost == "softmax-ce":
        return mlp(sizes, hidden, cost=cost)
    return mlp(sizes, hidden, output_activation=last, cost=cost)


class Compiled:
    """Exported C through ctypes, with the interface of the Python modules."""

    def __init__(
        self, system: System, folder: Path, dtype: str = "float64", **options: Any
    ) -> None:
        compiler = needs_compiler()
        files = export_source(system, "c", dtype=dtype, **options)
        assert isinstance(files, dict)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        header = files["network.h"]
        self.workspace = next(
            line for line in header.splitlines() if "#define NETWORK_WORKSPACE" in line
        )
        library = folder / f"network_{dtype}.so"
        subprocess.run(
            [compiler, *FLAGS, "-shared", "-fPIC", "network.c", "-lm", "-o", str(library)],
            cwd=folder,
            check=True,
        )
        self.library = ctypes.CDLL(str(library))
        self.number = np.float64 if dtype == "float64" else np.float32
        self.c_number = ctypes.c_double if dtype == "float64" else ctypes.c_float
        self.library.network_value_and_grad.restype = self.c_number
        self.library.network_cost.restype = self.c_number

    def value_and_grad(self, parameters: dict, data: list, sizes: list[int]) -> tuple[float, dict]:
        flat = np.concatenate([np.ravel(v) for v in parameters.values()]).astype(self.number)
        gradient = np.full_like(flat, np.nan)
        # Generous room with a guard behind it: writing beyond the promised size would show.
        promised = self.room(sizes)
        workspace = np.full(promised + 8, 123.0, self.number)
        arrays = [np.ascontiguousarray(d, self.number) for d in data]
        pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in (flat, *arrays)]
        counts = [ctypes.c_size_t(n) for n in sizes]
        value = self.library.network_value_and_grad(
            *pointers,
            *counts,
            gradient.ctypes.data_as(ctypes.c_void_p),
            workspace.ctypes.data_as(ctypes.c_void_p),
        )
        again = self.library.network_cost(
            *pointers, *counts, workspace.ctypes.data_as(ctypes.c_void_p)
        )
        assert np.all(workspace[promised:] == 123.0), "the workspace macro is too small"
        assert np.isclose(value, again, rtol=1e-6)
        found, start = {}, 0
        for name, array in parameters.items():
            found[name] = gradient[start : start + array.size].reshape(array.shape)
            start += array.size
        return float(value), found

    def room(self, sizes: list[int]) -> int:
        """The workspace macro, computed by hand: products and sums of its arguments."""
        head, body = self.workspace.removeprefix("#define NETWORK_WORKSPACE(").split(")", 1)
        text = body.strip()
        sizes = sizes or [0]  # a macro without arguments
        for name, value in zip(head.split(","), sizes, strict=True):
            text = text.replace(f"({name.strip()})", str(value)) if name.strip() else text
        total = 0
        for term in text.strip("() ").split("+"):
            product = 1
            for factor in term.split("*"):
                product *= int(factor)
            total += product
        return total


def close(found: dict, expected: dict, tolerance: float = 1e-10) -> None:
    """Equal to `tolerance` relative to max(1, |g|), entry by entry."""
    assert set(found) == set(expected)
    for name, value in expected.items():
        value = np.asarray(value)
        error = np.abs(np.asarray(found[name]) - value) / np.maximum(1.0, np.abs(value))
        assert np.all(error <= tolerance), f"{name}: {error.max():.2e}"
