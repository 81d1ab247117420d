"""The exported NumPy module: its interface, its self-check, its errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symbackprop.errors import SpecError, UnknownName, UnsupportedForm
from symbackprop.export.lambdify import lambdify
from symbackprop.export.source import export_source
from symbackprop.networks import elman, find, generic_mlp, mlp, residual
from symbackprop.networks.builtins import BUILTINS
from symbackprop.numeric.arithmetic import Floats
from symbackprop.numeric.forward import Forward
from symbackprop.system.model import System

from .support import admissible, close, exported, network, target_like, values_for

CONCRETE = [name for name in BUILTINS if name not in ("ufldl-any", "nielsen")]


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)


def test_the_interface(tmp_path: Path) -> None:
    module = exported(mlp([3, 4, 2]), "numpy", tmp_path)
    assert module.SHAPES == {"W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    p = module.init_parameters(seed=7)
    assert {k: v.shape for k, v in p.items()} == module.SHAPES
    again = module.init_parameters(seed=7)
    assert all(np.array_equal(p[k], again[k]) for k in p)
    x, y = np.ones((5, 3)), np.full((5, 2), 0.25)
    value, gradient = module.value_and_grad(p, x, y)
    assert isinstance(value, float)
    assert value == module.cost(p, x, y)
    close(module.gradient(p, x, y), gradient, 0.0)
    flat = module.pack(p)
    assert flat.shape == (4 * 3 + 4 + 2 * 4 + 2,)
    close(module.unpack(flat), p, 0.0)


@pytest.mark.parametrize("name", CONCRETE)
def test_the_file_checks_itself(name: str, tmp_path: Path) -> None:
    path = tmp_path / "grad.py"
    path.write_text(str(export_source(find(name), "numpy")))
    done = run(path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("d_W2 = d_z2.T @ a1", "d_W2 = -(d_z2.T @ a1)"),
        ("d_z1 *= a1", "d_z1 *= z1 + 0.1"),
        ("np.add.reduce(d_z1, 0)", "0.5 * np.add.reduce(d_z1, 0)"),
        ("d_a1 = d_z2 @ W2", "d_a1 = d_z2 @ W2.T"),
    ],
)
def test_a_damaged_file_says_so(right: str, wrong: str, tmp_path: Path) -> None:
    text = str(export_source(mlp([2, 2, 2]), "numpy"))
    assert right in text
    path = tmp_path / "grad.py"
    path.write_text(text.replace(right, wrong))
    assert run(path).returncode == 1


def test_every_group_of_lines_carries_its_equation() -> None:
    text = str(export_source(mlp([2, 2, 2]), "numpy"))
    for equation in (
        "# z1[n,j] = sum(k, W1[j,k]*x[n,k]) + b1[j]",
        "# d.z2[n,j] = a2[n,j] - y[n,j]",
        "# d.W1[j,k] = sum(n, d.z1[n,j]*x[n,k])",
    ):
        assert equation in text
    assert text.isascii()


def test_the_docstring_states_what_it_computes(tmp_path: Path) -> None:
    module = exported(mlp([2, 3, 1], reduction="mean", weight_decay=True), "numpy", tmp_path)
    for word in ("averaged over samples", "(receiver, sender)", "W1", "central", "lambda"):
        assert word in module.__doc__


def test_nothing_of_this_package_is_imported() -> None:
    text = str(export_source(elman(), "numpy"))
    assert "symbackprop" not in text
    assert [line for line in text.splitlines() if line.startswith(("import", "from"))] == [
        "import numpy as np"
    ]


def test_sender_first_is_the_transpose(tmp_path: Path) -> None:
    system = mlp([3, 4, 2])
    one = exported(system, "numpy", tmp_path)
    two = exported(system, "numpy", tmp_path, weights="sender-first")
    assert two.SHAPES["W1"] == (3, 4)
    p, data = values_for(one)
    data[1] = target_like("bce", data[1].shape)
    flipped = {k: (v.T.copy() if k.startswith("W") else v) for k, v in p.items()}
    assert two.cost(flipped, *data) == pytest.approx(one.cost(p, *data), rel=1e-14)
    found = two.gradient(flipped, *data)
    close({k: (v.T if k.startswith("W") else v) for k, v in found.items()}, one.gradient(p, *data))


def test_float32_stays_float32(tmp_path: Path) -> None:
    for system in (mlp([3, 4, 2], "relu", cost="softmax-ce"), elman(), residual()):
        module = exported(system, "numpy", tmp_path, dtype="float32")
        p = module.init_parameters(0)
        _, data = values_for(module, T=3)
        data = [np.abs(d).astype(np.float32) for d in data]
        assert {v.dtype for v in p.values()} == {np.dtype("float32")}
        assert {v.dtype for v in module.gradient(p, *data).values()} == {np.dtype("float32")}


@pytest.mark.parametrize(("hidden", "last", "cost"), admissible())
def test_float32_with_every_activation_and_cost(
    hidden: str, last: str, cost: str, tmp_path: Path
) -> None:
    module = exported(network(hidden, last, cost), "numpy", tmp_path)
    p, data = values_for(module, m=2)
    data[1] = target_like(cost, data[1].shape)
    p, data = {k: v.astype("f4") for k, v in p.items()}, [v.astype("f4") for v in data]
    found = module.gradient(p, *data)
    assert {v.dtype for v in found.values()} == {np.dtype("float32")}
    exact = module.gradient(
        {k: v.astype(float) for k, v in p.items()}, *(d.astype(float) for d in data)
    )
    close(found, exact, 2e-4)


def test_arguments_are_left_as_they_are(tmp_path: Path) -> None:
    """Operations in place write into arrays of their own, never into the caller's."""
    for system in (mlp([3, 4, 2]), mlp([3, 4, 2], "relu", cost="softmax-ce"), elman(), residual()):
        module = exported(system, "numpy", tmp_path)
        p, data = values_for(module, T=3)
        before = [v.copy() for v in (*p.values(), *data)]
        first = module.value_and_grad(p, *data)[1]
        for old, new in zip(before, (*p.values(), *data), strict=True):
            assert np.array_equal(old, new)
        arrays = list(first.values())
        for i, a in enumerate(arrays):
            assert not any(np.shares_memory(a, b) for b in (*arrays[:i], *p.values(), *data))


def test_wrong_shapes_are_named(tmp_path: Path) -> None:
    module = exported(mlp([3, 4, 2]), "numpy", tmp_path)
    p, (x, y) = values_for(module)
    with pytest.raises(ValueError, match=r"'x' has shape \(5, 4\), expected \('m', 3\)"):
        module.cost(p, np.ones((5, 4)), y)
    with pytest.raises(ValueError, match="'y' has shape"):
        module.cost(p, x, y[:4])
    with pytest.raises(ValueError, match=r"'W1' has shape \(3, 4\), not \(4, 3\)"):
        module.gradient({**p, "W1": p["W1"].T}, x, y)
    with pytest.raises(ValueError, match="'b2' is missing"):
        module.gradient({k: v for k, v in p.items() if k != "b2"}, x, y)
    with pytest.raises(TypeError, match="'x' is not an array"):
        module.cost(p, [1, 2, 3], y)
    with pytest.raises(ValueError, match="the vector has shape"):
        module.unpack(np.ones(3))


def test_sizes_beyond_memory_are_said_before_allocating(tmp_path: Path) -> None:
    module = exported(mlp([10**9, 10**9, 2]), "numpy", tmp_path)
    with pytest.raises(MemoryError, match="do not fit into memory"):
        module.init_parameters()


@pytest.mark.parametrize(
    "system",
    [
        mlp([2, 3, 2], "tanh", cost="mse", samples=4, reduction="mean", weight_decay=True),
        generic_mlp("sigmoid", cost="half-sse", reduction="mean", weight_decay=True),
        elman(4, 2, 3, 2),
        residual(),
    ],
    ids=["batch", "generic", "elman", "residual"],
)
def test_lambdify_is_the_same_program(system: System) -> None:
    from symbackprop.numeric.values import example_sizes, example_values

    sizes = example_sizes(system)
    values = example_values(system, sizes, 5)
    f = lambdify(system, sizes)
    value, gradient = f.value_and_grad(values)
    plain = float(Forward(system, sizes).run(values, Floats()).cost())
    assert value == pytest.approx(plain, rel=1e-13)
    assert f.cost(values) == value
    assert set(gradient) == {q.name for q in system.parameters}


def test_lambdify_adds_a_sample_axis_on_demand() -> None:
    system = mlp([2, 3, 1], "tanh", cost="half-sse")
    f = lambdify(system)
    g = np.random.default_rng(0)
    p = {q.name: g.normal(size=[int(a.count) for a in q.axes]) for q in system.parameters}
    x, y = g.normal(size=(4, 2)), g.normal(size=(4, 1))
    together = f.gradient({**p, "x": x, "y": y})
    one_by_one = [f.gradient({**p, "x": a, "y": b}) for a, b in zip(x, y, strict=True)]
    close(together, {k: sum(v[k] for v in one_by_one) for k in together}, 1e-13)
    with pytest.raises(SpecError, match="shape"):
        f.gradient({**p, "x": x.T, "y": y})
    with pytest.raises(SpecError, match="no value is given for y"):
        f.gradient({**p, "x": x})


def test_what_cannot_be_exported_is_refused() -> None:
    with pytest.raises(UnknownName, match="numpyy"):
        export_source(mlp([2, 2]), "numpyy")
    with pytest.raises(UnsupportedForm, match="abstract"):
        export_source(find("nielsen"), "numpy")
    with pytest.raises(SpecError, match="sender"):
        export_source(mlp([2, 2]), "numpy", weights="columns")


def test_source_length_does_not_depend_on_the_widths() -> None:
    small = str(export_source(mlp([2, 2, 2]), "numpy"))
    large = str(export_source(mlp([10**9, 10**9, 10**9]), "numpy"))
    assert len(large.splitlines()) == len(small.splitlines())
