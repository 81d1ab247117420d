"""Forward passes written for JAX or PyTorch by hand: no line of this package takes part."""

from __future__ import annotations

from typing import Any

import numpy as np


class Library:
    """The few functions by which the two libraries differ."""

    def __init__(self, name: str) -> None:
        if name == "jax":
            import jax
            import jax.numpy as jnp

            jax.config.update("jax_enable_x64", True)
            self.np: Any = jnp
            self.where = jnp.where
            self.softplus = jax.nn.softplus
            self.sigmoid = jax.nn.sigmoid
            self.log_softmax = lambda z: jax.nn.log_softmax(z, axis=-1)
            self.array = jnp.asarray
        else:
            import torch

            self.np = torch
            self.where = torch.where
            self.softplus = lambda z: torch.log1p(torch.exp(z))
            self.sigmoid = torch.sigmoid
            self.log_softmax = lambda z: torch.log_softmax(z, dim=-1)
            self.array = torch.as_tensor
        self.name = name

    def activation(self, name: str, z: Any) -> Any:
        n = self.np
        if name == "identity":
            return z
        if name == "sigmoid":
            return self.sigmoid(z)
        if name in ("tanh", "sin", "exp"):
            return getattr(n, name)(z)
        if name == "relu":
            return self.where(z > 0, z, 0.0 * z)
        if name == "leaky-relu":
            return self.where(z > 0, z, 0.01 * z)
        if name == "elu":
            return self.where(z > 0, z, n.exp(z) - 1.0)
        if name == "softplus":
            return self.softplus(z)
        if name == "silu":
            return z * self.sigmoid(z)
        if name == "gelu-tanh":
            return 0.5 * z * (1.0 + n.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))
        raise AssertionError(name)

    def cost(self, name: str, z: Any, a: Any, y: Any) -> Any:
        """Summed over samples; over outputs as the row of that cost says."""
        n, gap = self.np, a - y
        outputs = y.shape[-1]
        if name == "half-sse":
            return 0.5 * (gap**2).sum()
        if name == "mse":
            return (gap**2).sum() / outputs
        if name == "bce":
            return -(y * n.log(a) + (1 - y) * n.log(1 - a)).sum()
        if name == "softmax-ce":
            return -(y * self.log_softmax(z)).sum()
        if name == "mae":
            return n.abs(gap).sum() / outputs
        if name == "huber":
            return self.where(n.abs(gap) <= 1.0, 0.5 * gap**2, n.abs(gap) - 0.5).sum()
        if name == "hinge":
            return self.where(y * a < 1.0, 1.0 - y * a, 0.0 * a).sum()
        if name == "poisson":
            return (a - y * n.log(a)).sum()
        raise AssertionError(name)

    def mlp(self, hidden: str, last: str, cost: str, p: dict, x: Any, y: Any) -> Any:
        depth = len([k for k in p if k.startswith("W")])
        a = x
        for layer in range(1, depth + 1):
            z = a @ p[f"W{layer}"].T + p[f"b{layer}"]
            a = self.activation(last if layer == depth else hidden, z)
        return self.cost(cost, z, a, y)

    def elman(self, p: dict, x: Any, h0: Any, y: Any) -> Any:
        h, total = h0, 0.0
        for t in range(x.shape[1]):
            h = self.np.tanh(x[:, t] @ p["W"].T + h @ p["U"].T + p["b"])
            total = total - (y[:, t] * self.log_softmax(h @ p["V"].T + p["c"])).sum()
        return total

    def residual(self, p: dict, x: Any, y: Any) -> Any:
        a1 = self.np.tanh(x @ p["W1"].T + p["b1"])
        a2 = self.np.tanh(a1 @ p["W2"].T + p["b2"])
        return 0.5 * ((a1 + a2 @ p["W3"].T + p["b3"] - y) ** 2).sum()

    def value_and_grad(self, forward: Any, p: dict, *data: Any) -> tuple[float, dict]:
        """The library's own differentiation of `forward(p, *data)`."""
        data = tuple(self.array(d) for d in data)
        if self.name == "jax":
            import jax

            value, found = jax.value_and_grad(forward)(
                {k: self.array(v) for k, v in p.items()}, *data
            )
            return float(value), {k: np.asarray(v) for k, v in found.items()}
        import torch

        leaves = {k: torch.as_tensor(v).clone().requires_grad_() for k, v in p.items()}
        value = forward(leaves, *data)
        found = torch.autograd.grad(value, list(leaves.values()))
        return value.item(), {k: v.numpy() for k, v in zip(leaves, found, strict=True)}
