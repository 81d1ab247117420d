"""The JSON of a derivation has the structure that docs/json.md describes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from symbackprop.derivation.steps import RULES

from .printed import NAMES, QUICK, derivation

VERDICTS = {"proved", "agrees", "definition", None}


def steps(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in part.get("sections", []) + part.get("items", []):
        if "rule" in item:
            yield item
        else:
            yield from steps(item)


def items(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in part.get("sections", []) + part.get("items", []):
        yield item
        yield from items(item)


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]
)
def test_the_structure(name: str) -> None:
    told = derivation(name)
    tree = json.loads(told.text("json"))
    assert list(tree) == ["format", "network", "notation", "views", "counts", "sections"]
    assert (tree["format"], tree["network"], tree["notation"]) == (1, name, told.notation.name)
    for item in items(tree):
        kind = next(iter(item))
        assert kind in ("section", "rule", "prose", "table")
        assert item[kind]
        assert isinstance(item["about"], dict)
        if kind == "table":
            for row in (item["header"], *item["rows"]):
                assert len(row) == len(item["header"])
                for cell in row:
                    assert set(cell) in ({"latex"}, {"text"}, {"topic", "about"})


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in NAMES]
)
def test_every_statement_has_latex_rule_and_verdict(name: str) -> None:
    told = derivation(name)
    tree = json.loads(told.text("json"))
    found = list(steps(tree))
    assert len(found) == len(list(told.told.steps()))
    for step, ours in zip(found, told.told.steps(), strict=True):
        assert step["rule"] in RULES
        assert step["statements"]
        for statement in step["statements"]:
            assert statement["latex"]
            assert len(statement["members"]) == len(statement["relations"]) + 1
            for member in statement["members"]:
                assert member in statement["latex"]
            assert statement["verdict"] in VERDICTS
            assert (statement["verdict"] is None) == (not ours.judged)
    counted = Counter(
        s["verdict"] for step in found for s in step["statements"] if s["verdict"] is not None
    )
    assert counted == tree["counts"] == told.counts


def test_the_same_bytes_twice() -> None:
    from symbackprop import api

    assert api.derive("chang-neuron").text("json") == derivation("chang-neuron").text("json")
