r"""What is carried from one time to the next along one path: `∂c_t/∂c_{t-1} = f_t` in an LSTM.

The state h_{t-1} is made of c_{t-1}, and c_t reads both. Where c_t is differentiated by c_{t-1}, texts
hold the other states of the time before still: Hochreiter and Schmidhuber (1997) speak of this path alone.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Add, Array, Call, Chain, Deriv, Formula, MatMul, Neg, Ref
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.verifier import Verifier


def judge_direct(
    verifier: Verifier, s: Statement, chain: Chain, functions: dict[str, Function]
) -> Verdict | None:
    """The verdict with the other states held still; None where it does not hold so either."""
    found = [n for n in chain.walk() if _is_step(n)]
    if not found or chain.members[0] not in found:
        return None
    others = {n: _other_states(verifier, n) for n in found}
    if not any(others.values()):
        return None

    def direct(n: Formula) -> Formula | None:
        if not isinstance(n, Deriv) or n not in others:
            return None
        assert isinstance(n.by, Ref | Array)
        around = (Neg(_product(n, Array(q, n.by.indices))) for q in others[n])
        return Add((n, *around))

    first = chain.members[0].rewrite(direct)
    plain = tuple(m.rewrite(direct) for m in chain.members[1:])
    diagonal = tuple(m if _is_matrix(m) else Call("diag", (m,)) for m in chain.members[1:])
    for rest in dict.fromkeys((plain, diagonal)) if _whole(found[0]) else (plain,):
        verdict, _ = ask(verifier.session, s, replace(chain, members=(first, *rest)), functions)
        if verdict.kind in ACCEPTED:
            return verdict
    return None


def _product(n: Deriv, state: Array) -> Formula:
    """`∂c_t/∂h_{t-1} · ∂h_{t-1}/∂c_{t-1}`."""
    one = state if isinstance(n.by, Array) else Ref(state.name, state.indices)
    return MatMul((Deriv(n.of, one), Deriv(one, n.by)))


def _is_step(f: Formula) -> bool:
    """`∂c_t/∂c_{t-1}`."""
    if (
        not isinstance(f, Deriv)
        or not isinstance(f.of, Ref | Array)
        or type(f.of) is not type(f.by)
    ):
        return False
    assert isinstance(f.by, Ref | Array)
    if f.of.name != f.by.name or len(f.of.indices) != 1 or len(f.by.indices) != 1:
        return False
    (letter, now), (before, then) = affine_of(f.of.indices[0]), affine_of(f.by.indices[0])
    return letter is not None and letter == before and then == now - 1


def _other_states(verifier: Verifier, n: Formula) -> tuple[str, ...]:
    """The states of the time before that c_t reads and that are made of c themselves."""
    assert isinstance(n, Deriv)
    assert isinstance(n.of, Ref | Array)
    name = n.of.name
    read, same_time = _reads(verifier, name)
    del same_time
    return tuple(sorted(q for q in read if q != name and name in _reads(verifier, q)[1]))


def _reads(verifier: Verifier, name: str) -> tuple[set[str], set[str]]:
    """What a quantity is made of: of the time before, and of its own time, by way of its own time."""
    before: set[str] = set()
    now: set[str] = set()
    stack = [name]
    while stack:
        target = stack.pop()
        for d in verifier.u.definitions:
            if d.target != target or len(d.indices) != 1:
                continue
            letter, at = affine_of(d.indices[0])
            for x in d.rhs.walk():
                if not isinstance(x, Ref | Array) or len(x.indices) != 1:
                    continue
                other, then = affine_of(x.indices[0])
                if other != letter or letter is None:
                    continue
                if then == at - 1:
                    before.add(x.name)
                elif then == at and x.name not in now:
                    now.add(x.name)
                    stack.append(x.name)
    return before, now


def _whole(f: Formula) -> bool:
    return isinstance(f, Deriv) and isinstance(f.of, Array)


def _is_matrix(f: Formula) -> bool:
    return any(isinstance(n, Call) and n.name == "diag" for n in f.walk())


__all__ = ["judge_direct"]
