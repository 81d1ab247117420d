"""Errors that a text never names: `∇_A J = W^T D`, `∇_W J = D A^T` with a D that nothing defines.

The reader takes D for the derivative of the cost by the weighted sum, and so does this: if all that is
said of D in its scopes holds for the derivative by one quantity defined there, D is that derivative.
"""

from __future__ import annotations

from symbackprop.formula.tree import Array, Formula, Num, Ref
from symbackprop.judging.verdict import ACCEPTED
from symbackprop.verifying.names.affine import affine_of
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import has_derivative, names_of
from symbackprop.verifying.verdicts.claims import judge_claim
from symbackprop.verifying.verdicts.verifier import Verifier

LEAST = 2
"""So many statements at least must hold, in one scope, with derivatives by different quantities."""

MOST = 24


def find_unnamed_errors(verifier: Verifier) -> None:
    """Adds to the document's errors the names that stand for a derivative without being said to."""
    _layered(verifier)
    u = verifier.u
    if not u.apart:
        return
    known = {d.target for d in u.definitions} | set(u.errors) | set(verifier.session.accumulated)
    used: dict[str, list[int]] = {}
    for i, s in enumerate(u.statements):
        if s.meant is None or u.scopes.at(s.place) not in u.apart or s.defines:
            continue
        if not has_derivative(s.meant.members[0]):
            continue
        free = {n.name for m in s.meant.members[1:] for n in m.walk() if isinstance(n, Array | Ref)}
        for name in free - known:
            used.setdefault(name, []).append(i)
    everywhere = {
        name: [
            i for i, s in enumerate(u.statements) if s.meant is not None and name in _names(s.meant)
        ]
        for name in used
    }
    for name, places in used.items():
        if len(places) < LEAST or len(places) != len(everywhere[name]) or len(places) > MOST:
            continue
        scopes = {u.scopes.at(u.statements[i].place) for i in places}
        candidates = {
            frozenset(
                d.target for d in u.definitions if d.place in scope and not has_derivative(d.rhs)
            )
            for scope in scopes
        }
        _find(verifier, name, places, sorted(frozenset.intersection(*candidates)))


def _find(verifier: Verifier, name: str, places: list[int], candidates: list[str]) -> None:
    """The derivative for which all statements hold; else all but one of each scope: that one is wrong."""
    u = verifier.u
    scopes: dict[object, list[int]] = {}
    for i in places:
        scopes.setdefault(u.scopes.at(u.statements[i].place), []).append(i)
    for wrong in (0, 1):
        for candidate in candidates:
            u.errors[name] = candidate
            verifier.session.forget()
            if all(_hold(verifier, scope, wrong) for scope in scopes.values()):
                return
            del u.errors[name]
            verifier.session.forget()


def _hold(verifier: Verifier, places: list[int], wrong: int) -> bool:
    """Whether all but so many hold; where one does not, LEAST others must."""
    failed = 0
    for i in places:
        if not _holds(verifier, i):
            failed += 1
            if failed > wrong or len(places) - failed < LEAST:
                return False
    return True


def _layered(verifier: Verifier) -> None:
    """`δ^L = ∇_{a^L} C ⊙ σ'(z^L)`, and other layers by recursion: δ is the derivative by z at each layer."""
    u = verifier.u
    found = {
        d.target for d in u.definitions
        if d.indices and ((_at_last(d) and has_derivative(d.rhs)) or _goes_back(d))
    } - set(u.errors)  # fmt: skip
    for name in sorted(found):
        places = [
            i for i, s in enumerate(u.statements) if s.meant is not None and name in _names(s.meant)
        ]
        own = [d for d in u.definitions if d.target == name]
        general = any(
            isinstance(n, Array | Ref) and n.name == name and n.indices
            and affine_of(n.indices[0])[0] not in SIZE_LETTERS
            for i in places for n in (u.statements[i].meant or Num("0")).walk()
        )  # fmt: skip
        if not general or len(places) > 2 * MOST:
            continue
        defines = {i: u.statements[i].defines for i in places}
        definitions = list(u.definitions)
        like = [
            d.target for d in u.definitions
            if d.target != name and not has_derivative(d.rhs) and len(d.indices) == len(own[0].indices)
            and d.indices and affine_of(d.indices[0])[0] not in (None, *SIZE_LETTERS)
        ]  # fmt: skip
        u.definitions[:] = [d for d in u.definitions if d.target != name]
        for i in places:
            u.statements[i].defines = [d for d in defines[i] if d.target != name]
        for candidate in dict.fromkeys(like):
            u.errors[name] = candidate
            verifier.session.forget()
            if _nearly_all_hold(verifier, places):
                break
            del u.errors[name]
        else:
            u.definitions[:] = definitions
            for i in places:
                u.statements[i].defines = defines[i]
        verifier.session.forget()


def _at_last(d: Definition) -> bool:
    return affine_of(d.indices[0])[0] in SIZE_LETTERS


def _goes_back(d: Definition) -> bool:
    """`δ^l = … δ^{l+1} …`."""
    letter, at = affine_of(d.indices[0])
    return letter is not None and any(
        affine_of(n.indices[0]) == (letter, at + 1)
        for n in d.rhs.walk()
        if isinstance(n, Array | Ref) and n.name == d.target and n.indices
    )


def _nearly_all_hold(verifier: Verifier, places: list[int]) -> bool:
    """Whether all hold, or three for each that does not: that one is wrong."""
    failed = 0
    for i in places:
        failed += not _holds(verifier, i)
        if 4 * failed > len(places):
            return False
    return True


def _names(f: Formula) -> set[str]:
    return {n.removeprefix("d.") for n in names_of(f)}


def _holds(verifier: Verifier, i: int) -> bool:
    s = verifier.u.statements[i]
    assert s.meant is not None
    return judge_claim(verifier, s, s.meant).kind in ACCEPTED
