"""The `symbackprop` command. It owns nothing: every command is a call of `symbackprop.api`.

Modules are imported inside the commands, so that `--help` loads click and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from symbackprop import __version__
from symbackprop.errors import SymbackpropError

CLEAN, FINDINGS, BAD_INPUT = 0, 1, 2


class Group(click.Group):
    """Commands in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symbackprop")
def cli() -> None:
    """Write the derivation of a gradient, prove it, ship it as code, judge the derivations of others.

    Exit codes: 0 clean, 1 findings, 2 usage or input error.
    """


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that change a network given in one line."""
    for option in (
        click.option("--samples", help="Number of samples: a number, or a letter such as m."),
        click.option(
            "--reduction", type=click.Choice(["sum", "mean"]), help="Over the samples: sum or mean."
        ),
        click.option("--weight-decay", is_flag=True, help="Add lambda/2 times all squared weights."),
        click.option(
            "--bias",
            type=click.Choice(["unit", "layer", "none"]),
            help="A bias for each unit, one shared by a layer, or none.",
        ),
        click.option("--cost", help="See `symbackprop list costs`."),
        click.option("--output-activation", help="Activation of the last layer."),
        click.option("--activation", help="Activation of every layer; see `list activations`."),
    ):
        command = option(command)
    return command


@cli.command()
@click.argument("network")
@network_options
@click.option("-o", "--output", "folder", type=click.Path(), help="Write NAME.md, ... into this folder.")
@click.option("--format", "formats", default=None, help="md, tex, json; several with commas.")
@click.option("--notation", default=None, help="See `symbackprop list notations`.")
@click.option("--view", "views", default=None, help="neuron, index, matrix; several with commas.")
@click.option("--lang", "language", default="en", show_default=True, help="en or zh-Hans.")
@click.option(
    "--markdown",
    "profile",
    type=click.Choice(["portable", "github"]),
    default="portable",
    show_default=True,
    help="Which readers the Markdown is for.",
)
def derive(
    network: str,
    folder: str | None,
    formats: str | None,
    notation: str | None,
    views: str | None,
    language: str,
    profile: str,
    **options: Any,
) -> None:
    """Write the derivation of NETWORK's gradient (a built-in, sizes such as 2-2-2, or a TOML file)."""
    from symbackprop import api

    wanted = tuple((formats or ("md,tex" if folder else "md")).split(","))
    system = api.network(network, **options)
    derivation = api.derive(
        system,
        notation=notation,
        views=tuple(views.split(",")) if views else None,
    )
    if folder is None:
        if len(wanted) != 1:
            raise click.UsageError("several formats need a folder: add -o DIR")
        click.echo(derivation.text(wanted[0], language=language, profile=profile), nl=False)
        return
    for path in derivation.save(folder, wanted, language=language, profile=profile):
        click.echo(path, err=True)
    click.echo(derivation.summary(), err=True)


@cli.command()
@click.option("-o", "--output", "folder", default="output", show_default=True, type=click.Path())
def gallery(folder: str) -> None:
    """Regenerate the gallery: all built-in networks, each in its own notation."""
    from symbackprop import api

    for line in api.gallery(folder):
        click.echo(line, err=True)


@cli.command()
@click.argument("network")
@network_options
@click.option("--to", "target", required=True, help="See `symbackprop list targets`.")
@click.option("-o", "--output", "file", type=click.Path(), help="Write to this file.")
@click.option(
    "--weights", type=click.Choice(["receiver-first", "sender-first"]), default="receiver-first"
)
@click.option("--dtype", type=click.Choice(["float", "double"]), default="double")
def export(
    network: str, target: str, file: str | None, weights: str, dtype: str, **options: Any
) -> None:
    """Write NETWORK's gradient as one standalone source file."""
    from symbackprop import api

    system = api.network(network, **options)
    if file is None:
        click.echo(api.export(system, target, weights=weights, dtype=dtype), nl=False)
        return
    for path in api.export_to(system, target, file, weights=weights, dtype=dtype):
        click.echo(path, err=True)


@cli.command()
@click.argument("network")
@network_options
@click.option("--seed", default=0, show_default=True)
@click.option("--tolerance", default=1e-9, show_default=True)
def gradcheck(network: str, seed: int, tolerance: float, **options: Any) -> None:
    """Compare NETWORK's symbolic gradient with an independent numeric one."""
    from symbackprop import api

    text, worst = api.gradcheck_table(api.network(network, **options), seed=seed)
    click.echo(text)
    if not worst <= tolerance:
        sys.exit(FINDINGS)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text")
@click.option("--network", default=None, help="The network that the documents speak of.")
@click.option("--notation", default=None, help="The notation that they use.")
@click.option("--show-profile", is_flag=True, help="Print what was inferred of the notation.")
@click.option("--strict", is_flag=True, help="What was not understood is a finding too.")
@click.option("--budget", default=2.0, show_default=True, help="Seconds an equation at most.")
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
    color = sys.stdout.isatty()
    click.echo(report.render(form, show_profile=show_profile, color=color))
    if report.has_findings(strict=strict):
        sys.exit(FINDINGS)


KINDS = ("networks", "notations", "activations", "costs", "targets", "repairs", "languages")


@cli.command("list")
@click.argument("kind", type=click.Choice(KINDS))
def list_(kind: str) -> None:
    """List what there is of one KIND."""
    from symbackprop import api

    for name, meaning in api.listing(kind):
        click.echo(f"{name:18} {meaning}".rstrip())


@cli.command()
@click.argument("code")
def explain(code: str) -> None:
    """What a finding CODE means, with an example."""
    from symbackprop import api

    click.echo(api.explain(code))


def main() -> None:
    """Run the command; bad input ends in a message and exit code 2, never in a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("interrupted; nothing half-written is left", err=True)
        sys.exit(BAD_INPUT)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except SymbackpropError as error:
        click.echo(f"symbackprop: {error}", err=True)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        click.echo("interrupted; nothing half-written is left", err=True)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(CLEAN)


if __name__ == "__main__":
    main()
