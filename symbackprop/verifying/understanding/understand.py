"""Two passes over a document: its definitions become Systems, everything else a claim about them."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.documents.scan import Scan
from symbackprop.formula.tree import Chain, Deriv, Grad, MatMul, Num, Pow, Prod, Sum, Sym
from symbackprop.system.model import Fact
from symbackprop.verifying.names.letter_layers import letter_layers
from symbackprop.verifying.names.resolve import Resolver
from symbackprop.verifying.names.symbols import Symbols
from symbackprop.verifying.understanding.apart import find_apart, find_late
from symbackprop.verifying.understanding.array_letters import array_letters, maps_of
from symbackprop.verifying.understanding.classify import classify
from symbackprop.verifying.understanding.differentials import expand_differentials, expand_steps
from symbackprop.verifying.understanding.divisors import divisors
from symbackprop.verifying.understanding.errors import find_errors
from symbackprop.verifying.understanding.forms import thresholds
from symbackprop.verifying.understanding.functions import (
    function_name,
    functions_of,
    is_the_number,
)
from symbackprop.verifying.understanding.gate_names import gate_names
from symbackprop.verifying.understanding.habits import (
    attached_digits,
    biases_apart,
    compared_letters,
    digits_as_indices,
    heads_of,
    inner_letters,
    letters_in_words,
    named_by_letter,
    named_squares,
    plain_letters,
)
from symbackprop.verifying.understanding.labels import read_labels
from symbackprop.verifying.understanding.last_functions import define_last_layer
from symbackprop.verifying.understanding.lone_numbers import costs_with_more, lone_numbers
from symbackprop.verifying.understanding.named_columns import named_columns
from symbackprop.verifying.understanding.named_rows import rows_written, with_named_rows
from symbackprop.verifying.understanding.nested import read_nested
from symbackprop.verifying.understanding.numbered_times import numbered_times
from symbackprop.verifying.understanding.open_cost_letters import open_cost_letters
from symbackprop.verifying.understanding.positions import count_positions
from symbackprop.verifying.understanding.pre_activations import name_pre_activations
from symbackprop.verifying.understanding.profile import Profile
from symbackprop.verifying.understanding.ranks import (
    numbered_arrays,
    numbered_biases,
    ranks_of,
    scalars_of,
    sizes_of,
    told_entries,
)
from symbackprop.verifying.understanding.rate_letters import rate_letters
from symbackprop.verifying.understanding.said_shapes import (
    REALS,
    axes_of,
    bounds_of,
    ranks_said,
    said_shapes,
    says_rows,
    shapes_of,
)
from symbackprop.verifying.understanding.samples import lift_samples
from symbackprop.verifying.understanding.scopes import scopes_of
from symbackprop.verifying.understanding.settled import multiply_from_the_left, settle_ranks
from symbackprop.verifying.understanding.shares import assume_shares
from symbackprop.verifying.understanding.stacked import stack_examples
from symbackprop.verifying.understanding.statement import Statement, Understanding
from symbackprop.verifying.understanding.sums_of_names import names_of, written_out
from symbackprop.verifying.understanding.told_ranges import (
    bounds_told,
    read_ranges,
    shapes_told,
    steps_told,
)
from symbackprop.verifying.understanding.values_with_arguments import word_letters
from symbackprop.verifying.understanding.written_entries import is_range


def understand(scan: Scan, profile: Profile, statements: list[Statement]) -> Understanding:
    """Both passes: names, functions and sizes first, then what each statement is."""
    if not profile.rows:
        stack_examples(statements)
    for s in statements:
        s.chain = with_named_rows(s.chain, profile.named)
    expand_differentials(statements)
    expand_steps(statements)
    read_ranges(statements, scan.pieces)
    positions = count_positions(statements, scan.pieces)
    families = read_nested(statements)
    label = read_labels(statements, scan.pieces)
    chains = [s.chain for s in statements if s.chain.relations] or [s.chain for s in statements]
    bound = frozenset(n.index.name for c in chains for n in c.walk() if isinstance(n, Sum | Prod))
    bound |= compared_letters(chains) | word_letters(chains)
    bound |= {x for s in statements for x, _, _ in s.ranges}
    numerators = frozenset(
        n.of.base
        for c in chains
        for n in c.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym)
    )
    numerators -= inner_letters(chains)
    # What a gradient is taken by, ∇_Q E, is an array: Q is no cost there.
    numerators -= {
        n.by.base
        for c in chains
        for n in c.walk()
        if isinstance(n, Grad) and isinstance(n.by, Sym) and isinstance(n.of, Sym)
        and n.by.base != n.of.base
    }  # fmt: skip
    symbols = [n for c in chains for n in c.walk() if isinstance(n, Sym)]
    lettered = {n.base for n in symbols if n.sup and not "".join(n.sup[:1]).isdigit()}
    layered = {  # the δ^1 of `δ^l = ∂C/∂z^l` is no name of its own
        c.members[0].base for c in chains
        if c.relations and isinstance(c.members[0], Sym) and {"l", "ell"} & set(c.members[0].sup)
        and any(isinstance(m, Deriv | Grad) for m in c.members[1:])
    }  # fmt: skip
    squares: frozenset[tuple[str, tuple[str, ...]]] = frozenset(
        (c.members[0].base.base, (c.members[0].exponent.text,))
        for at, c in enumerate(chains)
        if c.relations and isinstance(c.members[0], Pow) and isinstance(c.members[0].base, Sym)
        and isinstance(c.members[0].exponent, Num)
        and not _is_head(c.members[0].base, chains[:at])
        and c.members[0].base.base not in layered
    )  # fmt: skip
    squares |= frozenset(
        (c.members[0].base, c.members[0].sup)
        for c in chains
        if c.relations and isinstance(c.members[0], Sym)
        and c.members[0].base in profile.hints.index_superscripts
        and (c.members[0].base not in layered or not "".join(c.members[0].sup).isdigit())
        and not (c.members[0].base in lettered and _tells_layer(c.members[0]))
    )  # fmt: skip
    squares |= frozenset(
        (n.base, n.sup) for n in symbols
        if n.base in profile.hints.index_superscripts and len(n.sup) == 1 and n.sup[0].isdigit()
        and n.base not in lettered
    )  # fmt: skip
    for s in statements:
        s.chain = named_squares(s.chain, squares)
    if squares:
        symbols += [Sym(b, (), e) for b, e in squares]
    names = names_of(symbols)
    for s in statements:
        s.chain = written_out(s.chain, names)
    chains = [s.chain for s in statements if s.chain.relations] or [s.chain for s in statements]
    split = named_by_letter(chains)
    letters = plain_letters(symbols)
    attached = attached_digits(symbols, letters)
    for s in statements:
        s.chain = digits_as_indices(s.chain, letters)
    chains = [s.chain for s in statements if s.chain.relations] or [s.chain for s in statements]
    symbols = [n for c in chains for n in c.walk() if isinstance(n, Sym) and n.base != REALS]
    if squares:
        symbols += [Sym(b, (), e) for b, e in squares]
    numbered = numbered_arrays(symbols, profile, numerators) if profile.arrays else frozenset()
    numbered |= told_entries([s.chain for s in statements], symbols)
    said_rows = says_rows(statements, scan.pieces)
    if said_rows:
        profile = replace(profile, rows=True)
    said = said_shapes(statements, profile.rows)
    table = Symbols(
        symbols,
        bound,
        numerators,
        squares,
        split=split,
        layers=letter_layers(chains),
        arrays=profile.arrays,
        heads=heads_of([c for c in chains if c.relations != ("in",) and not is_range(c)]),
        numbered=numbered,
        biases=biases_apart(chains),
        loose=letters_in_words([c for c in chains if not is_range(c)]),
        attached=attached,
        whole=array_letters(chains),
        said=axes_of(said),
        open_costs=open_cost_letters(chains),
        maps=maps_of(chains),
        rows=rows_written(chains, profile.named),
        columns=named_columns(scan.pieces) if profile.arrays else frozenset(),
        by=frozenset(
            n.by.base
            for c in chains
            for n in c.walk()
            if isinstance(n, Deriv | Grad) and isinstance(n.by, Sym) and n.by == Sym(n.by.base)
        ),
    )
    equal = [s.chain for s in statements if s.chain.relations not in ((), ("in",))]
    sizes, widths = sizes_of([*chains, *bounds_of(said, equal), *bounds_told(statements)], table)
    formulas: dict[str, list[int]] = {}
    functions = functions_of(statements, profile, formulas)
    resolver = Resolver(
        table,
        sizes,
        widths,
        {},
        {name: function_name(name) for name in functions},
        profile.kronecker,
        circle=is_the_number(statements),
    )
    if profile.arrays:
        known = ranks_said(said, resolver)
        gates = gate_names(chains)
        rates = {(base, ()) for base in rate_letters(chains, scan.pieces)}
        numbers = scalars_of(chains) | lone_numbers(chains) | rates
        numbers |= costs_with_more(chains, numerators) | divisors(chains)
        compared = compared_letters(chains)
        biases = numbered_biases(chains)
        steps = numbered_times(chains)
        ranks = ranks_of(
            symbols, table, profile, numerators, numbers, gates, compared, biases, steps
        )
        resolver.ranks = {n: r for n, r in {**ranks, **known}.items() if r}
        resolver.sure = known
        settle_ranks(resolver, chains, profile, known, said_rows)
        if any(isinstance(n, MatMul) and n.dotted for c in chains for n in c.walk()):
            settle_ranks(resolver, chains, profile, known, said_rows)  # inner products tell more
        resolver.rows = profile.rows and multiply_from_the_left(equal, resolver)
    u = Understanding(scan, profile, statements, resolver, [], functions, {})
    u.formulas = formulas
    u.positions = positions
    u.label = label
    u.families = families
    u.said = (*shapes_of(said, resolver), *shapes_told(statements, resolver))
    if not sizes & {"T", "tau"}:
        u.steps = steps_told(scan.pieces)
    u.scopes = scopes_of(scan.pieces)
    for letter in thresholds(chains):
        u.facts.setdefault(resolver.symbols.resolve(letter).name, set()).add(Fact("positive"))
    for s in statements:
        classify(s, u)
    define_last_layer(u)
    name_pre_activations(u)
    lift_samples(u)
    assume_shares(u)
    find_errors(u)
    u.apart = find_apart(u)
    u.late = find_late(u)
    return u


def _tells_layer(s: Sym) -> bool:
    """Whether a layer stands above it, by its number or its letter: no part of a name."""
    return "".join(s.sup).isdigit() or s.sup[:1] in (("l",), ("L",), ("ell",))


def _is_head(symbol: Sym, before: list[Chain]) -> bool:
    """Whether an equation has defined a symbol: after `r = …` the square in `r^2 = …` is r times r."""
    return any(c.relations and c.members[0] == symbol for c in before)
