"""From a system to its derivation: which sections, in which view.

What tells one view is imported when that view is told: a short document starts fast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from symbackprop.calculus.written import written
from symbackprop.derivation import symbols
from symbackprop.derivation.index.layers import Layers
from symbackprop.derivation.neuron.tale import Options, Tale
from symbackprop.derivation.scope import split, without_decay
from symbackprop.derivation.steps import Derivation, Section, Step
from symbackprop.errors import NotationError, UnknownName, UnsupportedForm
from symbackprop.formula.tree import Formula, Num, Ref, num
from symbackprop.notation.base import Notation
from symbackprop.notation.slots import SAMPLE_COST
from symbackprop.system.model import System
from symbackprop.system.shapes import count
from symbackprop.system.values import default_sizes, default_values, sizes_of_values

VIEWS = ("neuron", "index", "matrix")
FEW = 60
"""Up to so many parameters the neuron view is the default."""

NEURONS = ("mlp", "neuron", "softmax-regression", "residual", "generic-mlp")
"""Kinds of networks that are told neuron by neuron."""


def default_views(system: System, notation: Notation) -> tuple[str, ...]:
    """The views that suit the network: few neurons are written out, many are indexed."""
    about = system.about
    if about.kind not in NEURONS:
        return ("index",)
    wanted: tuple[str, ...] = ("index", "matrix")
    if _few(system):
        # What the layered index view would add, the matrix view tells; the general one adds sums.
        more = wanted if about.kind == "residual" or "softmax" in about.activations else wanted[1:]
        wanted = ("neuron", *(() if about.kind == "neuron" else more))
    return tuple(v for v in wanted if v in notation.views) or ("neuron",)


def _few(system: System) -> bool:
    """Whether there are so few weights that each is told by itself."""
    weights = [math.prod(a.count for a in q.axes) for q in system.parameters if q.role == "weight"]
    return all(n.is_Integer for n in weights) and sum(weights) <= FEW


def narrate(
    system: System,
    notation: Notation,
    views: tuple[str, ...] | None = None,
    numbers: Mapping[str, Any] | None = None,
) -> Derivation:
    """The derivation of a system.

    numbers: rate and digits of the section of numbers (and `frozen` parameters); None leaves it out.

    Raises UnknownName, UnsupportedForm, TooLarge, NotationError.
    """
    notation.check_domain(system)
    batch = split(system)
    bare = without_decay(system)
    one = batch.one if batch else bare or system
    chosen = views or default_views(one, notation)
    for view in chosen:
        if view not in VIEWS:
            raise UnknownName("view", view, VIEWS)
        if view not in notation.views:
            raise NotationError(
                f"the notation '{notation.name}' has no letters for the {view} view",
                hint=f"it writes: {', '.join(notation.views)}; 'default' writes every view",
            )
    options = options_for(notation, one, chosen)
    sections: list[Section] = []
    tale = _tale(one, options) if "neuron" in chosen else None
    if tale is not None:
        sections += _neuron(tale, one, notation)
    if "index" in chosen:
        sections += _index(one, options, notation, first=not sections)
    if "matrix" in chosen:
        sections += _matrix(one, options, notation, first=not sections)
    abstract = any(f.expression is None for f in one.functions)
    if numbers is not None and tale is not None and not abstract:
        from symbackprop.derivation.neuron.narrate import numbers as with_numbers

        sections += with_numbers(tale, {"values": default_values(one), **numbers})
    elif numbers is not None:
        from symbackprop.derivation.concrete import example
        from symbackprop.derivation.index.numbers import section as with_numbers_at

        if _small(one):
            shown = {"rate": numbers["rate"], "digits": numbers["digits"]}
            sections.append(with_numbers_at(example(one), **shown))
    if batch is not None:
        from symbackprop.derivation import batch as many_samples
        from symbackprop.derivation.relettering import clear_of

        counts = sorted(s.name for s in batch.count.free_symbols)
        sections = clear_of(sections, (*counts, batch.letter.name))
        sections.append(many_samples.section(batch, options))
    if bare is not None:
        from symbackprop.derivation import decay

        sections.append(decay.section(system, options.errors, options.indices))
    style = notation.style()
    if (style.difference, style.sums, style.derivative) != ("output first", "bounds", "fraction"):
        from symbackprop.derivation.order import Operators, TargetFirst, bare_sums, changed
    if style.difference == "target first":
        turn = TargetFirst(one)
        sections = [changed(s, turn) for s in sections]
    if style.derivative == "operator":
        alone = Operators((one.cost, SAMPLE_COST))
        sections = [changed(s, alone) for s in sections]
    if style.sums == "bare":
        sections = [changed(s, bare_sums) for s in sections]
    return Derivation(one, tuple(sections), chosen, notation.name, {"name": system.name})


def options_for(notation: Notation, system: System, views: tuple[str, ...] = VIEWS) -> Options:
    """What the notation wants of the narrator, for this network in these views."""
    style = notation.style()
    spare = tuple(x for x in notation.index_letters("unit", system) if len(x) == 1)
    letters = (*spare, *(x for x in "jkmipqruv" if x not in spare))
    return Options(
        activation=style.activation,
        errors=style.errors,
        letters=letters,
        stated=style.forward_layer,
        target_first=style.difference == "target first",
        sender_first=style.weights == "sender first",
        # O for the whole of O1 and O2 is told with the matrices; a for all a_j needs no telling.
        whole_arrays="matrix" in (notation.views if "index" in notation.views else views),
        indices="index" in notation.views,
        cost_parts=any(p.role == "cost part" for p in notation.patterns),
    )


def _tale(one: System, options: Options) -> Tale:
    """The network written out neuron by neuron. Raises UnsupportedForm, TooLarge."""
    from symbackprop.derivation.neuron.narrate import tale_of

    if one.about.kind not in NEURONS:
        raise UnsupportedForm(
            "the neuron view is written for layered networks and residual blocks",
            hint="ask for --view index",
        )
    return tale_of(one, options)


def _neuron(tale: Tale, one: System, notation: Notation) -> list[Section]:
    from symbackprop.derivation.neuron.narrate import narrate as tell

    told = list(tell(tale))
    told.insert(1, symbols.section(one, notation, tale.weights(tale.depth)[0]))
    return told


def _layers(one: System, options: Options) -> Layers | None:
    """The layers, where the index view tells them layer by layer."""
    about = one.about
    if about.kind not in ("mlp", "generic-mlp") or "softmax" in about.activations:
        return None
    return Layers(
        one,
        options.letters,
        options.errors,
        options.stated,
        options.target_first,
        options.sender_first,
    )


MANY = 400
"""Numbers are shown for networks with at most so many values."""


def _small(one: System) -> bool:
    """Whether an example of the network has few enough numbers to be read."""
    sizes = {**default_sizes(one), **sizes_of_values(one)}
    total = sum(count(q, sizes) for q in one.quantities)
    return total <= MANY


def _example(one: System, stated: Formula) -> Ref:
    first = one.parameters[0]
    indices = [written(i, one) for i in first.indices]
    if first.axes and first.axes[0].kind == "layer":
        indices[0] = stated
    return Ref(first.name, tuple(indices))


def _index(one: System, options: Options, notation: Notation, first: bool) -> list[Section]:
    from symbackprop.derivation.index import backward, equations, outputs, rule, variants

    net = _layers(one, options)
    table = [symbols.section(one, notation, _example(one, options.stated))] if first else []
    if net is None:
        from symbackprop.calculus.sweep import sweep
        from symbackprop.derivation.index import general
        from symbackprop.derivation.index.algorithm import algorithm
        from symbackprop.derivation.index.entries import by_entries

        adjoints = by_entries(sweep(one))
        told = general.sections(adjoints, options.errors)
        if not first:
            return [Section("index view", told)]
        found = Section(
            "index result",
            (Step("result", general.results(adjoints, options.errors), topic="index result"),),
        )
        closing = algorithm(adjoints, options.errors)
        opening = [*table, general.forward(one), general.cost(one), rule.section(one, None)]
        return [*opening, *told, found, closing]
    (cost,) = one.equations_of[one.cost]
    body = written(cost.rhs, one)
    told_: list[Section] = [*table]
    if first:
        told_ += [equations.forward(net), equations.cost(net, body), rule.section(one, net)]
    told_ += [equations.brackets(net), outputs.start(net, body)]
    if net.generic:
        told_ += [backward.step(net, net.layer), backward.parameters(net, net.stated)]
        return [*told_, *variants.sections(one, net)]
    assert isinstance(net.depth, Num)
    depth = int(net.depth.value)
    told_ += [backward.step(net, num(layer)) for layer in range(depth - 1, 0, -1)]
    told_ += [backward.parameters(net, num(layer)) for layer in range(depth, 0, -1)]
    return told_


def _matrix(one: System, options: Options, notation: Notation, first: bool) -> list[Section]:
    net = _layers(one, options)
    table = [symbols.section(one, notation, _example(one, options.stated))] if first else []
    if net is None:
        from symbackprop.derivation.matrix import general

        found = [*table, general.section(one, options.errors, first, options.sender_first)]
        return [*found, *_conventions(one, notation)]
    from symbackprop.derivation.matrix import layered

    widths = notation.style().sums == "bounds"
    return [*table, layered.section(net, first, widths), *_conventions(one, notation)]


def _conventions(one: System, notation: Notation) -> list[Section]:
    """The four ways to store a batch, for networks with layers."""
    from symbackprop.derivation.matrix import conventions

    stored = conventions.section(one, notation) if one.about.kind in NEURONS else None
    return [] if stored is None else [stored]
