"""Validation of a System at construction."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symbackprop.system.model import System


def check(system: System) -> None:
    """Raise IllFormedSystem or ManyErrors unless the system is well formed."""
