"""What the README shows is what the program does."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_python_session_runs_as_printed() -> None:
    session = doctest.DocTestParser().get_doctest(README, {}, "README.md", "README.md", 0)
    assert session.examples
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(session)
    assert runner.failures == 0


def test_the_quoted_displays_stand_in_the_gallery() -> None:
    document = (ROOT / "output" / "chang.md").read_text(encoding="utf-8")
    displays = re.findall(r"> \$\$\n> (.+)\n> \$\$", README)
    assert len(displays) == 2
    for display in displays:
        assert display in document


def test_both_commands_are_marked_for_the_checks() -> None:
    for name in ("main", "tests"):
        assert re.search(rf"<!-- command: {name} -->\n```\n.+\n```\n<!-- end -->", README)


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_judged_document_is_judged_as_shown(tmp_path: Path) -> None:
    session = re.search(
        r"    \$ cat notes\.md\n(.+?)    \$ symbackprop verify notes\.md\n(.+?)\n\n",
        README,
        re.DOTALL,
    )
    assert session is not None
    document, shown = (re.sub(r"^    ", "", part, flags=re.MULTILINE) for part in session.groups())
    (tmp_path / "notes.md").write_text(document, encoding="utf-8")
    command = [sys.executable, "-m", "symbackprop", "verify", "notes.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == shown.strip()
    assert done.returncode == 1
