"""The [values] of a spec: numbers for quantities, checked in place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from symbackprop.networks.specs.file import Problems
from symbackprop.system.model import Quantity
from symbackprop.system.values import GIVEN_ROLES, RATE

MAX_NUMBERS = 1_000_000


def values_of(
    checked: Any, quantities: Mapping[str, Quantity], problems: Problems
) -> dict[str, Any]:
    """The values by name (and the learning rate); mistakes go to `problems`."""
    found: dict[str, Any] = {}
    for name, value in checked.values.items():
        path = ("values", name)
        q = quantities.get(name)
        if q is None:
            problems.unknown(path, "quantity", name, quantities, value=False)
        elif q.role not in GIVEN_ROLES:
            problems.at(path, f"'{name}' is computed by an equation: it cannot be given a value")
        elif not _is_numbers(value):
            problems.at(path, f"the value of '{name}' must be a number or lists of numbers")
        else:
            found[name] = value
    if checked.learning_rate is not None:
        rate = checked.learning_rate
        if not (math.isfinite(rate) and rate > 0):
            problems.at(("learning_rate",), "the learning rate must be a positive number")
        found[RATE] = rate
    return found


def _is_numbers(value: Any) -> bool:
    """Lists of numbers, not nested deeper than a quantity can have axes."""
    stack = [(value, 0)]
    seen = 0
    while stack:
        item, depth = stack.pop()
        seen += 1
        if seen > MAX_NUMBERS:
            return False
        if isinstance(item, list):
            if depth > 20 or not item:
                return False
            stack.extend((part, depth + 1) for part in item)
        elif not _is_number(item):
            return False
    return True


def _is_number(item: Any) -> bool:
    """A finite number; a truth value is none."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        return False
    return abs(item) < 1e300
