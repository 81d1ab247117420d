"""docs/commands.md names every command, option and row of a registry, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from symbackprop.api import listing
from symbackprop.api.registries import KINDS
from symbackprop.cli.main import cli

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SHARED = {
    "--activation", "--output-activation", "--cost", "--bias", "--weight-decay", "--reduction",
    "--samples",
}  # fmt: skip


def part(command: str) -> str:
    """What stands under the heading of a command."""
    found = re.search(rf"^## {command}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    assert found, f"docs/commands.md has no section '{command}'"
    return found[1]


def options(command: click.Command) -> set[str]:
    return {o for p in command.params if isinstance(p, click.Option) for o in (*p.opts,)}


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_is_documented_and_no_other(name: str) -> None:
    there = options(cli.commands[name])
    rows = set(
        re.findall(r"`(--?[a-z][a-z-]*)`", "\n".join(re.findall(r"^\| (`-.*)", part(name), re.M)))
    )
    if there & SHARED:
        assert there >= SHARED
        rows |= set(re.findall(r"^\| `(--[a-z-]+)`", part("NETWORK"), re.M))
    assert rows == there


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_has_a_help_text(name: str) -> None:
    for p in cli.commands[name].params:
        if isinstance(p, click.Option):
            assert p.help, f"{name} {p.opts[-1]}"


def test_no_section_of_a_command_that_is_not_there() -> None:
    sections = set(re.findall(r"^## ([a-z]+)$", TEXT, re.M))
    assert sections == set(cli.commands)


def test_the_examples_name_options_that_exist() -> None:
    for line in re.findall(r"^    symbackprop (.+)$", TEXT, re.M):
        command, *words = line.split()
        given = {w for w in words if w.startswith("-")}
        assert given <= options(cli.commands[command]), line


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "repairs"])
def test_every_row_of_a_registry_is_documented(kind: str) -> None:
    there = TEXT[TEXT.index("## What there is") :]
    for name, _ in listing(kind):
        assert f"`{name}`" in there, f"{kind}: {name}"


def test_every_kind_lists_something() -> None:
    for kind in KINDS:
        rows = listing(kind)
        assert rows, kind
        assert len({name for name, _ in rows}) == len(rows)


def test_every_network_is_in_the_gallery() -> None:
    for name, _ in listing("networks"):
        for suffix in ("md", "tex", "json"):
            assert (ROOT / "output" / f"{name}.{suffix}").is_file(), name


@pytest.mark.parametrize(
    ("kind", "folders"),
    [
        ("activations", ("networks", "calculus", "numeric")),
        ("costs", ("networks", "calculus", "numeric")),
        ("notations", ("notation", "derivation")),
        ("targets", ("export",)),
        ("languages", ("documents",)),
    ],
)
def test_every_row_is_tested_somewhere(kind: str, folders: tuple[str, ...]) -> None:
    """By name, or by a test that runs over the whole registry."""
    registry = {"activations": "ACTIVATIONS", "costs": "COSTS", "notations": "names()",
                "targets": "TARGETS", "languages": "languages()"}[kind]  # fmt: skip
    text = "".join(
        p.read_text(encoding="utf-8")
        for folder in folders
        for p in (ROOT / "tests" / folder).glob("*.py")
    )
    for name, _ in listing(kind):
        assert re.search(rf"[\"'_/]{re.escape(name)}[\"'_/.]", text) or registry in text, name


def test_the_hook_runs_a_command_that_exists() -> None:
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    found = re.search(r"^  entry: symbackprop (\w+)$", hook, re.M)
    assert found
    assert found[1] in cli.commands
