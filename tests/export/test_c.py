"""Exported C: compiles without a warning, allocates nothing, agrees with the NumPy module."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from symbackprop.errors import SpecError
from symbackprop.export.source import export_source
from symbackprop.networks import find, mlp
from symbackprop.networks.builtins import BUILTINS
from symbackprop.numeric.values import example_sizes

from .support import FLAGS, Compiled, close, exported, needs_compiler, target_like, values_for

CONCRETE = [name for name in BUILTINS if name not in ("ufldl-any", "nielsen")]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CONCRETE)
def test_the_program_checks_itself(name: str, dtype: str, tmp_path: Path) -> None:
    compiler = needs_compiler()
    files = export_source(find(name), "c", dtype=dtype)
    assert isinstance(files, dict)
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    extra = ("-Wdouble-promotion",) if dtype == "float32" else ()
    subprocess.run(
        [compiler, *FLAGS, *extra, "-DNETWORK_MAIN", "network.c", "-lm", "-o", "check"],
        cwd=tmp_path,
        check=True,
    )
    done = subprocess.run(["./check"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    compiler = needs_compiler()
    files = dict(export_source(mlp([2, 2, 2]), "c"))  # type: ignore[arg-type]
    right = "d_W1[j * 2 + k] += "
    assert right in files["network.c"]
    files["network.c"] = files["network.c"].replace(right, "d_W1[j * 2 + k] -= ")
    for file, text in files.items():
        (tmp_path / file).write_text(text)
    subprocess.run(
        [compiler, *FLAGS, "-DNETWORK_MAIN", "network.c", "-lm", "-o", "check"],
        cwd=tmp_path,
        check=True,
    )
    assert (
        subprocess.run(["./check"], cwd=tmp_path, capture_output=True, check=False).returncode == 1
    )


def test_no_allocation_and_no_dependency_but_libm() -> None:
    for name in CONCRETE:
        files = export_source(find(name), "c")
        assert isinstance(files, dict)
        code = files["network.c"].split("#ifdef NETWORK_MAIN")[0]
        includes = {line for line in code.splitlines() if line.startswith("#include")}
        assert includes == {'#include "network.h"', "#include <math.h>"}
        for word in ("malloc", "calloc", "alloca", "static double "):
            assert word not in code


@pytest.mark.parametrize("name", ["elman", "residual", "csdn", "ufldl", "softmax-regression"])
def test_it_agrees_with_the_numpy_module(name: str, tmp_path: Path) -> None:
    system = find(name)
    module = exported(system, "numpy", tmp_path)
    sizes = {"T": 4}
    p, data = values_for(module, m=3, **sizes)
    data[-1] = target_like("softmax-ce", data[-1].shape)
    runtime = [3, 4] if name == "elman" else [3]
    value, gradient = Compiled(system, tmp_path).value_and_grad(p, data, runtime)
    expected = module.value_and_grad(p, *data)
    assert value == pytest.approx(expected[0], rel=1e-13)
    close(gradient, expected[1], 1e-13)
    assert example_sizes(system) is not None


def test_sender_first_and_a_large_batch(tmp_path: Path) -> None:
    system = mlp([3, 5, 2], "tanh", cost="half-sse", reduction="mean")
    module = exported(system, "numpy", tmp_path)
    p, data = values_for(module, m=50)
    found = Compiled(system, tmp_path).value_and_grad(p, data, [50])
    close(found[1], module.gradient(p, *data), 1e-13)
    files = export_source(system, "c", weights="sender-first")
    assert isinstance(files, dict)
    assert "(sender, receiver)" in files["network.h"]


def test_the_workspace_of_a_perceptron_does_not_grow_with_the_samples() -> None:
    files = export_source(mlp([3, 4, 2], reduction="mean"), "c")
    assert isinstance(files, dict)
    line = next(
        x for x in files["network.h"].splitlines() if x.startswith("#define NETWORK_WORKSPACE")
    )
    assert line.split(") ", 1)[1].strip("()").isdigit()


def test_a_prefix_that_c_cannot_have_is_refused() -> None:
    for name in ("2fast", "a-b", "x;y", "ünlaut", ""):
        with pytest.raises(SpecError, match="prefix"):
            export_source(mlp([2, 2]), "c", name=name)
    assert np.isfinite(1.0)


def test_no_samples_at_all(tmp_path: Path) -> None:
    """The cost is then the decay alone, and the gradient that of the decay."""
    system = mlp([2, 3, 1], "tanh", cost="half-sse", weight_decay=True)
    module = exported(system, "numpy", tmp_path)
    p, _ = values_for(module)
    value, gradient = Compiled(system, tmp_path).value_and_grad(
        p, [np.zeros((0, 2)), np.zeros((0, 1))], [0]
    )
    decay = module.lambda_
    assert value == pytest.approx(decay / 2 * sum((p[k] ** 2).sum() for k in ("W1", "W2")))
    close(gradient, {k: decay * v if k[0] == "W" else 0 * v for k, v in p.items()}, 1e-14)
