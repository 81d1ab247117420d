"""The JAX module under jit, vmap, grad, and over a mesh of devices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symbackprop.export.source import export_source
from symbackprop.networks import elman, mlp

from .support import close, exported, needs, target_like, values_for

pytestmark = pytest.mark.slow


@pytest.fixture
def classifier(tmp_path: Path) -> tuple[Any, Any, dict, list]:
    jax = needs("jax")
    jax.config.update("jax_enable_x64", True)
    module = exported(mlp([3, 4, 2], "tanh", cost="softmax-ce"), "jax", tmp_path)
    p, data = values_for(module, m=6)
    data[1] = target_like("softmax-ce", (6, 2))
    return (
        jax,
        module,
        {k: jax.numpy.asarray(v) for k, v in p.items()},
        [*map(jax.numpy.asarray, data)],
    )


def plain(jax: Any, p: dict, x: Any, y: Any) -> Any:
    a = jax.numpy.tanh(x @ p["W1"].T + p["b1"])
    return -(y * jax.nn.log_softmax(a @ p["W2"].T + p["b2"])).sum()


def test_grad_of_cost_is_the_derived_gradient(classifier: Any) -> None:
    jax, module, p, data = classifier
    close(jax.grad(module.cost)(p, *data), module.gradient(p, *data), 1e-14)
    scaled = jax.grad(lambda p: 3.0 * module.cost(p, *data) ** 2)(p)
    expected = jax.grad(lambda p: 3.0 * plain(jax, p, *data) ** 2)(p)
    close(scaled, expected)


def test_derivatives_by_the_inputs_are_right_too(classifier: Any) -> None:
    jax, module, p, (x, y) = classifier
    found = jax.grad(module.cost, argnums=1)(p, x, y)
    np.testing.assert_allclose(found, jax.grad(lambda x: plain(jax, p, x, y))(x), atol=1e-12)


def test_jit_and_vmap(classifier: Any) -> None:
    jax, module, p, (x, y) = classifier
    close(jax.jit(module.gradient)(p, x, y), module.gradient(p, x, y), 1e-13)
    one = jax.vmap(lambda a, b: jax.grad(module.cost)(p, a[None], b[None]))(x, y)
    close({k: v.sum(axis=0) for k, v in one.items()}, module.gradient(p, x, y), 1e-13)


def test_second_order(classifier: Any) -> None:
    """The Hessian by differentiating the derived gradient; the docstring says how."""
    jax, module, p, data = classifier
    expected = jax.hessian(lambda p: plain(jax, p, *data))(p)
    found = jax.jacfwd(module.gradient)(p, *data)
    again = jax.hessian(module.cost)(p, *data)
    third = jax.jacrev(jax.grad(module.cost))(p, *data)
    for a in p:
        close(found[a], expected[a])
        close(again[a], expected[a])
        close(third[a], expected[a])
    with pytest.raises(TypeError):
        jax.jvp(lambda p: module.cost(p, *data), (p,), (p,))
    assert "Second order" in module.__doc__


def test_float32_and_recurrence(tmp_path: Path) -> None:
    jax = needs("jax")
    module = exported(elman("T", 2, 3, 2), "jax", tmp_path)
    p = {k: jax.numpy.asarray(v, "float32") for k, v in module.init_parameters(1).items()}
    _, data = values_for(module, T=4)
    data = [jax.numpy.asarray(d, "float32") for d in data]
    assert {str(v.dtype) for v in jax.jit(module.gradient)(p, *data).values()} == {"float32"}


MESH = """
import sys
import jax, numpy as np
jax.config.update("jax_enable_x64", True)
from jax.sharding import Mesh, NamedSharding, PartitionSpec
sys.path.insert(0, sys.argv[1])
import grad
assert len(jax.devices()) == 8
p = grad.init_parameters(3)
g = np.random.default_rng(0)
x, y = g.normal(size=(64, 5)), np.eye(3)[g.integers(0, 3, 64)]
value, single = grad.value_and_grad(p, jax.numpy.asarray(x), jax.numpy.asarray(y))
mesh = Mesh(np.array(jax.devices()), ("samples",))
rows = NamedSharding(mesh, PartitionSpec("samples"))
everywhere = NamedSharding(mesh, PartitionSpec())
px = jax.device_put(p, everywhere)
sx, sy = jax.device_put(x, rows), jax.device_put(y, rows)
assert len(sx.sharding.device_set) == 8
for f in (jax.jit(grad.value_and_grad), jax.jit(jax.value_and_grad(grad.cost))):
    found_value, found = f(px, sx, sy)
    worst = abs(found_value - value) / max(1.0, abs(value))
    for k in single:
        gap = np.abs(np.asarray(found[k]) - np.asarray(single[k]))
        worst = max(worst, float((gap / np.maximum(1.0, np.abs(single[k]))).max()))
    assert worst <= 1e-12, worst
    text = f.lower(px, sx, sy).compile().as_text()
    assert "all-reduce" in text
print("worst", worst)
"""


def test_eight_devices_along_the_samples(tmp_path: Path) -> None:
    needs("jax")
    system = mlp([5, 7, 3], "tanh", cost="softmax-ce", reduction="mean")
    (tmp_path / "grad.py").write_text(str(export_source(system, "jax")))
    (tmp_path / "mesh.py").write_text(MESH)
    flags = "--xla_force_host_platform_device_count=8"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "mesh.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "worst" in done.stdout


def test_the_file_checks_itself(tmp_path: Path) -> None:
    needs("jax")
    path = tmp_path / "grad.py"
    path.write_text(str(export_source(mlp([2, 3, 2]), "jax")))
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(path.read_text().replace("d_z2 @ W2", "-d_z2 @ W2"))
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
