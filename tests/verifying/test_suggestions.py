"""The 17 false entries of the five source documents: each gets the right repair or the right origin.

The right repairs are written by hand (in the letters of the document). A suggestion is right if it is
equal in value, not in writing: `left = suggestion` and `left = right`, or `suggestion = right`, put into
the document after the wrong equation, verify. An inherited error must name the equation at fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from truth import SEEDS, SIDECARS, TRUTH

from symbackprop.verifying.results import EquationResult
from symbackprop.verifying.verify import verify

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TRUTH.exists(), reason="the source documents are not at hand"),
]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A false entry: seed, line and beginning of its LaTeX; its right form, or the place at fault."""

    seed: str
    line: int
    begins: str
    right: str = ""
    origin: str = ""


E12 = "(18) and (19)"
ENTRIES = (
    Wrong(
        "001", 134, r"\begin{aligned} \delta_i^{(n_l-1)} &=",
        r"\sum_{j=1}^{s_{n_l}} -(y_j - f(z_j^{(n_l)})) \cdot f'(z_j^{(n_l)})"
        r" \cdot \frac{\partial z_j^{(n_l)}}{\partial z_i^{(n_l-1)}}",
    ),
    Wrong("001", 159, "z_i^{(l+1)} =", r"\sum_{j=1}^{s_l} W_{ij}^{(l)} a_j^{(l)} + b_i^{(l)}"),
    Wrong(
        "001", 183, r"\delta^{(l)} =",
        r"((W^{(l)})^T \delta^{(l+1)}) \bullet f'(z^{(l)})",
    ),
    Wrong(
        "002", 135, r"\frac{\partial C}{\partial y_1} =",
        r"\frac{y_1 - \hat{y}_1}{y_1 (1 - y_1)}",
    ),
    Wrong("002", 137, r"\frac{\partial C}{\partial z'} =", origin="line 135"),
    Wrong("002", 141, r"\frac{\partial C}{\partial w_3} =", origin="line 135"),
    Wrong("002", 155, r"\begin{split}", origin="line 135"),
    Wrong("003", 49, r"\dfrac{\partial C}{\partial b^l_j} =", r"\delta^l_j"),
    Wrong(
        "003", 93, r"\dfrac{\partial z^l_k}{\partial b^l_j} =",
        r"\begin{cases} 1 & k = j \\ 0 & k \ne j \end{cases}",
    ),
    Wrong("004", 88, r"\frac{\partial E_{total}}{\partial V11}", origin=E12),
    Wrong("004", 92, "E1 =", r"\frac{1}{2} (Y1 - O1)^2"),
    Wrong("004", 94, "E2 =", r"\frac{1}{2} (Y2 - O2)^2"),
    Wrong("004", 102, r"\frac{\partial E1}{\partial O1}", origin=E12),
    Wrong("004", 110, r"\frac{\partial E1}{\partial P1}", origin=E12),
    Wrong("004", 118, r"\frac{\partial E2}{\partial O2}", origin=E12),
    Wrong("004", 126, r"\frac{\partial E2}{\partial P1}", origin=E12),
    Wrong(
        "004", 148, r"\frac{\partial E_{total}}{\partial V11}",
        r"(-W11 (Y1 - O1) O1 (1 - O1) - W12 (Y2 - O2) O2 (1 - O2)) X1 P1 (1 - P1)",
    ),
)  # fmt: skip


def squeezed(text: str) -> str:
    return "".join(text.split())


@cache
def document(seed: str) -> tuple[Path, Path | None, tuple[EquationResult, ...]]:
    path = next(SEEDS.glob(f"{seed}*"))
    sidecar = SIDECARS / f"{path.stem}.symbackprop.toml"
    beside = sidecar if sidecar.exists() else None
    return path, beside, verify(path, sidecar=beside).equations


def found(w: Wrong) -> EquationResult | None:
    return next(
        (e for e in document(w.seed)[2]
        if abs(e.line - w.line) <= 1 and squeezed(e.latex).startswith(squeezed(w.begins)) and e.is_wrong),
        None,
    )  # fmt: skip


def is_right(w: Wrong, tmp: Path) -> tuple[bool, str]:
    """Whether what is said about a wrong entry is right, and what is said."""
    e = found(w)
    if e is None:
        return False, "not flagged"
    if w.origin:
        return e.diagnosis == f"inherited: see {w.origin}", e.diagnosis
    said = e.repair.split("  or  ")[0]
    if not said:
        return False, ""
    said = re.sub(r"^E\d = ", "", said)
    left = w.begins.removeprefix(r"\begin{aligned}").rstrip("&= ")
    with_left = verdicts_after(w, e, [f"{left} = {said}", f"{left} = {w.right}"], tmp)
    equal = verdicts_after(w, e, [f"{said} = {w.right}"], tmp)
    held = set(with_left) <= {"proved", "agrees"} or set(equal) <= {"proved", "agrees"}
    return held, f"{said} {with_left} {equal}"


def verdicts_after(w: Wrong, e: EquationResult, added: list[str], tmp: Path) -> list[str]:
    """The verdicts on equations that are put into the document after a wrong one."""
    path, sidecar, _ = document(w.seed)
    lines = path.read_text(encoding="utf-8").split("\n")
    at = e.line + e.latex.count("\n")
    while at < len(lines) and lines[at].strip():
        at += 1
    new = [line for text in added for line in ("", f"$${text}$$")]
    copy = tmp / path.name
    copy.write_text("\n".join([*lines[:at], *new, "", *lines[at:]]), encoding="utf-8")
    report = verify(copy, sidecar=sidecar)
    return [r.verdict for r in report.equations if at < r.line <= at + len(new)]


def test_the_right_repair_or_origin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(w, *is_right(w, tmp_path)) for w in ENTRIES]
    with capsys.disabled():
        print()
        for w, right, said in rows:
            print(f"   {w.seed} l.{w.line:3} {'right' if right else 'NOT  '} {said[:110]}")
        print(f"   right: {sum(right for _, right, _ in rows)} of {len(rows)}")
    assert sum(right for _, right, _ in rows) >= 14
