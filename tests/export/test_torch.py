"""The PyTorch module: plain functions and the autograd.Function."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from symbackprop.export.source import export_source
from symbackprop.networks import elman, mlp, residual
from symbackprop.system.model import System

from .support import close, exported, needs, target_like, values_for

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "system",
    [
        mlp([3, 4, 2], "sigmoid", cost="bce"),
        mlp([3, 4, 2], "silu", cost="softmax-ce", weight_decay=True),
        elman(3, 2, 3, 2),
        residual(),
    ],
    ids=["bce", "softmax-ce", "elman", "residual"],
)
def test_gradcheck(system: System, tmp_path: Path) -> None:
    torch = needs("torch")
    module = exported(system, "torch", tmp_path)
    p, data = values_for(module, m=2)
    cost = "softmax-ce" if "softmax" in system.about.cost else "bce"
    data[-1] = target_like(cost, data[-1].shape)
    tensors = [torch.as_tensor(d) for d in data]
    for tensor in tensors[: len(module.INPUTS)]:
        tensor.requires_grad_()
    leaves = [torch.as_tensor(v).requires_grad_() for v in p.values()]
    assert torch.autograd.gradcheck(module.Cost.apply, (*tensors, *leaves))


def test_differentiable_cost_in_a_larger_computation(tmp_path: Path) -> None:
    torch = needs("torch")
    module = exported(mlp([3, 4, 2]), "torch", tmp_path)
    p, data = values_for(module)
    data[1] = target_like("bce", data[1].shape)
    x, y = (torch.as_tensor(d) for d in data)
    leaves = {k: torch.as_tensor(v).requires_grad_() for k, v in p.items()}
    (3 * module.differentiable_cost(leaves, x, y)).backward()
    found = {k: v.grad.numpy() for k, v in leaves.items()}
    expected = module.gradient(leaves, x, y)
    close(found, {k: 3 * v.numpy() for k, v in expected.items()}, 1e-13)
    assert isinstance(module.value_and_grad(leaves, x, y)[0], float)
    plain = torch.autograd.grad(module.cost(leaves, x, y), list(leaves.values()))
    close(
        dict(zip(leaves, (v.numpy() for v in plain), strict=True)),
        {k: v.numpy() for k, v in expected.items()},
        1e-13,
    )


def test_float32_and_packing(tmp_path: Path) -> None:
    torch = needs("torch")
    system = mlp([3, 4, 2], "leaky-relu", cost="huber")
    module = exported(system, "torch", tmp_path, dtype="float32")
    p = module.init_parameters(0)
    x, y = torch.ones(2, 3), torch.zeros(2, 2)
    assert {v.dtype for v in module.gradient(p, x, y).values()} == {torch.float32}
    assert torch.equal(module.unpack(module.pack(p))["W2"], p["W2"])
    with pytest.raises(ValueError, match="'x' has shape"):
        module.cost(p, x.T, y)


def test_the_file_checks_itself(tmp_path: Path) -> None:
    needs("torch")
    path = tmp_path / "grad.py"
    path.write_text(str(export_source(mlp([2, 3, 2]), "torch")))
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
