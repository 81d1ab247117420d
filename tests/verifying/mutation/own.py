"""Own networks with wrong claims or one wrong definition, and what is said of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from mpmath import mpf

from mutation.nets import (
    Entry,
    Net,
    document,
    forward,
    near,
    points,
    slope_of,
    value,
)
from mutation.reading import Unread
from mutation.scores import ACCEPTED, FLAGGED, Score
from mutation.text_edits import edits
from symbackprop.verifying.results import EquationResult
from symbackprop.verifying.verify import verify

LOST = (Unread, ZeroDivisionError, ValueError, OverflowError, KeyError)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One text with its wrong version: a claim (dJ/dentry) or a definition of the entry."""

    entry: Entry
    before: str
    after: str


def differs(net: Net, before: str, after: str, worlds: list[dict[Entry, mpf]]) -> bool:
    """Whether the values differ at all points."""
    try:
        return all(not near(value(net, before, v), value(net, after, v)) for v in worlds)
    except LOST:
        return False


def wrong_claims(net: Net, operator: str, count: int, seed: int) -> list[Wrong]:
    """Edits of claims that change the value at two points."""
    rng = random.Random(f"{net.name}{operator}{seed}")
    pool = [Wrong(e, t, w) for e, t in net.claims for w in dict.fromkeys(edits(operator, t, net))]
    rng.shuffle(pool)
    worlds = [forward(net, free) for free in points(net)]
    found: list[Wrong] = []
    for w in pool:
        if len(found) >= count:
            break
        if differs(net, w.before, w.after, worlds):
            found.append(w)
    return found


def wrong_definitions(
    net: Net, operator: str, count: int, seed: int
) -> list[tuple[Wrong, set[int]]]:
    """Edits of definitions with the claims (numbers) that they make false; none without such."""
    rng = random.Random(f"{net.name}{operator}{seed}d")
    pool = [
        Wrong(e, t, w) for e, t in net.definitions for w in dict.fromkeys(edits(operator, t, net))
    ]
    rng.shuffle(pool)
    free = points(net, 1)[0]
    known = [e for e in net.text]
    found: list[tuple[Wrong, set[int]]] = []
    for w in pool[: 8 * count]:
        if len(found) >= count:
            break
        later = {e for e, _ in net.definitions[[d for d, _ in net.definitions].index(w.entry) :]}
        if any(net.text[e] in w.after for e in known if e in later):
            continue  # defined by itself, or by what comes after
        changed = {w.entry: w.after}
        try:
            v = forward(net, free, changed)
            false = {
                k for k, (e, t) in enumerate(net.claims)
                if not near(value(net, t, v), slope_of(net, e, free, changed))
            }  # fmt: skip
        except LOST:
            continue
        if false:
            found.append((w, false))
    return found


def judged_claims(net: Net, wrong: list[Wrong], operator: str, size: int = 5) -> Iterator[Score]:
    """Scores of wrong claims, some of them in one document."""
    worlds = [forward(net, free) for free in points(net)]
    left = list(wrong)
    while left:
        group: list[Wrong] = []
        rest: list[Wrong] = []
        for w in left:
            taken = {g.entry for g in group}
            (group if len(group) < size and w.entry not in taken else rest).append(w)
        left = rest
        report = verify(document(net, [(w.entry, w.after) for w in group]))
        rows = report.equations[len(net.definitions) :]
        assert len(rows) == len(group)
        for w, e in zip(group, rows, strict=True):
            if e.code == "R120":  # like another error of the document, which is no part of the edit
                [e] = verify(document(net, [(w.entry, w.after)])).equations[len(net.definitions) :]
            good = bool(e.repair) and equal(net, w.before, first(e.repair), worlds)
            yield Score(
                net.name, operator, w.before, w.after, False, e.verdict, e.repair, good, e.code
            )


def first(repair: str) -> str:
    return repair.split("  or  ")[0]


def equal(net: Net, before: str, repair: str, worlds: list[dict[Entry, mpf]]) -> bool:
    try:
        return all(near(value(net, before, v), value(net, repair, v)) for v in worlds)
    except LOST:
        return False


def judged_definition(net: Net, wrong: Wrong, false: set[int], operator: str) -> Score:
    """The score of a wrong definition in a document with all claims.

    Accepted if any claim that it makes false is accepted. Repaired if the definition is given its
    value back, or all claims that are refuted get what is true with the definition as it stands.
    """
    changed = {wrong.entry: wrong.after}
    report = verify(document(net, list(net.claims), changed))
    count = len(net.definitions)
    rows = report.equations[count:]
    accepted = [k for k in false if rows[k].verdict in ACCEPTED]
    place = [e for e, _ in net.definitions].index(wrong.entry)
    flagged = [e for e in report.equations if e.verdict in FLAGGED]
    verdict = rows[accepted[0]].verdict if accepted else (flagged or rows)[0].verdict
    if not flagged and not accepted:
        verdict = "not_understood"
    good = repaired_definition(net, wrong, report.equations[place]) or (
        bool(flagged) and all(repaired_claim(net, k, rows[k], changed) for k in false)
    )
    shown = report.equations[place].repair or " ; ".join(rows[k].repair for k in sorted(false))
    return Score(
        f"{net.name} (definition)", operator, f"{wrong.entry}: {wrong.before}", wrong.after, False,
        verdict, shown, good, ",".join(sorted({e.code for e in flagged})),
    )  # fmt: skip


def repaired_definition(net: Net, wrong: Wrong, e: EquationResult) -> bool:
    worlds = [forward(net, free) for free in points(net)]
    text = first(e.repair)
    return bool(text) and equal(net, wrong.before, text.partition("=")[2] or text, worlds)


def repaired_claim(net: Net, k: int, e: EquationResult, changed: dict[Entry, str]) -> bool:
    """Whether the suggestion is true with the changed definition; so is a reference to an origin."""
    if e.code == "R120":
        return True
    free = points(net, 1)[0]
    try:
        v = forward(net, free, changed)
        return bool(e.repair) and near(
            value(net, first(e.repair), v), slope_of(net, net.claims[k][0], free, changed)
        )
    except LOST:
        return False
