"""What the package does, as functions: the only place where judging meets derivation."""

from __future__ import annotations

from symbackprop.api.deriving import Derivation, derive, gallery, network

__all__ = ["Derivation", "derive", "gallery", "network"]
