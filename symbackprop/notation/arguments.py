r"""Costs and outputs written with their arguments: `J(W, b; x, y)`, `J(W, b)`, `h_{W,b}(x)`.

The arguments say which cost is meant: that of one sample has x and y among them, the whole has not.
"""

from __future__ import annotations

from symbackprop.errors import NotationError
from symbackprop.formula.tree import Array, Call, Formula, Num, Ref, Sym
from symbackprop.notation.indices import letter_symbol
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.slots import SAMPLE_COST, has_samples, index_formula, is_family
from symbackprop.notation.template_text import compile_text

DATA = ("x", "y")
"""Arguments that are of one sample."""


def call_name(text: str) -> str:
    r"""The name of a Call whose function is the symbol `text`, as the reader makes it: 'h_{W ,
    b}'."""
    sym = compile_text(text)[0].render(lambda key, offset: ())
    assert sym is not None
    sub = f"_{{{' '.join(sym.sub)}}}" if sym.sub else ""
    sup = f"^{{{' '.join(sym.sup)}}}" if sym.sup else ""
    return sym.base + sub + sup


def cost_call(letters: Lettering, ref: Ref) -> Call | None:
    """The cost with its arguments, where the book writes them."""
    style = letters.notation.written
    system = letters.system
    cost = next((q for q in system.quantities if q.role == "cost"), None)
    if style.total and cost is not None and ref.name == cost.name:
        if SAMPLE_COST not in system.by_name:
            return None
        return Call(style.total, tuple(letter_symbol(name) for name in style.cost_of_all))
    if not style.cost_of_one or cost is None or ref.name not in (cost.name, SAMPLE_COST):
        return None
    whole = ref.name == cost.name and any(has_samples(q) for q in system.quantities)
    base = letters.write(Ref(cost.name)).base
    biased = any(q.role == "bias" for q in system.quantities)
    names = style.cost_of_all if whole else style.cost_of_one
    at = ref.indices if ref.name == SAMPLE_COST else ()
    shown = tuple(name for name in names if biased or name != "b")
    parameters = sum(name not in DATA for name in shown)
    semicolon = parameters if parameters < len(shown) else 0
    return Call(base, tuple(_argument(letters, name, at) for name in shown), semicolon=semicolon)


def _argument(letters: Lettering, name: str, at: tuple[Formula, ...]) -> Formula:
    """`x` at a sample is the sample's input, else just the letter."""
    role = {"x": "input", "y": "target"}.get(name)
    for q in letters.system.quantities:
        if q.role == role and at and has_samples(q):
            try:
                return letters.write(Array(q.name, at))
            except NotationError:
                break
    return letter_symbol(name)


def meant_cost(letters: Lettering, call: Call) -> Ref | None:
    """What a call such as `J(W, b; x, y)` means; None if it is no cost with its arguments."""
    style = letters.notation.written
    system = letters.system
    cost = next((q for q in system.quantities if q.role == "cost"), None)
    if style.total and cost is not None and call.name == style.total:
        named = tuple(a.base for a in call.args if isinstance(a, Sym))
        return Ref(cost.name) if named == style.cost_of_all else None
    if not style.cost_of_one or cost is None or call.primes:
        return None
    if call.name != letters.write(Ref(cost.name)).base:
        return None
    known = {*style.cost_of_one, *style.cost_of_all}
    if not call.args or not all(isinstance(a, Sym) and a.base in known for a in call.args):
        return None
    data = [a for a in call.args if isinstance(a, Sym) and a.base in DATA]
    if not data or SAMPLE_COST not in system.by_name:
        whole = any(has_samples(q) for q in system.quantities)
        return None if data and whole else Ref(cost.name)
    thing = letters.read(data[0])
    if isinstance(thing, Array) and len(thing.indices) == 1:
        return Ref(SAMPLE_COST, thing.indices)
    return None


def output_call(letters: Lettering, sample: Formula | None = None) -> Call:
    """The output under its other name, `h_{W,b}(x)`. Raises NotationError if the book has none."""
    style = letters.notation.written
    if not style.output:
        raise NotationError(f"the notation '{letters.notation.name}' has one name for the output")
    at = () if sample is None else (sample,)
    return Call(call_name(style.output), (_argument(letters, "x", at),))


def meant_output(letters: Lettering, call: Call) -> Ref | Array | None:
    """The output that `h_{W,b}(x)` means: its entry where there is one output, else the vector."""
    style = letters.notation.written
    if not style.output or call.name != call_name(style.output) or len(call.args) != 1:
        return None
    system = letters.system
    depth = system.about.depth
    given = letters.read(call.args[0]) if isinstance(call.args[0], Sym) else None
    if depth is None or not isinstance(given, Array) or system.by_name[given.name].role != "input":
        return None
    last = [
        q
        for q in system.quantities
        if q.role == "activation" and (is_family(q) or q.layer == depth)
    ]
    if len(last) != 1:
        return None
    q = last[0]
    layer = (index_formula(depth),) if is_family(q) else ()
    if q.axes[-1].count == 1 and len(given.indices) == has_samples(q):
        return Ref(q.name, (*layer, *given.indices, Num("1")))
    return Array(q.name, (*layer, *given.indices))
