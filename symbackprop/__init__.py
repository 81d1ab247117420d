"""symbackprop: derivations of gradients, written, proved, exported, judged.

    import symbackprop as sb
    net = sb.mlp([2, 2, 2], activation="sigmoid", cost="bce")
    sb.derive(net, notation="chang")

Names are loaded when they are first used, so that importing the package is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "derive": "api",
    "export_source": "api",  # `symbackprop.export` is the package of the targets
    "gradcheck": "api",
    "judge": "api",
    "lambdify": "api",
    "verify": "api",
    "network": "api",
    "Derivation": "api",
    "Activation": "networks.activations",
    "Cost": "networks.costs",
    "Notation": "notation.base",
    "System": "system.model",
    "Quantity": "system.model",
    "Axis": "system.model",
    "Equation": "system.model",
    "mlp": "networks",
    "neuron": "networks",
    "generic_mlp": "networks",
    "elman": "networks",
    "residual": "networks",
    "softmax_regression": "networks",
    "system_from_eqs": "networks",
    "find": "networks",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'symbackprop' has no attribute '{name}'")
    return getattr(import_module(f"symbackprop.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *_WHERE]
