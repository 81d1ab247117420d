"""How fast documents are verified: times and ratios as a Markdown table.

    python benchmarks/verify_speed.py [--sources FOLDER] [--rounds 3]

FOLDER holds `seeds/*.txt`, the five source documents (also: environment variable SYMBACKPROP_SOURCES; without
either, the folder `shared` beside the project). Every round of the documents and of the gallery is a process of
its own, so that nothing is remembered from the round before. Times are processor times unless the table says
otherwise: a busy machine changes them less; the limits of a statement are wall-clock times.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SIDECARS = ROOT / "tests" / "verifying" / "sidecars"

Row = tuple[str, str, str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", default=os.environ.get("SYMBACKPROP_SOURCES", ""))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    sources = Path(given.sources) if given.sources else ROOT.parent / "shared"
    if given.part:
        print(json.dumps(PARTS[given.part](sources)))
        return

    def rounds(part: str) -> list[Any]:
        command = [sys.executable, __file__, "--part", part, "--sources", str(sources)]
        found = []
        for _ in range(given.rounds):
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found.append(json.loads(out))
        return found

    print("| measured | result | wanted | met |")
    print("|---|---|---|---|")
    for rows in (source_rows, gallery_rows, length_rows, budget_rows):
        for row in rows(rounds):
            print("| " + " | ".join(row) + " |", flush=True)


def middle(values: list[float], unit: str = "") -> str:
    low, high = min(values), max(values)
    return f"{statistics.median(values):.2f}{unit} ({low:.2f} to {high:.2f})"


def met(holds: bool) -> str:
    return "yes" if holds else "NO"


# --- the five source documents ----------------------------------------------------------------------


def sources_part(sources: Path) -> list[float]:
    """[processor time, wall-clock time, equations] beyond the import of SymPy."""
    paths = sorted((sources / "seeds").glob("*.txt"))
    if not paths:
        return []
    import sympy  # noqa: F401

    clock, wall = time.process_time(), time.perf_counter()
    from symbackprop.verifying.verify import verify

    count = 0
    for path in paths:
        sidecar = SIDECARS / f"{path.stem}.symbackprop.toml"
        count += len(verify(path, sidecar=sidecar if sidecar.exists() else None).equations)
    return [time.process_time() - clock, time.perf_counter() - wall, count]


def source_rows(rounds: Callable[[str], list[Any]]) -> list[Row]:
    found = rounds("sources")
    if not found[0]:
        return [("the five source documents", "not here (see --sources)", "at most 6 s", "")]
    return [
        (
            f"the five source documents, {found[0][2]} equations, repairs included: {clock} beyond `import sympy`",
            middle([f[k] for f in found], " s"),
            "at most 6 s",
            met(statistics.median(f[k] for f in found) <= 6),
        )
        for k, clock in enumerate(("processor time", "wall clock"))
    ]


# --- the gallery --------------------------------------------------------------------------------------


def gallery_part(sources: Path) -> list[list[Any]]:
    """For each document: [name, processor time, equations, members judged]."""
    del sources
    from symbackprop.verifying.verify import verify

    verify(r"$z = w x$ and $\frac{\partial z}{\partial w} = x$")  # everything is imported now
    rows = []
    for path in sorted((ROOT / "output").glob("*.md")):
        clock = time.process_time()
        equations = verify(path).equations
        seconds = time.process_time() - clock
        rows.append([path.stem, seconds, len(equations), sum(len(e.members) for e in equations)])
    return rows


def gallery_rows(rounds: Callable[[str], list[Any]]) -> list[Row]:
    found = rounds("gallery")
    rows: list[Row] = []
    for k, (name, *_) in enumerate(found[0]):
        seconds = [f[k][1] for f in found]
        count = found[0][k][2]
        rate = count / statistics.median(seconds)
        rows.append((f"{name}.md, {count} equations", f"{rate:.0f} equations/s", "", ""))
    for what, column in (("equations", 2), ("claims (members of chains)", 3)):
        count = sum(d[column] for d in found[0])
        rates = [count / sum(d[1] for d in f) for f in found]
        wanted = "at least 200 claims/s" if column == 3 else ""
        holds = met(statistics.median(rates) >= 200) if wanted else ""
        rows.append((f"the gallery: {count} {what}", middle(rates, " a second"), wanted, holds))
    return rows


# --- length ---------------------------------------------------------------------------------------------

SECTION = r"""
## Section @

A neuron of section @ takes $z_{\text{@}} = w_{\text{@}} x_{\text{@}} + b_{\text{@}}$ and gives
$a_{\text{@}} = \frac{1}{1 + e^{-z_{\text{@}}}}$ with the cost

$$J_{\text{@}} = -\left(y_{\text{@}} \log a_{\text{@}} + (1 - y_{\text{@}}) \log (1 - a_{\text{@}})\right).$$

The slope is $\frac{\partial a_{\text{@}}}{\partial z_{\text{@}}} = a_{\text{@}} (1 - a_{\text{@}})$ and
$\frac{\partial J_{\text{@}}}{\partial a_{\text{@}}}
= -\frac{y_{\text{@}}}{a_{\text{@}}} + \frac{1 - y_{\text{@}}}{1 - a_{\text{@}}}$, so

$$\frac{\partial J_{\text{@}}}{\partial z_{\text{@}}} = \frac{\partial J_{\text{@}}}{\partial a_{\text{@}}}
\frac{\partial a_{\text{@}}}{\partial z_{\text{@}}} = a_{\text{@}} - y_{\text{@}},$$

$$\frac{\partial J_{\text{@}}}{\partial w_{\text{@}}} = (a_{\text{@}} - y_{\text{@}}) x_{\text{@}}, \qquad
\frac{\partial J_{\text{@}}}{\partial b_{\text{@}}} = a_{\text{@}} - y_{\text{@}}$$

and $w_{\text{@}} \leftarrow w_{\text{@}} - \eta (a_{\text{@}} - y_{\text{@}}) x_{\text{@}}$.
"""
WORDS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def sections(count: int) -> str:
    """Sections about networks of their own: every section has its own letters and number."""
    tens = [a + b for a in ("", "p", "q", "r", "s", "t", "u", "v", "k", "m") for b in WORDS]
    return "# Networks\n" + "".join(SECTION.replace("@", word) for word in tens[:count])


def lengths_part(sources: Path) -> dict[str, list[float]]:
    """By kind of document: [time of ten times the text, time of the text]."""
    del sources
    one = (ROOT / "output" / "chang-neuron.md").read_text(encoding="utf-8")
    prose = "\n\nThe network learns. Nothing is claimed here; a word such as $w$ is named.\n" * 60
    pairs = {
        "sections with letters and numbers of their own (4 : 40)": (sections(4), sections(40)),
        "a document of the gallery (chang-neuron), repeated": (one, one * 10),
        "the same among ten times the prose": (one + prose, one + prose * 10),
    }
    texts = [text for short, long in pairs.values() for text in (long, short)]
    # Each in a process of its own: what is remembered of the long text would shorten the short one.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        times = pool.map(clocked, texts, chunksize=1)
    return {name: times[2 * k : 2 * k + 2] for k, name in enumerate(pairs)}


def clocked(text: str) -> float:
    """Processor time of one text, everything being imported."""
    from symbackprop.verifying.verify import verify

    verify(r"$z = w x$ and $\frac{\partial z}{\partial w} = x$")
    start = time.process_time()
    verify(text)
    return time.process_time() - start


def length_rows(rounds: Callable[[str], list[Any]]) -> list[Row]:
    found = rounds("lengths")
    rows = []
    for name in found[0]:
        ratios = [f[name][0] / f[name][1] for f in found]
        seconds = statistics.median(f[name][0] for f in found)
        rows.append(
            (
                f"10x the text: {name}",
                f"{middle(ratios)} times the time, {seconds:.2f} s",
                "at most 12",
                met(statistics.median(ratios) <= 12),
            )
        )
    return rows


# --- budget ---------------------------------------------------------------------------------------------

NEURON = (
    r"$z = \sum_{i=1}^{n} w_i x_i + b$, $a = \frac{1}{1 + e^{-z}}$, $J = \frac{1}{2} (a - y)^2$. "
)


def slow_equations() -> dict[str, tuple[str, str]]:
    """Statements made to be slow: (what a document says before, the statement)."""
    letters = [f"\\{accent}{{{c}}}" for c in "abcdgpqrvw" for accent in ("hat", "tilde", "bar")]
    first, fourth = letters[0], letters[3]

    def slope(of: str, by: str, value: str) -> str:
        return f"$\\frac{{\\partial {of}}}{{\\partial {by}}} = {value}$"

    def product(count: int) -> list[str]:
        return [
            f"({letters[k % 30]} + {letters[(k + 7) % 30]} + {letters[(k + 11) % 30]})"
            for k in range(count)
        ]

    def nested(count: int, around: str) -> str:
        found = "x"
        for k in range(count):
            found = around.replace("LETTER", letters[k % 30]).replace("INNER", found)
        return found

    free = " + ".join(f"{a} {b} {c}" for a in letters for b in letters[:10] for c in letters[:10])
    delta = "(a - y) a (1 - a)"
    matrix = r" \\ ".join(" & ".join(f"v_{{{i},{j}}}" for j in range(50)) for i in range(50))
    found: dict[str, tuple[str, str]] = {}
    for count in (20, 28, 40):
        brackets = product(count)
        said = f"$u = {' '.join(brackets)}$. "
        others = " ".join(b for b in brackets if fourth not in b)
        parts = " + ".join(
            " ".join(b for j, b in enumerate(brackets) if j != k)
            for k, one in enumerate(brackets)
            if fourth in one
        )
        name = f"a product of {count} brackets over 30 symbols"
        found[f"{name}, turned round"] = (said, f"$u = {' '.join(reversed(brackets))} \\cdot 1$")
        found[f"{name}, a wrong slope"] = (said, slope("u", fourth, others))
        found[f"{name}, its slope"] = (said, slope("u", fourth, parts))
        found[f"{name}, multiplied out in part"] = (
            said,
            f"$u = ({brackets[0][1:-1]} + 0) {' '.join(brackets[1:])} + {first} - {first}$",
        )
    for count in (12, 60):
        shapes = {
            "fractions": r"\frac{1}{LETTER + INNER}",
            "exponents": r"e^{LETTER INNER}",
            "sigmoids": r"\frac{1}{1 + e^{-(LETTER INNER + 1)}}",
            "maxima": r"\max(LETTER, INNER)",
            "brackets": r"(LETTER + (INNER)^2)",
        }
        for name, around in shapes.items():
            tower = nested(count, around)
            found[f"{count} {name} in each other"] = (f"$u = {tower}$. ", slope("u", "x", tower))
    found |= {
        "3,000 products of free symbols": (f"$u = {free}$. ", slope("u", first, free)),
        "a sum of a million terms": (
            r"$u = \sum_{i=1}^{1000000} v_i^2$. ",
            slope("u", "v_3", "2 v_3"),
        ),
        "four sums of a hundred terms in each other": (
            r"$u = \sum_{i=1}^{100} \sum_{j=1}^{100} \sum_{k=1}^{100} \sum_{l=1}^{100} v_{ij} v_{jk} v_{kl}$. ",
            slope("u", "v_{12}", "1"),
        ),
        "three sums over sizes, squared": (
            r"$u = (\sum_{i=1}^{n} \sum_{j=1}^{m} \sum_{k=1}^{p} v_{ij} g_{jk} h_{ki})^3$. ",
            slope("u", "v_{12}", r"3 u \sum_{k=1}^{p} g_{2k} h_{k1}"),
        ),
        "an index of 12,345,678": ("$u = v_{12345678}^2$. ", slope("u", "v_{12345678}", "u")),
        "a product over a thousand factors": (
            r"$u = \prod_{i=1}^{1000} (1 + v_i)$. ",
            slope("u", "v_1", "u"),
        ),
        "a power of 10,000": ("$u = (a + b + c + d)^{10000}$. ", slope("u", "a", "u")),
        "a power of 900": (
            "$u = (a + b + c + d)^{900}$. ",
            slope("u", "a", "900 (a + b + c + d)^{899}"),
        ),
        "powers of numbers": (NEURON, "$J = ((9^{999})^{999})^{999}$"),
        "a tower of numbers": (NEURON, "$J = 3^{3^{3^{3^3}}}$"),
        "a number of 100,000 digits": ("$u = x$. ", slope("u", "x", "7" * 100_000)),
        "a chain of 400 members": (NEURON, slope("J", "b", " = ".join([delta] * 400))),
        "a wrong chain of 60 members": (
            NEURON,
            slope("J", "b", " = ".join(f"{k} {delta}" for k in range(2, 62))),
        ),
        "a matrix of 2,500 entries": ("", rf"$u = \begin{{bmatrix}} {matrix} \end{{bmatrix}}$"),
    }
    return found


def budget_part(sources: Path) -> dict[str, list[Any]]:
    """By statement: [wall-clock time of the whole text, the last equation's verdict, its reason]."""
    del sources
    from symbackprop.verifying.verify import verify

    verify(NEURON)
    found: dict[str, list[Any]] = {}
    for name, (before, statement) in slow_equations().items():
        start = time.perf_counter()
        report = verify(before + statement)
        seconds = time.perf_counter() - start
        last = report.equations[-1] if report.equations else None
        found[name] = [seconds, last.verdict if last else "none", last.reason if last else ""]
    return found


def budget_rows(rounds: Callable[[str], list[Any]]) -> list[Row]:
    found = rounds("budget")
    rows: list[Row] = []
    worst = 0.0
    for name, (_, verdict, reason) in found[0].items():
        seconds = statistics.median(f[name][0] for f in found)
        worst = max(worst, seconds)
        said = verdict + (f": {reason[:60]}" if reason else "")
        rows.append((f"made to be slow: {name}", f"{seconds:.2f} s, {said}", "", ""))
    # Reading, a definition and its claim, and the search for a repair have a budget of 2 s each equation.
    rows.append(
        (
            "the slowest of them, default budget (2 s)",
            f"{worst:.2f} s",
            "at most 2 s (and 10%)",
            met(worst <= 2.2),
        )
    )
    return rows


PARTS: dict[str, Callable[[Path], Any]] = {
    "sources": sources_part,
    "gallery": gallery_part,
    "lengths": lengths_part,
    "budget": budget_part,
}

if __name__ == "__main__":
    main()
