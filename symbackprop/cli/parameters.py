"""Kinds of options and arguments, and the options that several commands share."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from typing import Any

import click


class Names(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Several names with commas, each once: `md,tex`."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        found = tuple(part.strip() for part in str(value).split(","))
        if not all(found):
            self.fail("give one name, or several with commas between them", param, ctx)
        return tuple(dict.fromkeys(found))


class OneOf(click.Choice):  # type: ignore[type-arg,unused-ignore]
    """A choice that says which name was probably meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value not in self.choices:
            near = difflib.get_close_matches(value, [str(c) for c in self.choices], n=2)
            if near:
                self.fail(f"{value!r}: did you mean {' or '.join(near)}?", param, ctx)
        return super().convert(value, param, ctx)


class Positive(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A finite number above 0 (from 0 on, if `zero`)."""

    name = "number"

    def __init__(self, zero: bool = False) -> None:
        self.zero = zero

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < 0 or (number == 0 and not self.zero):
            self.fail(f"a number {'from 0 on' if self.zero else 'above 0'} is expected", param, ctx)
        return number


class Place(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """The name of a file or folder; not the empty text, which is what an unset variable leaves."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.strip():
            self.fail("the name is empty", param, ctx)
        if "\0" in text:
            self.fail("the name holds a null character", param, ctx)
        return text


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that change a network given in one line."""
    for option in (
        click.option("--samples", help="Number of samples: a number, or a letter such as m."),
        click.option(
            "--reduction", type=OneOf(["sum", "mean"]), help="Over the samples: sum or mean."
        ),
        click.option(
            "--weight-decay", is_flag=True, help="Add lambda/2 times all squared weights."
        ),
        click.option(
            "--bias",
            type=OneOf(["unit", "layer", "none"]),
            help="A bias for each unit, one shared by a layer, or none.",
        ),
        click.option("--cost", help="See `symbackprop list costs`."),
        click.option("--output-activation", help="Activation of the last layer."),
        click.option("--activation", help="Activation of every layer; see `list activations`."),
    ):
        command = option(command)
    return command
