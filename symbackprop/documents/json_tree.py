"""The whole step tree as JSON: every statement as LaTeX, with rule, facts and verdict.

The format is described in docs/json.md.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from symbackprop.derivation.steps import Derivation, Prose, Section, Step, Table
from symbackprop.documents.mathematics import Mathematics
from symbackprop.formula.tree import Chain, Formula

FORMAT = 1


def render(derivation: Derivation, mathematics: Mathematics) -> str:
    """Keys in fixed order; formulas are LaTeX strings in the document's notation."""
    counts = Counter(v.kind for step in derivation.steps() for v in step.verdicts)
    tree = {
        "format": FORMAT,
        "network": derivation.about.get("name", derivation.system.name),
        "notation": derivation.notation,
        "views": list(derivation.views),
        "counts": dict(sorted(counts.items())),
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
            "about": _value(item.about, mathematics),
            "header": [_cell(c, mathematics, header=True) for c in item.header],
            "rows": [[_cell(c, mathematics) for c in row] for row in item.rows],
        }
    verdicts = item.verdicts or (None,) * len(item.statements)
    return {
        "rule": item.rule,
        "topic": item.topic or item.rule,
        "label": item.label,
        "facts": list(item.facts),
        "ranges": {k: [str(low), str(high)] for k, (low, high) in item.ranges.items()},
        "about": _value(item.about, mathematics),
        "statements": [
            _statement(chain, item.rules_of(chain), verdict, mathematics)
            for chain, verdict in zip(item.statements, verdicts, strict=True)
        ],
    }


def _statement(
    chain: Chain, rules: tuple[str, ...], verdict: Any, mathematics: Mathematics
) -> dict[str, Any]:
    return {
        "latex": mathematics.latex(chain),
        "members": [mathematics.latex(m) for m in chain.members],
        "relations": list(chain.relations),
        "rules": list(rules),
        "verdict": verdict.kind if verdict is not None else None,
        "how": verdict.how if verdict is not None else "",
        "facts": list(verdict.facts) if verdict is not None else [],
    }


def _cell(cell: Any, mathematics: Mathematics, header: bool = False) -> dict[str, Any]:
    """A formula, a topic for the language macros, or plain text."""
    if isinstance(cell, Formula):
        return {"latex": mathematics.latex(cell)}
    if isinstance(cell, tuple):
        topic, about = cell
        return {"topic": topic, "about": _value(about, mathematics)}
    return {"topic": cell, "about": {}} if header else {"text": str(cell)}


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
