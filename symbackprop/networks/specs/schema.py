"""The shape of a TOML spec, in its two forms. The only file that imports pydantic."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Word = Annotated[StrictStr, Field(max_length=200)]
Size = StrictInt | Word
Real = StrictInt | StrictFloat


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Common(_Table):
    name: Word | None = None
    title: Word | None = None
    notation: Word | None = None
    learning_rate: Real | None = None
    values: dict[str, Any] = Field(default_factory=dict)


class BuilderSpec(_Common):
    """sizes, activation, cost, …: the options of `mlp`; with `depth`, of `generic_mlp`."""

    sizes: Annotated[list[Size], Field(max_length=10_000)] | Word | None = None
    depth: Size | None = None
    activation: Word | Annotated[list[Word], Field(max_length=10_000)] | None = None
    output_activation: Word | None = None
    cost: Word | None = None
    bias: Word | None = None
    weight_decay: StrictBool | Real | None = None
    reduction: Word | None = None
    samples: Size | None = None


class AxisSpec(_Table):
    size: Size
    kind: Word | None = None


class QuantitySpec(_Table):
    role: Word
    axes: Word | Annotated[list[Word], Field(max_length=20)] = ""
    facts: Annotated[list[Word], Field(max_length=20)] = Field(default_factory=list)
    layer: StrictInt | None = None
    meaning: Word = ""


class EquationsSpec(_Table):
    cost: Word
    equations: Annotated[list[StrictStr], Field(max_length=2_000)]
    functions: Annotated[list[StrictStr], Field(max_length=200)] = Field(default_factory=list)


class RawSpec(_Common):
    """axes, quantities and equations."""

    axes: dict[str, Size | AxisSpec] = Field(default_factory=dict)
    quantities: dict[str, QuantitySpec] = Field(default_factory=dict)
    system: EquationsSpec


def keys(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)
