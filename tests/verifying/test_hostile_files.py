"""Hostile files, each judged by a process of its own: it ends, in bounded room, and reads that file only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not Path("/proc/self/status").exists(), reason="the peak of memory is not known"
    ),
]

ROOM = 600
"""MiB that a run may take at most; importing SymPy takes 60 to 80 of them."""
LIMIT = 60
"""Seconds; a busy machine is slow."""

PROGRAM = r"""
import json, os, resource, sys, time
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
from symbackprop.errors import SymbackpropError
from symbackprop.networks import find
from symbackprop.verifying.verify import verify

find("2-2")
verify(r"$z = w x$, $\frac{\partial z}{\partial w} = 2 x$")
opened = []

def hook(event, args):
    if event == "open" and isinstance(args[0], str) and not args[0].endswith((".py", ".pyc", ".so")):
        opened.append(args[0])
    elif event in ("os.system", "subprocess.Popen", "socket.connect", "os.remove", "os.rename"):
        opened.append(event)

sys.addaudithook(hook)
start = time.perf_counter()
said, verdicts = "", []
try:
    report = verify(Path(sys.argv[1]))
    report.render("text"), report.render("json"), report.render("github")
    verdicts = [e.verdict for e in report.equations]
except SymbackpropError as error:
    said = str(error)
seconds = time.perf_counter() - start
sizes = [line.split() for line in open("/proc/self/status") if line.startswith("VmHWM")]
peak = int(sizes[0][1]) / 1024
opened.remove("/proc/self/status")
print(json.dumps({"said": said, "verdicts": verdicts, "opened": opened, "seconds": seconds, "peak": peak}))
"""

DEEP = 10_000
CLAIM = r"$z = w x$ and $\frac{\partial z}{\partial w} = x$"


def bombs() -> str:
    r"""Macros that double twenty times over: \a is a million letters."""
    lines = [r"\newcommand{\x}{w}"]
    before = r"\x"
    for letter in "abcdefghijklmnopqrst":
        lines.append(rf"\newcommand{{\m{letter}}}{{{before}{before}}}")
        before = rf"\m{letter}"
    return "\n".join(lines) + f"\n$y = {before}$\n{CLAIM}"


def notebook(*sources: object) -> str:
    return json.dumps({"cells": [{"cell_type": "markdown", "source": s} for s in sources]})


FILES: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "20 MB of prose": (".md", lambda: "words and words, no mathematics.\n\n" * 600_000 + CLAIM),
    "7 MB without an end of line": (".md", lambda: "word " * 1_400_000 + CLAIM),
    "20 MB of one formula": (".md", lambda: "$x = " + "y + " * 5_000_000 + "y$\n\n" + CLAIM),
    "7 MB of one fraction after the other": (".tex", lambda: r"\[" + r"\frac{a}{b} " * 600_000 + r"\]" + CLAIM),
    "20 MB of dollar signs": (".md", lambda: "$" * 20_000_000),
    "20 MB of backticks": (".md", lambda: "`" * 20_000_000 + CLAIM),
    "4 MB of brackets": (".md", lambda: r"\[" * 2_000_000 + CLAIM),
    "4 MB of comments": (".md", lambda: "<!--" * 1_000_000 + CLAIM),
    "4 MB of begins": (".tex", lambda: r"\begin{align}" * 300_000 + CLAIM),
    "4 MB of null bytes": (".md", lambda: b"\0" * 4_000_000),
    "7 MB of notebook": (".ipynb", lambda: notebook("words " * 1_200_000, CLAIM)),
    "a notebook of 20,000 cells": (".ipynb", lambda: notebook(*["text $x$"] * 20_000, CLAIM)),
    "50,000 tiny formulas": (".md", lambda: "$x$ " * 50_000 + CLAIM),
    "2,000 equal statements": (".md", lambda: "$a = b$ " * 2_000 + CLAIM),
    "2,000 definitions": (".md", lambda: " ".join(rf"$\hat{{x}}_{{{k}}} = {k} y$" for k in range(2_000)) + CLAIM),
    "deep braces": (".md", lambda: "$" + "{" * DEEP + "x" + "}" * DEEP + " = 1$ " + CLAIM),
    "deep brackets": (".md", lambda: "$" + "(" * DEEP + "x" + ")" * DEEP + " = 1$ " + CLAIM),
    "deep fractions": (".md", lambda: "$x = " + r"\frac{1}{" * DEEP + "1" + "}" * DEEP + "$ " + CLAIM),
    "deep powers": (".md", lambda: "$x = " + "x^{" * DEEP + "2" + "}" * DEEP + "$ " + CLAIM),
    "deep cases": (".md", lambda: "$x = " + r"\begin{cases}" * DEEP + "1" + r"\end{cases}" * DEEP + "$ " + CLAIM),
    "deep quotes and lists": (".md", lambda: "> " * DEEP + "- " * DEEP + CLAIM),
    "deep JSON": (".ipynb", lambda: "[" * 100_000 + "]" * 100_000),
    "deep JSON in a notebook": (".ipynb", lambda: '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "deep TOML in front matter": (".md", lambda: "---\nsymbackprop: " + "{" * DEEP + "}" * DEEP + "\n---\n" + CLAIM),
    "a sum of a million terms": (
        ".md",
        lambda: r"$s = \sum_{i=1}^{1000000} v_i^2$, $\frac{\partial s}{\partial v_3} = 2 v_3$",
    ),
    "a million terms written out": (
        ".md",
        lambda: "$s = " + " + ".join(f"v_{{{k}}}" for k in range(1_000_000)) + "$ " + CLAIM,
    ),
    "a billion terms in four sums": (
        ".md",
        lambda: r"$s = \sum_{i=1}^{180} \sum_{j=1}^{180} \sum_{k=1}^{180} \sum_{l=1}^{180} v_{ij} v_{kl}$, "
        r"$\frac{\partial s}{\partial v_{12}} = 1$",
    ),
    "an index of a billion": (".md", lambda: r"$s = v_{1000000000}^2 + v_1$, $\frac{\partial s}{\partial v_1} = 1$"),
    "sums over sizes": (
        ".md",
        lambda: r"$s = (\sum_{i=1}^n \sum_{j=1}^m \sum_{k=1}^p \sum_{l=1}^q v_{ijkl} u_{lkji})^4$, "
        r"$\frac{\partial s}{\partial v_{1111}} = 4 u_{1111} s$",
    ),
    "a tower of powers of numbers": (".md", lambda: r"$x = ((9^{999})^{999})^{999}$ $y = 3^{3^{3^{3^3}}}$ " + CLAIM),
    "unbalanced everything": (
        ".md",
        lambda: r"$$ \left( \frac{ \begin{cases} { [ ( $ \( \[ \} ) ] \end{x} \right " * 200 + CLAIM,
    ),
    "macro by itself": (".tex", lambda: "\\newcommand{\\a}[1]{\\a{\\a{#1}}} $\\a{x} = 1$ " + CLAIM),
    "macros in a circle": (
        ".tex",
        lambda: r"\newcommand{\a}{\b}\newcommand{\b}{\c}\newcommand{\c}{\a\a} $\a = 1$ " + CLAIM,
    ),
    "macro bomb": (".tex", bombs),
    "100,000 macros": (
        ".tex",
        lambda: "".join(
            rf"\newcommand{{\m{'abcdefghij'[k % 10] * (k // 1000 + 1)}}}{{x}}" for k in range(100_000)
        )
        + CLAIM,
    ),
    "files to read": (
        ".tex",
        lambda: r"\input{/etc/passwd} \include{/etc/hostname} \usepackage{x} \bibliography{/etc/passwd} "
        r"\verbatiminput{/etc/passwd} \lstinputlisting{/etc/passwd} \includegraphics{/dev/zero} "
        r"$\input{/etc/passwd} = 1$ \openin5=/etc/passwd \write18{ls} " + CLAIM,
    ),
    "a network that is a file": (".md", lambda: "<!-- symbackprop: network=/etc/passwd -->\n" + CLAIM),
    "front matter that is a file": (".md", lambda: "---\nsymbackprop: {network: /etc/hostname.toml}\n---\n" + CLAIM),
    "null bytes": (".md", lambda: CLAIM.replace(" ", "\0").encode() + b"\0\0$a = b$\0"),
    "UTF-16": (".md", lambda: CLAIM.encode("utf-16")),
    "UTF-16 without a mark": (".md", lambda: CLAIM.encode("utf-16-le")),
    "UTF-32": (".md", lambda: CLAIM.encode("utf-32")),
    "Latin-1": (".tex", lambda: ("é ö " * 100 + CLAIM).encode("latin-1")),
    "GB18030": (".md", lambda: ("网络的导数 " * 100 + CLAIM).encode("gb18030")),
    "cut in a character": (".md", lambda: ("网" + CLAIM + "网").encode()[:-1]),
    "all bytes": (".md", lambda: bytes(range(256)) * 400),
    "marks of direction": (".md", lambda: "\u202e\u2066" * 1000 + CLAIM.replace(" ", " \u200b\u202e")),
    "broken JSON": (".ipynb", lambda: '{"cells": [{"cell_type": "markdown", "source": ["$x = 1$"'),
    "a notebook of null": (".ipynb", lambda: "null"),
    "a notebook of other things": (
        ".ipynb",
        lambda: '{"cells": [null, 3, {"cell_type": []}, {"cell_type": "markdown", "source": {"a": 1}}]}',
    ),
    "a notebook of numbers": (".ipynb", lambda: '{"cells": [' + "1e999999999," * 1000 + "NaN]}"),
    "half a surrogate": (
        ".ipynb",
        lambda: '{"cells": [{"cell_type": "markdown", "source": "\\ud800 $x = \\udfff$"}]}',
    ),
    "an empty file": (".md", lambda: b""),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file(name: str, tmp_path: Path) -> None:
    suffix, make = FILES[name]
    content = make()
    path = tmp_path / f"input{suffix}"
    path.write_bytes(
        content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        capture_output=True,
        text=True,
        timeout=LIMIT + 30,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert set(found["opened"]) <= {str(path)}
    assert found["peak"] < ROOM
    assert found["seconds"] < LIMIT
    if found["said"]:
        assert len(found["said"]) < 1000
    if name.startswith(("a network", "front matter")):
        assert "cannot name a file" in found["said"]
    elif isinstance(content, str) and content.endswith(CLAIM):
        # What stands after the hostile part is judged all the same, or the file is refused as a whole.
        assert "definition" in found["verdicts"] or found["verdicts"][-1:] != ["refuted"]
