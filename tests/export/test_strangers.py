"""Exported NumPy, JAX, PyTorch and C against jax.grad and torch.autograd of other people's forward passes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symbackprop.networks import elman, residual, softmax_regression
from symbackprop.system.model import System

from .strangers import Library
from .support import Compiled, admissible, close, exported, needs, network, target_like, values_for

PAIRS = admissible()
SAMPLE = [p for p in PAIRS if p in (("sigmoid", "sigmoid", "bce"), ("relu", "relu", "softmax-ce"))]


def answers(system: System, folder: Path, p: dict, data: list, sizes: list[int]) -> dict[str, Any]:
    """(value, gradient) by every target that can run here."""
    found: dict[str, Any] = {
        "numpy": exported(system, "numpy", folder).value_and_grad(p, *data),
        "c": Compiled(system, folder).value_and_grad(p, data, sizes),
    }
    torch = needs("torch")
    module = exported(system, "torch", folder)
    value, gradient = module.value_and_grad(
        {k: torch.as_tensor(v) for k, v in p.items()}, *(torch.as_tensor(d) for d in data)
    )
    found["torch"] = value, {k: v.numpy() for k, v in gradient.items()}
    jax = needs("jax")
    jax.config.update("jax_enable_x64", True)
    module = exported(system, "jax", folder)
    value, gradient = module.value_and_grad(
        {k: jax.numpy.asarray(v) for k, v in p.items()}, *(jax.numpy.asarray(d) for d in data)
    )
    found["jax"] = float(value), {k: np.asarray(v) for k, v in gradient.items()}
    return found


def check(
    system: System, forward: dict[str, Any], folder: Path, p: dict, data: list, sizes: list[int]
) -> None:
    got = answers(system, folder, p, data, sizes)
    for library, function in forward.items():
        value, gradient = Library(library).value_and_grad(function, p, *data)
        for own_value, own_gradient in got.values():
            assert own_value == pytest.approx(value, rel=1e-10, abs=1e-10)
            close(own_gradient, gradient)


def check_mlp(hidden: str, last: str, cost: str, folder: Path) -> None:
    needs("jax"), needs("torch")
    r = random.Random(f"{hidden} {cost}")
    sizes = tuple(r.randint(2, 5) for _ in range(r.choice([2, 3, 4])))
    m = r.randint(1, 6)
    system = network(hidden, last, cost, sizes)
    p, data = values_for(exported(system, "numpy", folder), m=m, seed=len(hidden))
    p = {k: 0.4 * v for k, v in p.items()}  # exp of exp stays moderate
    data[1] = target_like(cost, (m, sizes[-1]))
    forward = {
        name: (lambda p, x, y, own=own: own.mlp(hidden, last, cost, p, x, y))
        for name, own in ((k, Library(k)) for k in ("jax", "torch"))
    }
    check(system, forward, folder, p, data, [m])


@pytest.mark.slow
@pytest.mark.parametrize(("hidden", "last", "cost"), SAMPLE)
def test_two_common_networks(hidden: str, last: str, cost: str, tmp_path: Path) -> None:
    check_mlp(hidden, last, cost, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("hidden", "last", "cost"), PAIRS)
def test_every_activation_with_every_cost(
    hidden: str, last: str, cost: str, tmp_path: Path
) -> None:
    check_mlp(hidden, last, cost, tmp_path)


def test_there_are_as_many_pairs_as_the_tables_allow() -> None:
    assert len(PAIRS) == 88


@pytest.mark.slow
def test_elman(tmp_path: Path) -> None:
    needs("jax"), needs("torch")
    system = elman("T", 2, 3, 4)
    p, data = values_for(exported(system, "numpy", tmp_path), m=3, T=5)
    data[2] = target_like("softmax-ce", (3, 5, 4))
    forward = {n: Library(n).elman for n in ("jax", "torch")}
    check(system, forward, tmp_path, p, data, [3, 5])


@pytest.mark.slow
def test_residual(tmp_path: Path) -> None:
    needs("jax"), needs("torch")
    system = residual(2, 3, 4)
    p, data = values_for(exported(system, "numpy", tmp_path), m=3)
    forward = {n: Library(n).residual for n in ("jax", "torch")}
    check(system, forward, tmp_path, p, data, [3])


@pytest.mark.slow
def test_softmax_regression(tmp_path: Path) -> None:
    needs("jax"), needs("torch")
    system = softmax_regression(3, 4)
    p, data = values_for(exported(system, "numpy", tmp_path), m=3)
    data[1] = target_like("softmax-ce", (3, 4))
    forward = {
        n: (lambda p, x, y, own=own: own.mlp("identity", "identity", "softmax-ce", p, x, y))
        for n, own in ((k, Library(k)) for k in ("jax", "torch"))
    }
    check(system, forward, tmp_path, p, data, [3])
