"""Claims of which both sides are 0 whatever the numbers are: 0 = 0 is no proof of what was meant.

A gap in what was understood (a cost that does not reach a layer) makes derivatives vanish, and then
anything with them as a factor is equal to anything else. Who writes of 0 writes a 0.
"""

from __future__ import annotations

from symbackprop.formula.tree import Array, Chain, Deriv, Formula, Grad, Num, Ref
from symbackprop.judging.judge import values_of
from symbackprop.judging.meaning import Arr
from symbackprop.judging.problems import Problem
from symbackprop.system.model import ADJOINT
from symbackprop.verifying.contexts.session import Context

REASON = "both sides are 0 whatever the numbers are, as the definitions were understood"


def is_vacuous(chain: Chain, context: Context, constants: tuple[str, ...] = ()) -> bool:
    """Whether the derivatives of an accepted claim are 0 at the first sizes that it is tried at."""
    head = chain.members[0]
    if chain.relations == ("<-",):
        if not isinstance(head, Ref | Array):
            return False
        kind = type(head)
        return _zero((kind(f"{ADJOINT}{head.name}", head.indices),), context, constants)
    if Num("0") in chain.members or not any(map(_is_derivative, chain.walk())):
        return False
    return _zero(chain.members, context, constants)


def _is_derivative(n: Formula) -> bool:
    if isinstance(n, Ref | Array):
        return n.name.startswith(ADJOINT)
    return isinstance(n, Deriv | Grad) and isinstance(n.of, Ref | Array)


def _zero(members: tuple[Formula, ...], context: Context, constants: tuple[str, ...]) -> bool:
    judge = context.judge
    court = judge.court(judge.trials[0])
    nothing = court.instance.arena.zero
    try:
        every = values_of(court, members, context.named, {}, frozenset(constants))
    except (Problem, ArithmeticError, LookupError, ValueError):
        return False
    for values in every:
        if isinstance(values, Problem):
            return False
        for value in values:
            cells = value.cells if isinstance(value, Arr) else (value,)
            if any(c != nothing for c in cells):
                return False
    return True
