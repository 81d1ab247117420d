"""What verify prints: text with source and caret, fixed JSON, annotations, profile, folders, the hook."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from symbackprop.errors import UnknownName
from symbackprop.verifying.codes import CODES, explain
from symbackprop.verifying.verify import verify

MIXED = r"""
$$z = w x + b$$

$$y = \sigma(z)$$ with the sigmoid $\sigma(v) = 1/(1 + e^{-v})$, and

$$C = \frac{1}{2}(y - t)^2$$

$$\frac{\partial C}{\partial w} = (y - t) y (1 - y) x$$

$$\frac{\partial C}{\partial z} = (y - t) \sigma'(z) = (y - t) y (1 + y)$$

$$w \leftarrow w - \eta \frac{\partial C}{\partial w}$$

$$0.05 \cdot 0.15 + 0.35 = 0.3575$$

$$\frac{\partial Q}{\partial w} = x$$
"""


@pytest.fixture(scope="module")
def mixed():
    return verify(MIXED)


def test_the_fields_of_json(mixed) -> None:
    data = json.loads(mixed.render("json"))
    assert list(data) == ["equations", "findings", "profile", "summary"]
    for e in data["equations"]:
        assert list(e) == [
            *("file", "line", "column", "latex", "kind", "verdict", "members"),
            *("counterexample", "code", "diagnosis", "repair"),
        ]
        assert e["kind"] in ("definition", "claim", "update", "cost", "numeric")
        for m in e["members"]:
            assert list(m) == ["latex", "verdict"]
    kinds = [(e["kind"], e["verdict"]) for e in data["equations"] if e["line"] > 1]
    assert {k for k, _ in kinds} == {"definition", "claim", "update", "cost", "numeric"}
    assert data["summary"]["equations"] == len(data["equations"])
    wrong = next(e for e in data["equations"] if e["verdict"] == "refuted")
    assert (wrong["line"], wrong["column"], wrong["code"]) == (10, 1, "R102")
    assert [m["verdict"] for m in wrong["members"]] == ["proved", "refuted"]
    assert set(wrong["counterexample"]) == {"values", "left", "right", "sizes"}
    assert wrong["counterexample"]["left"] != wrong["counterexample"]["right"]


def test_findings_of_json() -> None:
    text = r"""
$$h = \tanh(u x)$$
$$y = w h$$
$$C = \frac{1}{2}(y - t)^2$$

$$w \leftarrow w - \eta (y - t) h$$
$$\delta = w (y - t) (1 - h^2)$$
$$u \leftarrow u - \eta \delta x$$
"""
    [finding] = json.loads(verify(text).render("json"))["findings"]
    assert list(finding) == ["code", "kind", "equations", "message"]
    assert finding["code"] == "H401"
    assert [e["line"] for e in finding["equations"]] == [6, 7, 8]


def test_the_caret_stands_under_the_wrong_member(mixed) -> None:
    lines = mixed.render().split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("<text>:10:1: refuted [R102]"))
    source, caret = lines[at + 1], lines[at + 2]
    assert source[caret.index("^") :].startswith("(y - t) y (1 + y)")
    assert lines[-1] == "9 equations: 1 agrees, 3 definition, 1 not understood, 3 proved, 1 refuted"


def test_the_caret_below_a_delimiter_on_its_own_line_and_behind_wide_letters() -> None:
    text = "$$\ny = w x\n$$\n\n$$C = y^2$$\n\n数学：$$\\frac{\\partial C}{\\partial y} = y$$\n"
    lines = verify(text + "\n$$\n\\frac{\\partial C}{\\partial w} = x\n$$\n").render().split("\n")
    assert lines[1].startswith("    数学：")
    assert lines[2].index("^") == 4 + 3 * 2 + 2  # three wide letters, two dollars
    second = next(i for i, line in enumerate(lines) if line.startswith("<text>:9:1"))
    assert lines[second + 1 : second + 3] == ["    \\frac{\\partial C}{\\partial w} = x", "    ^"]


def test_one_repair_is_not_shown_in_two_spellings(mixed) -> None:
    assert all("  or  " not in e.repair for e in mixed.equations)


def test_annotations(mixed, tmp_path: Path) -> None:
    lines = mixed.render("github").split("\n")
    assert lines[0].startswith(
        "::error file=<text>,line=10,col=1,title=refuted R102::a sign is wrong"
    )
    assert lines[1].startswith(
        "::notice file=<text>,line=16,col=1,title=not_understood N503::Q is never"
    )
    assert lines[-1].startswith("9 equations: ")
    strict = mixed.render("github", strict=True).split("\n")
    assert strict[1].startswith("::error file=<text>,line=16")
    book = tmp_path / "a,b.ipynb"
    cells = [{"cell_type": "code", "source": "1"}, {"cell_type": "markdown", "source": MIXED}]
    book.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    first = verify(book).render("github").split("\n")[0]
    assert re.match(
        r"::error file=.*a%2Cb\.ipynb,line=1,col=1,title=refuted R102::cell 2, line 10: ", first
    )


def test_strict_counts_what_was_not_understood() -> None:
    text = "$$y = w x$$\n\n$$\\frac{\\partial Q}{\\partial w} = x$$\n"
    assert verify(text).exit_code() == 0
    assert verify(text).exit_code(strict=True) == 1
    assert verify("$$y = w x$$").exit_code(strict=True) == 0


def test_a_document_that_defines_nothing_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "figure.md"
    path.write_text("![](net.png)\n\n$$\\frac{\\partial C}{\\partial z} = a - y$$\n")
    report = verify(path)
    assert [(e.verdict, e.code) for e in report.equations] == [("not_understood", "N503")]
    said = report.render()
    assert "no equation says what C is" in said
    assert "figure.symbackprop.toml" in said
    (tmp_path / "figure.symbackprop.toml").write_text(
        "definitions = ['a = \\sigma(z)', 'C = -y \\ln a - (1 - y) \\ln(1 - a)']\n"
        "functions = { sigma = 'sigmoid' }\n"
    )
    report = verify(path)
    assert [e.verdict for e in report.equations] == ["proved"]
    assert "no equation says" not in report.render()


def test_the_profile() -> None:
    text = r"""
$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j, \quad a^l_j = f(z^l_j)$$

$$C = \frac{1}{2} \sum_j (a^L_j - y_j)^2$$

$$\frac{\partial C}{\partial z^L_j} = (a^L_j - y_j) f'(z^L_j)$$

Another case: $u' = v_{in} x$.
"""
    report = verify(text)
    [profile] = report.profile.values()
    assert profile["functions"] == {"f": ["abstract"]}
    assert profile["index superscripts"] == ["a", "b", "w", "z"]
    assert profile["primes"] == {"derivatives": ["f"], "names": ["u'"]}
    assert "v_{in}" in profile["names"] or "v_{\\mathrm{in}}" in profile["names"]
    assert profile["shapes"]["w_{jk}^l"] == "3 indices"
    assert profile["scopes"] == []
    assert profile["undefined"] == []
    shown = report.render(show_profile=True)
    assert shown.startswith("profile: {")
    assert '"index superscripts"' in shown
    assert "profile" not in report.render()


def test_the_profile_of_matrices_and_of_two_networks() -> None:
    text = r"""
$$\mathbf{z} = W \mathbf{x} + \mathbf{b}$$ and $$J = \mathbf{z}^T \mathbf{z}$$

Figure 2: $$q = v p$$ and $$J = q^2$$
"""
    [profile] = verify(text).profile.values()
    assert profile["shapes"]["W"] == "matrix"
    assert profile["shapes"]["x"] == "vector"
    assert profile["scopes"] == [{"line": 4, "names": ["J"]}]


def test_folders_and_files(tmp_path: Path) -> None:
    clean = "$$y = w x$$\n"
    for name in ("a.md", "sub/b.tex", ".hidden/c.md", "sub/.git/d.md", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(clean)
    (tmp_path / "n.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "markdown", "source": [clean]}]})
    )
    files = [Path(e.file).name for e in verify(tmp_path).equations]
    assert files == ["a.md", "n.ipynb#cell-1", "b.tex"]
    both = verify([tmp_path / "a.md", tmp_path / "notes.txt", tmp_path / "a.md", tmp_path])
    assert [Path(e.file).name for e in both.equations][:2] == ["a.md", "notes.txt"]
    assert len(both.equations) == 4
    assert set(both.profile) == {
        str(tmp_path / n) for n in ("a.md", "notes.txt", "sub/b.tex", "n.ipynb")
    }


def test_every_code_is_explained() -> None:
    for code in CODES:
        said = explain(code.lower())
        assert said.startswith(f"{code}: ")
        assert len(said.split("\n")) == 2
    with pytest.raises(UnknownName, match="R999"):
        explain("R999")


def test_the_hook_takes_the_files_that_a_folder_would_give() -> None:
    text = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    fields = dict(re.findall(r"^(?:- |  )(\w+): (.*)$", text, re.MULTILINE))
    assert fields["id"] == "symbackprop-verify"
    assert fields["entry"] == "symbackprop verify"
    assert fields["language"] == "python"
    pattern = re.compile(fields["files"])
    assert all(pattern.search(f"docs/a{s}") for s in (".md", ".markdown", ".tex", ".ipynb"))
    assert not any(pattern.search(f) for f in ("a.py", "README.txt", "md"))
