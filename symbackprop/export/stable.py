"""Forms that neither overflow nor cancel, each a claim of equality that the judge can prove.

    1/(1 + exp(-z))        =  logistic(z)   (computed as 1/2 + tanh(z/2)/2)
    exp(-z)/(1 + exp(-z))  =  1 - logistic(z)
    log(1 + exp(z))        =  softplus(z)   (computed as max(z, 0) + log(1 + exp(-|z|)))
    log(logistic(z))       =  z - softplus(z)
    log(softmax(z)[j])     =  z[j] - log(sum(r, exp(z[r])))
    sum(r, exp(z[r]))      =  exp(M) * sum(r, exp(z[r] - M))

`logistic` and `softplus` are the two primitives that a target prints in its own way.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from symbackprop.calculus.letters import product, put, rebuilt
from symbackprop.system.model import System

LOGISTIC = "logistic_"
SOFTPLUS = "softplus_"


def logistic(u: sp.Expr) -> sp.Expr:
    """The primitive 1/(1 + exp(-u)). The underscore keeps it apart from users' functions."""
    return sp.Function(LOGISTIC, real=True)(u)


def softplus(u: sp.Expr) -> sp.Expr:
    """The primitive log(1 + exp(u))."""
    return sp.Function(SOFTPLUS, real=True)(u)


def is_call(expr: sp.Basic, name: str) -> bool:
    return isinstance(expr, sp.Function) and expr.func.__name__ == name


def bottom_up(expr: sp.Expr, change: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """Apply `change` to every node, children first; indices and bounds are left alone."""
    if isinstance(expr, sp.Indexed) or not expr.args:
        return change(expr)
    if isinstance(expr, sp.Sum):
        body = bottom_up(expr.function, change)
        return change(expr if body == expr.function else sp.Sum(body, *expr.limits))
    args = tuple(bottom_up(a, change) for a in expr.args)
    return change(expr if args == expr.args else rebuilt(expr, args))


# --- logistic and softplus ------------------------------------------------------------------


def saturating(expr: sp.Expr) -> sp.Expr:
    """Quotients and logarithms of 1 + exp(u) as primitives; exp(u) where u <= 0 kept from overflow."""
    if not expr.has(sp.exp):
        return expr
    return bottom_up(expr, _saturating_node)


def _one_plus_exp(expr: sp.Expr) -> sp.Expr | None:
    """u if the expression is 1 + exp(u)."""
    if expr.is_Add and len(expr.args) == 2 and sp.S.One in expr.args:
        other = next(a for a in expr.args if a is not sp.S.One)
        if isinstance(other, sp.exp):
            return other.args[0]
    return None


def _saturating_node(expr: sp.Expr) -> sp.Expr:
    if isinstance(expr, sp.log):
        u = _one_plus_exp(expr.args[0])
        return expr if u is None else softplus(u)
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer and expr.exp < 0:
        u = _one_plus_exp(expr.base)
        return expr if u is None else oriented(-u) ** (-expr.exp)
    if expr.is_Mul:
        return _quotient(expr)
    if isinstance(expr, sp.Piecewise):
        return _cases(expr)
    return expr


def oriented(u: sp.Expr) -> sp.Expr:
    """logistic(u), or 1 - logistic(-u) where u carries a minus sign."""
    return 1 - logistic(-u) if u.could_extract_minus_sign() else logistic(u)


def _quotient(expr: sp.Expr) -> sp.Expr:
    """exp(-u) * logistic(u) = 1 - logistic(u), and exp(u) * (1 - logistic(u)) = logistic(u)."""
    factors = list(expr.args)
    for i, factor in enumerate(factors):
        if not isinstance(factor, sp.exp):
            continue
        v = factor.args[0]
        for k, other in enumerate(factors):
            base, power = other.as_base_exp()
            if not (power.is_Integer and power > 0):
                continue
            if is_call(base, LOGISTIC) and base.args[0] == -v:
                swapped = 1 - base
            elif base.is_Add and base == 1 - logistic(v):
                swapped = logistic(v)
            else:
                continue
            rest = [f for n, f in enumerate(factors) if n not in (i, k)]
            return _quotient_again(product((*rest, swapped, base ** (power - 1))))
    return expr


def _quotient_again(expr: sp.Expr) -> sp.Expr:
    return _quotient(expr) if expr.is_Mul else expr


def _cases(expr: sp.Piecewise) -> sp.Expr:
    """Behind a branch for u > 0, u is not positive: exp(u) = exp(min(u, 0)), without overflow."""
    rows: list[tuple[sp.Expr, sp.Basic]] = []
    low: list[sp.Expr] = []
    for value, condition in expr.args:
        for u in low:
            value = value.xreplace({sp.exp(u): sp.exp(sp.Min(u, 0))})
        rows.append((value, condition))
        if isinstance(condition, sp.StrictGreaterThan | sp.GreaterThan) and condition.rhs == 0:
            low.append(condition.lhs)
    rows_now = tuple(rows)
    if len(rows) == 2 and rows[1][0] == 0 and isinstance(rows[0][1], sp.StrictGreaterThan):
        value, condition = rows[0]
        if condition.lhs == value and condition.rhs == 0:
            return sp.Max(value, 0)
    return sp.Piecewise(*rows_now)


def rectified(expr: sp.Expr) -> sp.Expr:
    """z where z > 0, else 0: max(z, 0)."""
    return bottom_up(expr, lambda e: _cases(e) if isinstance(e, sp.Piecewise) else e)


# --- logarithms of values that were exponentials --------------------------------------------


def unfold_logs(system: System, expr: sp.Expr) -> sp.Expr:
    """log(a) and log(1 - a) in terms of the pre-activation, where a is a logistic, softmax or exp."""
    if not expr.has(sp.log):
        return expr

    def change(node: sp.Expr) -> sp.Expr:
        if not isinstance(node, sp.log):
            return node
        found = _log_of(system, node.args[0])
        return node if found is None else found

    changed = bottom_up(expr, change)
    return expr if changed == expr else tidy(system, changed)


def _log_of(system: System, value: sp.Expr) -> sp.Expr | None:
    if value.is_Add and len(value.args) == 2 and sp.S.One in value.args:
        inner = definition(system, 1 - value)
        u = None if inner is None else _logistic_argument(system, inner)
        return None if u is None else -sp.log(1 + sp.exp(u))
    found = definition(system, value)
    if found is None:
        return None
    u = _logistic_argument(system, found)
    if u is not None:
        return u - sp.log(1 + sp.exp(u))
    return log_of_exponentials(found)


def log_of_exponentials(value: sp.Expr) -> sp.Expr | None:
    """u - log(sum(exp)) for exp(u)/sum(exp), u for exp(u), else None."""
    if isinstance(value, sp.exp):
        return value.args[0]
    top, bottom = value.as_numer_denom()
    is_share = isinstance(top, sp.exp) and isinstance(bottom, sp.Sum)
    if is_share and isinstance(bottom.function, sp.exp):
        return top.args[0] - sp.log(bottom)
    return None


def definition(system: System, value: sp.Expr) -> sp.Expr | None:
    """The right side of the only equation of an entry, at that entry's indices."""
    if isinstance(value, sp.Indexed):
        name, indices = str(value.base.label), value.indices
    elif isinstance(value, sp.Symbol):
        name, indices = value.name, ()
    else:
        return None
    equations = system.equations_of.get(name, ())
    if len(equations) != 1:
        # A family with a base case: the step is meant if it is the only one with every letter free.
        equations = tuple(e for e in equations if all(i.is_Symbol for i in e.indices))
        if len(equations) != 1:
            return None
    (e,) = equations
    if not all(isinstance(i, sp.Symbol) for i in e.indices):
        return None
    return put(e.rhs, dict(zip(e.indices, indices, strict=True)))


def _logistic_argument(system: System, value: sp.Expr) -> sp.Expr | None:
    """u if the value is a call of a function that equals 1/(1 + exp(-u))."""
    inlined = inline_call(system, value)
    changed = saturating(inlined)
    return changed.args[0] if is_call(changed, LOGISTIC) else None


def inline_call(system: System, value: sp.Expr) -> sp.Expr:
    """f(u) by its formula, if f is a function of the system that has one."""
    if isinstance(value, sp.Function):
        function = system.function_by_name.get(value.func.__name__)
        if function is not None and function.expression is not None:
            return put(function.expression, {function.variable: value.args[0]})
    return value


# --- tidying a sum of products --------------------------------------------------------------


def tidy(system: System, expr: sp.Expr) -> sp.Expr:
    """Multiply out the bodies of sums, and use that targets sum to 1."""

    def change(node: sp.Expr) -> sp.Expr:
        if not isinstance(node, sp.Sum):
            return node
        atoms = {
            a: sp.Dummy("u", real=True)
            for a in (*node.function.atoms(sp.Indexed), *node.function.atoms(sp.Function))
            if not any(a != b and b.has(a) for b in node.function.atoms(sp.Function))
        }
        back = {d: a for a, d in atoms.items()}
        body = sp.expand(node.function.xreplace(atoms)).xreplace(back)
        parts = [_one_sum(system, term, node.limits) for term in sp.Add.make_args(body)]
        joined: dict[tuple[sp.Tuple, ...], list[sp.Expr]] = {}
        for term, limits in parts:
            joined.setdefault(limits, []).append(term)
        return sp.Add(
            *(sp.Sum(sp.Add(*ts), *ls) if ls else sp.Add(*ts) for ls, ts in joined.items())
        )

    return bottom_up(expr, change)


def _one_sum(
    system: System, term: sp.Expr, limits: tuple[sp.Tuple, ...]
) -> tuple[sp.Expr, tuple[sp.Tuple, ...]]:
    """sum(j, y[j]*g) = g where the y sum to 1 over j and g has no j."""
    for factor in sp.Mul.make_args(term):
        if not isinstance(factor, sp.Indexed):
            continue
        q = system.by_name.get(str(factor.base.label))
        if q is None or q.role != "target":
            continue
        rest = term / factor
        for fact in q.facts:
            if fact.kind != "sums to 1":
                continue
            place = [axis.index.name for axis in q.axes].index(fact.over)
            letter, axis = factor.indices[place], q.axes[place]
            for limit in limits:
                whole = limit[0] == letter and limit[1:] == (axis.lower, axis.upper)
                if whole and not _depends(rest, letter):
                    return rest, tuple(x for x in limits if x is not limit)
    return term, limits


def _depends(expr: sp.Expr, letter: sp.Symbol) -> bool:
    return letter in expr.free_symbols


def stable_claims() -> list[tuple[sp.Expr, sp.Expr]]:
    """(plain, stable) pairs, over the real symbols z, w and M: the judge proves each equal.

    The sum of exponentials is stated for two entries, z and w.
    """
    z, w, m = (sp.Symbol(name, real=True) for name in ("z", "w", "M"))
    s = 1 / (1 + sp.exp(-z))
    total = sp.exp(z) + sp.exp(w)
    shifted = sp.exp(z - m) + sp.exp(w - m)
    stable_softplus = sp.Max(z, 0) + sp.log(1 + sp.exp(-sp.Abs(z)))
    # exp(min(z, 0)) by cases, as min is defined.
    low = sp.Piecewise((sp.exp(z), z <= 0), (1, True))
    return [
        (s, sp.Rational(1, 2) + sp.tanh(z / 2) / 2),
        (sp.exp(-z) / (1 + sp.exp(-z)), 1 - s),
        (sp.exp(z) * (1 - s), s),
        (sp.log(1 + sp.exp(z)), stable_softplus),
        (sp.log(s), z - sp.log(1 + sp.exp(z))),
        (sp.log(1 - s), -sp.log(1 + sp.exp(z))),
        (sp.log(sp.exp(z) / total), z - sp.log(total)),
        (sp.exp(z) / total, sp.exp(z - m) / shifted),
        (sp.log(total), m + sp.log(shifted)),
        (sp.Piecewise((z, z > 0), (0, True)), sp.Max(z, 0)),
        (
            sp.Piecewise((z, z > 0), (sp.exp(z) - 1, True)),
            sp.Piecewise((z, z > 0), (low - 1, True)),
        ),
    ]
