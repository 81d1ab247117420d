"""What the package does, as functions: the only place where judging meets derivation."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_WHERE = {
    "Derivation": "deriving",
    "derive": "deriving",
    "check_documents": "deriving",
    "gallery": "deriving",
    "network": "deriving",
    "export": "exporting",
    "export_source": "exporting",
    "export_to": "exporting",
    "gradcheck": "exporting",
    "gradcheck_table": "exporting",
    "lambdify": "exporting",
    "listing": "registries",
    "Gradient": "gradients",
    "explain": "judging",
    "judge": "judging",
    "verify": "judging",
    "verify_files": "judging",
}


def __getattr__(name: str) -> Any:
    """Each job is imported when it is asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module 'symbackprop.api' has no attribute '{name}'")
    return getattr(import_module(f"symbackprop.api.{_WHERE[name]}"), name)
