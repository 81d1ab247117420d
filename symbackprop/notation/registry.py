"""The notations that come with the package: one module each, its `NOTATION`s found by `find`.

A module is loaded when its notation is asked for, because making a notation checks it.
"""

from __future__ import annotations

from importlib import import_module

from symbackprop.errors import UnknownName
from symbackprop.notation.base import Notation

_WHERE = {
    "chang": ("chang", "NOTATION"),
    "chang-neuron": ("chang", "NEURON_NOTATION"),
    "ufldl": ("ufldl", "NOTATION"),
    "lee": ("lee", "NOTATION"),
    "nielsen": ("nielsen", "NOTATION"),
    "csdn": ("csdn", "NOTATION"),
    "default": ("default", "NOTATION"),
}


def find(name: str | Notation) -> Notation:
    """The notation of that name (a Notation is itself). Raises UnknownName with the nearest
    names."""
    if isinstance(name, Notation):
        return name
    if name not in _WHERE:
        raise UnknownName("notation", name, _WHERE)
    module, attribute = _WHERE[name]
    found = getattr(import_module(f"symbackprop.notation.{module}"), attribute)
    assert isinstance(found, Notation)
    return found


def names() -> tuple[str, ...]:
    """The names that `find` knows."""
    return tuple(_WHERE)
