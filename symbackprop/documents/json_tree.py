"""The whole step tree as JSON: every statement as LaTeX, with rule, facts and verdict."""

from __future__ import annotations

import json
from typing import Any

from symbackprop.derivation.steps import Derivation, Prose, Section, Step, Table
from symbackprop.documents.mathematics import Mathematics
from symbackprop.formula.tree import Formula

FORMAT = 1


def render(derivation: Derivation, mathematics: Mathematics) -> str:
    """Keys in fixed order; formulas are LaTeX strings in the document's notation."""
    tree = {
        "format": FORMAT,
        "network": derivation.about.get("name", derivation.system.name),
        "notation": derivation.notation,
        "views": list(derivation.views),
        "sections": [_section(s, mathematics) for s in derivation.sections],
    }
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _section(section: Section, mathematics: Mathematics) -> dict[str, Any]:
    if section.system is not None:
        mathematics = Mathematics(mathematics.notation, section.system)
    return {
        "section": section.topic,
        "about": _value(section.about, mathematics),
        "items": [_item(item, mathematics) for item in section.items],
    }


def _item(item: Step | Prose | Table | Section, mathematics: Mathematics) -> dict[str, Any]:
    if isinstance(item, Section):
        return _section(item, mathematics)
    if isinstance(item, Prose):
        return {"prose": item.topic, "about": _value(item.about, mathematics)}
    if isinstance(item, Table):
        return {
            "table": item.topic,
            "header": _value(item.header, mathematics),
            "rows": _value(item.rows, mathematics),
        }
    verdicts = item.verdicts or (None,) * len(item.statements)
    return {
        "rule": item.rule,
        "topic": item.topic or item.rule,
        "facts": list(item.facts),
        "about": _value(item.about, mathematics),
        "statements": [
            {
                "latex": mathematics.latex(chain),
                "members": [mathematics.latex(m) for m in chain.members],
                "relations": list(chain.relations),
                "verdict": verdict.kind if verdict is not None else None,
                "how": verdict.how if verdict is not None else "",
            }
            for chain, verdict in zip(item.statements, verdicts, strict=True)
        ],
    }


def _value(value: Any, mathematics: Mathematics) -> Any:
    if isinstance(value, Formula):
        return mathematics.latex(value)
    if isinstance(value, dict):
        return {k: _value(v, mathematics) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [_value(v, mathematics) for v in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)
