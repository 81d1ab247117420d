"""All statements of a document, as they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from symbackprop.documents.scan import Piece, Scan
from symbackprop.errors import ReadingError
from symbackprop.formula.hints import Hints
from symbackprop.formula.tree import Call, Chain, Formula, Num, Opaque, Sum, Sym
from symbackprop.verifying.understanding.adjoint_accents import read_adjoint_accents
from symbackprop.verifying.understanding.adjoint_signs import read_adjoint_signs
from symbackprop.verifying.understanding.applied_losses import (
    several_arguments,
    templates,
    write_out_losses,
)
from symbackprop.verifying.understanding.array_letters import array_letters, is_bare
from symbackprop.verifying.understanding.bare_gradients import read_bare_gradients
from symbackprop.verifying.understanding.bare_sums import with_indices
from symbackprop.verifying.understanding.conditions import (
    conditions_of,
    is_case,
    is_index_case,
    is_inequality,
    leads_case,
    start_of_range,
    told_before,
    told_by_letters,
)
from symbackprop.verifying.understanding.costs_with_arguments import with_names
from symbackprop.verifying.understanding.dropped_examples import read_dropped_examples
from symbackprop.verifying.understanding.ellipses import with_sums
from symbackprop.verifying.understanding.entries_of_matrices import read_entries_of_matrices
from symbackprop.verifying.understanding.functions_of_layers import read_functions_of_layers
from symbackprop.verifying.understanding.gate_names import gate_names, without_gate
from symbackprop.verifying.understanding.given_in_numbers import write_out_given
from symbackprop.verifying.understanding.habits import (
    applied_functions,
    in_one_dress,
    layer_letter,
    numbered_layers,
    other_dress,
    with_layer_letter,
    with_layers,
    with_reach,
)
from symbackprop.verifying.understanding.identities import read_identities
from symbackprop.verifying.understanding.indicators import with_indicators
from symbackprop.verifying.understanding.inline_cases import with_cases, without_places
from symbackprop.verifying.understanding.joined_inputs import read_joined_inputs
from symbackprop.verifying.understanding.last_layers import last_layer, with_last_layer
from symbackprop.verifying.understanding.layer_cases import split_layer_cases
from symbackprop.verifying.understanding.layers_below import (
    SHIFTED,
    layers_below,
    lifted,
    lifted_symbol,
)
from symbackprop.verifying.understanding.letters_of_layers import read_letters_of_layers
from symbackprop.verifying.understanding.mean_sums import read_means
from symbackprop.verifying.understanding.momentum import separate_iterates
from symbackprop.verifying.understanding.named_operators import read_named_operators
from symbackprop.verifying.understanding.names_behind import name_from_behind
from symbackprop.verifying.understanding.numbered_arrays import read_entries_of_numbered
from symbackprop.verifying.understanding.numbered_times import is_numbered, numbered_times
from symbackprop.verifying.understanding.one_pattern import read_one_pattern
from symbackprop.verifying.understanding.ones_letters import with_ones_letters
from symbackprop.verifying.understanding.output_columns import read_output_columns
from symbackprop.verifying.understanding.output_rows import read_output_rows
from symbackprop.verifying.understanding.own_functions import write_out_functions
from symbackprop.verifying.understanding.primes import read_primes
from symbackprop.verifying.understanding.profile import Profile
from symbackprop.verifying.understanding.rate_letters import rate_letters
from symbackprop.verifying.understanding.remarks import far, without_shape, words_for_values
from symbackprop.verifying.understanding.row_norms import read_row_norms
from symbackprop.verifying.understanding.rows_of_matrices import read_rows_of_matrices
from symbackprop.verifying.understanding.said_shapes import is_like, said_arrays
from symbackprop.verifying.understanding.scale_names import read_scale_names
from symbackprop.verifying.understanding.short_names import read_short_names
from symbackprop.verifying.understanding.slashes import read_slashes
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.understanding.sums_over_sets import REASON, over_several_sets
from symbackprop.verifying.understanding.updates import find_updates
from symbackprop.verifying.understanding.values_at_points import read_values_at_points
from symbackprop.verifying.understanding.values_with_arguments import (
    functions_defined,
    is_example,
    of_one_function,
    quantities_with_arguments,
    without_parameters,
    word_letters,
)
from symbackprop.verifying.understanding.written_entries import write_out_entries
from symbackprop.verifying.understanding.written_layers import write_out_layers

if TYPE_CHECKING:
    from symbackprop.formula.latex_reader import Statement as Read


def read_all(scan: Scan, profile: Profile) -> tuple[list[Statement], list[tuple[int, str]]]:
    """All statements, and what could not be read at all (piece number, reason)."""
    hints = profile.hints
    if profile.below:
        raised = hints.array
        hints = replace(hints, is_array=lambda s: raised(lifted_symbol(s, profile.below)))
    losses = several_arguments(p.latex for p in scan.pieces)
    if losses:
        kept = replace(hints, dropped=hints.dropped - losses)
        formulas = templates((s.chain for s in _read(scan, profile, kept)[0]), losses)
        losses = frozenset(formulas)
        hints = replace(hints, dropped=hints.dropped - losses)
    found, failed = _read(scan, profile, hints)
    for _ in range(3):  # what was read better may tell more
        quantities = quantities_with_arguments(s.chain for s in found) - profile.costs
        functions = functions_defined(s.chain for s in found) - quantities - hints.dropped - losses
        if quantities <= hints.dropped and functions <= hints.functions:
            break
        hints = replace(
            hints,
            functions=hints.functions - quantities | functions,
            dropped=hints.dropped | quantities,
        )
        found, failed = _read(scan, profile, hints)
    if profile.arrays:
        arrays = said_arrays(found)
        if any(not hints.array(a) for a in arrays):
            before = hints.array
            hints = replace(hints, is_array=lambda s: before(s) or is_like(s, arrays))
            found, failed = _read(scan, profile, hints)
        letters = array_letters(s.chain for s in found)
        if any(not hints.array(Sym(base)) for base in letters):
            told = hints.array
            hints = replace(hints, is_array=lambda s: told(s) or is_bare(s, letters))
            found, failed = _read(scan, profile, hints)
        steps = numbered_times(s.chain for s in found)
        if steps:
            numbers = hints.array
            hints = replace(hints, is_array=lambda s: numbers(s) or is_numbered(s, steps))
            found, failed = _read(scan, profile, hints)
        rates = rate_letters((s.chain for s in found), scan.pieces)
        if any(hints.array(Sym(base)) for base in rates):
            others = hints.array
            hints = replace(hints, is_array=lambda s: others(s) and not is_bare(s, rates))
            found, failed = _read(scan, profile, hints)
        times = _of_times(found)
        if times:
            single = hints.array
            hints = replace(
                hints,
                is_array=lambda s: (
                    single(replace(s, sub=("t",)))
                    if s.base in times and len(s.sub) == 1 and s.sub[0].isdigit() and not s.sup
                    else single(s)
                ),
            )
            found, failed = _read(scan, profile, hints)
        gates = gate_names(s.chain for s in found)
        if gates:
            plain = hints.array
            hints = replace(hints, is_array=lambda s: plain(s) or plain(without_gate(s, gates)))
            found, failed = _read(scan, profile, hints)
    last = last_layer(s.chain for s in found)
    if last:
        hints = replace(hints, index_letters=hints.index_letters | {last})
        found, failed = _read(scan, profile, hints)
        for statement in found:
            statement.chain = with_last_layer(statement.chain, last)
    write_out_losses(found, templates((s.chain for s in found), losses), profile.arrays)
    if profile.arrays:
        read_short_names(found)
        read_rows_of_matrices(found)
    read_entries_of_numbered(found, profile.arrays)
    if profile.arrays:
        read_entries_of_matrices(found)
    read_dropped_examples(found)
    read_bare_gradients(found)
    read_functions_of_layers(found)
    read_values_at_points(found)
    read_adjoint_accents(found)
    read_adjoint_signs(found)
    read_named_operators(found)
    read_scale_names(found)
    read_means(found)
    read_row_norms(found)
    read_joined_inputs(found)
    read_one_pattern(found)
    if not profile.arrays:
        read_identities(found)
    (read_output_columns if profile.rows else read_output_rows)(found)
    words_for_values(found)
    write_out_functions(found, scan.pieces)
    read_primes(found)
    read_slashes(found)
    name_from_behind(found)
    find_updates(found)
    separate_iterates(found, scan.pieces)
    dress = other_dress([s.chain for s in found])
    words = word_letters(s.chain for s in found)
    for statement in found:
        chain = of_one_function(without_parameters(statement.chain, words))
        statement.chain = in_one_dress(chain, dress)
    split_layer_cases(found)
    if profile.arrays:
        read_letters_of_layers(found)
    write_out_layers(found)
    write_out_given(found)
    if not numbered_times(s.chain for s in found):
        write_out_entries(found)  # numbers of steps are no numbers of entries
    layered = numbered_layers([s.chain for s in found])
    applied = frozenset(
        n.name for s in found for n in s.chain.walk() if isinstance(n, Call) and len(n.args) == 1
    )
    for statement in found:
        statement.chain = with_reach(applied_functions(statement.chain, applied))
    letter = layer_letter([s.chain for s in found])
    for statement in found:
        statement.chain = with_layer_letter(with_layers(statement.chain, layered), letter)
    return found, failed


def with_layers_below(scan: Scan, profile: Profile) -> Profile:
    """The profile with the letters whose layers are subscripts."""
    if not any(SHIFTED.search(piece.latex) for piece in scan.pieces):
        return profile
    found, _ = _read(scan, profile, profile.hints)
    return replace(profile, below=layers_below(s.chain for s in found))


def _read(
    scan: Scan, profile: Profile, hints: Hints
) -> tuple[list[Statement], list[tuple[int, str]]]:
    from symbackprop.formula.latex_reader import CONTINUES, read_display

    found: list[Statement] = []
    failed: list[tuple[int, str]] = []
    previous: Formula | None = None
    several = over_several_sets(scan.pieces)
    for number, piece in enumerate(scan.pieces):
        if piece.problem or number in several:
            failed.append((number, piece.problem or REASON))
            continue
        one_line = with_cases(piece.latex)
        try:
            display = read_display(one_line or piece.latex, hints)
        except ReadingError as error:
            failed.append((number, error.message))
            continue
        except RecursionError:
            failed.append((number, "nested too deeply"))
            continue
        unread = _unread(display.statements)
        if unread is not None and piece.display and _EQUALS.search(piece.latex):
            failed.append((number, unread.reason))  # what cannot be read is said, never passed over
            continue
        conditions = conditions_of(display.statements, piece.latex)
        supposed = _supposed(found, piece, number)
        for at, s in enumerate(display.statements):
            if s.condition or (len(display.statements) > 1 and is_inequality(s.chain)):
                continue
            if is_index_case(display.statements, at) or leads_case(
                display.statements, at, piece.latex
            ):
                continue
            chain = lifted(with_names(s.chain, profile.costs, profile.single), profile.below)
            chain = with_indicators(without_places(chain) if one_line else chain)
            chain = with_ones_letters(chain, profile.ones)
            if chain.members[0] == CONTINUES:
                if previous is None or (not piece.display and far(piece.before)):
                    continue
                chain = Chain((previous, *chain.members[1:]), chain.relations, span=chain.span)
            chain = with_sums(with_indices(without_shape(_sample_calls(chain, piece.latex))))
            if chain.relations:
                previous = chain.members[0] if piece.display else previous
            found.append(Statement(number, piece, chain, s.label or piece.label))
            found[-1].under = (*supposed, *conditions.get(at, ()))
    return found, failed


def _of_times(found: Sequence[Statement]) -> frozenset[str]:
    """Letters that stand with a t and with numbers for it: `h_1` is as much a vector as `h_t` is."""
    symbols = {n for s in found for n in s.chain.walk() if isinstance(n, Sym) and not n.sup}
    at = {n.base for n in symbols if n.sub == ("t",)}
    return frozenset(
        n.base for n in symbols if n.base in at and len(n.sub) == 1 and n.sub[0].isdigit()
    )


_EQUALS = re.compile(r"(?<![<>!\\\\])=")


def _unread(statements: Sequence[Read]) -> Opaque | None:
    """Why a display that is one formula without a relation could not be read; None where it could."""
    if len(statements) != 1 or statements[0].chain.relations:
        return None
    only = statements[0].chain.members[0]
    return only if isinstance(only, Opaque) else None


def _supposed(found: list[Statement], piece: Piece, number: int) -> tuple[Chain, ...]:
    """What the prose supposes right before a piece: "If $y = 1$, …"."""
    last = found[-1] if found else None
    if last is None or last.place != number - 1:
        return ()
    start = start_of_range(last.chain, last.piece, piece)
    if start is not None and start.members[1] != Num("0") and _counts_from_zero(found):
        return (start,)
    if not is_case(last.chain):
        return ()
    if told_by_letters(last.chain, last.piece, piece):
        return (last.chain,)
    return (last.chain,) if told_before(piece, last.piece) else ()


def _counts_from_zero(found: list[Statement]) -> bool:
    """Whether a range, a sum or entries of the text begin at 0: then 1, 2, … leaves something out."""
    zero = Num("0")
    return any(
        (isinstance(n, Sum) and n.lower == zero)
        or (isinstance(n, Sym) and n.sub == ("0",))
        or (isinstance(n, Call) and n.name == "sequence" and n.args[0] == zero)
        for s in found for n in s.chain.walk()
    )  # fmt: skip


_SAMPLE_CALL = re.compile(r"[A-Za-z}]\s*\(\s*(?:\\mathbf\s*\{)?\s*x\}?\^\{?\(")


def _sample_calls(chain: Chain, latex: str) -> Chain:
    """`h(x^{(i)})`, the output for another input, is not the h of the other equations."""
    if not _SAMPLE_CALL.search(latex):
        return chain

    def change(m: Formula) -> Formula:
        text = latex[m.span.start : m.span.end] if m.span is not None else ""
        return (
            Opaque(text, "the output for one of several inputs", span=m.span)
            if _SAMPLE_CALL.search(text) and any(is_example(n) for n in m.walk())
            else m
        )

    return Chain(tuple(change(m) for m in chain.members), chain.relations, span=chain.span)
