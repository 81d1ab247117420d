"""The `symbackprop` command. It owns nothing: every command is a call of `symbackprop.api`.

Modules are imported inside the commands, so that `--help` loads click and nothing else.
"""

from __future__ import annotations

import difflib
import os
import sys
from typing import Any

import click

from symbackprop import __version__
from symbackprop.cli.parameters import Names, OneOf, Place, Positive, network_options
from symbackprop.cli.printing import ReaderLeft, emit, prepare, progress, say
from symbackprop.errors import FalseStatement, SymbackpropError, printable

CLEAN, FINDINGS, BAD_INPUT = 0, 1, 2


class Group(click.Group):
    """Commands in the order in which they are used; a mistyped one is recognised."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(args[0], self.commands, n=1) if args else []
        if near and args[0] not in self.commands:
            ctx.fail(f"no such command '{printable(args[0])}': did you mean {near[0]}?")
        return super().resolve_command(ctx, args)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symbackprop")
def cli() -> None:
    """Write the derivation of a gradient, prove it, ship it as code, judge the derivations of others.

    Exit codes: 0 clean, 1 findings, 2 usage or input error.
    """


@cli.command()
@click.argument("network")
@network_options
@click.option("-o", "--output", "folder", type=Place(), help="Write NAME.md, ... into this folder.")
@click.option("--format", "formats", type=Names(), help="md, tex, json; several with commas.")
@click.option("--notation", default=None, help="See `symbackprop list notations`.")
@click.option("--view", "views", type=Names(), help="neuron, index, matrix; several with commas.")
@click.option("--lang", "language", default="en", show_default=True, help="en or zh-Hans.")
@click.option(
    "--markdown",
    "profile",
    type=OneOf(["portable", "github"]),
    default="portable",
    show_default=True,
    help="Which readers the Markdown is for.",
)
def derive(
    network: str,
    folder: str | None,
    formats: tuple[str, ...] | None,
    notation: str | None,
    views: tuple[str, ...] | None,
    language: str,
    profile: str,
    **options: Any,
) -> None:
    """Write the derivation of NETWORK's gradient (a built-in, sizes such as 2-2-2, or a TOML file)."""
    from symbackprop import api

    wanted = formats or (("md", "tex") if folder else ("md",))
    api.check_documents(wanted, language)
    if folder is None and len(wanted) != 1:
        raise click.UsageError("several formats need a folder: add -o DIR")
    system = api.network(network, **options)
    derivation = api.derive(system, notation=notation, views=views)
    if folder is None:
        emit(derivation.text(wanted[0], language=language, profile=profile))
        return
    for path in derivation.save(folder, wanted, language=language, profile=profile):
        say(path)
    say(derivation.summary())


@cli.command()
@click.option(
    "-o",
    "--output",
    "folder",
    default="output",
    show_default=True,
    type=Place(),
    help="Into this folder.",
)
def gallery(folder: str) -> None:
    """Regenerate the gallery: all built-in networks, each in its own notation."""
    from symbackprop import api

    for line in api.gallery(folder, progress()):
        say(line)


@cli.command()
@click.argument("network")
@network_options
@click.option("--to", "target", required=True, help="See `symbackprop list targets`.")
@click.option("-o", "--output", "file", type=Place(), help="Write to this file.")
@click.option(
    "--weights",
    type=OneOf(["receiver-first", "sender-first"]),
    default="receiver-first",
    show_default=True,
    help="Which index of a weight comes first.",
)
@click.option(
    "--dtype",
    type=OneOf(["float", "double"]),
    default="double",
    show_default=True,
    help="The numbers of the code.",
)
def export(
    network: str, target: str, file: str | None, weights: str, dtype: str, **options: Any
) -> None:
    """Write NETWORK's gradient as one standalone source file."""
    from symbackprop import api

    system = api.network(network, **options)
    if file is None:
        emit(api.export(system, target, weights=weights, dtype=dtype))
        return
    for path in api.export_to(system, target, file, weights=weights, dtype=dtype):
        say(path)


@cli.command()
@click.argument("network")
@network_options
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the numbers that are drawn where the network has none.",
)
@click.option(
    "--tolerance",
    type=Positive(zero=True),
    default=1e-9,
    show_default=True,
    help="The largest error / max(1, |g|) that is clean.",
)
def gradcheck(network: str, seed: int, tolerance: float, **options: Any) -> None:
    """Compare NETWORK's symbolic gradient with an independent numeric one."""
    from symbackprop import api

    text, worst = api.gradcheck_table(api.network(network, **options), seed=seed)
    emit(f"{text}\n")
    if not worst <= tolerance:
        sys.exit(FINDINGS)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=Place())
@click.option(
    "--format",
    "form",
    type=OneOf(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="For people, for programs, or annotations for a pull request.",
)
@click.option("--network", default=None, help="The network that the documents speak of.")
@click.option("--notation", default=None, help="The notation that they use.")
@click.option("--show-profile", is_flag=True, help="Print what was inferred of the notation.")
@click.option("--strict", is_flag=True, help="What was not understood is a finding too.")
@click.option(
    "--budget",
    type=Positive(),
    default=2.0,
    show_default=True,
    help="Seconds an equation at most, counted in work done: every machine says the same.",
)
def verify(
    files: tuple[str, ...],
    form: str,
    network: str | None,
    notation: str | None,
    show_profile: bool,
    strict: bool,
    budget: float,
) -> None:
    """Judge every equation of Markdown, LaTeX, notebook or text FILES (folders too)."""
    from symbackprop import api

    report = api.verify_files(files, network=network, notation=notation, budget=budget)
    color = sys.stdout is not None and sys.stdout.isatty()
    emit(report.render(form, show_profile=show_profile, color=color, strict=strict) + "\n")
    code = report.exit_code(strict)
    if code != CLEAN:
        sys.exit(code)


KINDS = ("networks", "notations", "activations", "costs", "targets", "repairs", "languages")


@cli.command("list")
@click.argument("kind", type=OneOf(KINDS), metavar="KIND")
def list_(kind: str) -> None:
    """List what there is of one KIND.

    KIND is networks, notations, activations, costs, targets, repairs or languages.
    """
    from symbackprop import api

    emit("".join(f"{f'{name:18} {meaning}'.rstrip()}\n" for name, meaning in api.listing(kind)))


@cli.command()
@click.argument("code")
def explain(code: str) -> None:
    """What a finding CODE means, with an example."""
    from symbackprop import api

    emit(f"{api.explain(code)}\n")


def main() -> None:
    """Run the command; whatever goes wrong ends in a message and exit code 2, never in a traceback."""
    prepare()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        say("symbackprop: interrupted; nothing half-written is left")
        # A second Ctrl-C while the interpreter tidies up would show a traceback after all.
        os._exit(BAD_INPUT)


def _run() -> int:
    try:
        found = cli(standalone_mode=False)
        return found if isinstance(found, int) else CLEAN
    except ReaderLeft:
        return CLEAN
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
    except FalseStatement as error:
        # The judge refuted a statement: a finding, no fault of the input.
        say(f"symbackprop: {error}")
        return FINDINGS
    except SymbackpropError as error:
        say(f"symbackprop: {error}")
    except RecursionError:
        say("symbackprop: the input is nested too deeply")
    except MemoryError:
        say("symbackprop: the memory of this machine does not suffice; try smaller sizes")
    except OSError as error:
        place = f"{printable(str(error.filename), 200)}: " if error.filename else ""
        say(f"symbackprop: {place}{error.strerror or error}")
    except Exception as error:
        if os.environ.get("SYMBACKPROP_TRACEBACK"):
            raise
        say(
            f"symbackprop: a defect of this program: {type(error).__name__}: {printable(str(error), 200)}"
        )
        say("  set SYMBACKPROP_TRACEBACK=1 to see where, and please report it with the command")
    return BAD_INPUT


if __name__ == "__main__":
    main()
