"""Derivatives of index expressions: deltas, sums, functions, conventions at kinks."""

from __future__ import annotations

import pytest
import sympy as sp

from symbackprop.calculus.contract import contract
from symbackprop.calculus.differentiate import derivative_terms, differentiate, prime, summed
from symbackprop.calculus.letters import letters, put
from symbackprop.errors import UnsupportedForm
from symbackprop.system.model import Function, entry, index, size

i, j, k, ell, p, q, r, s = (index(x) for x in "ijklpqrs")
n, m, L = size("n"), size("m"), size("L")
x, w, v, y = (lambda *at, name=name: entry(name, *at) for name in "xwvy")
delta = sp.KroneckerDelta
z = sp.Symbol("z", real=True)


def at(expr: sp.Expr, name: str, *indices: sp.Expr, free: tuple = ()) -> sp.Expr:
    """The derivative, contracted."""
    done = [contract(t, free) for t in derivative_terms(expr, name, indices)]
    return sp.Add(*(c.expr for c in done if c is not None))


def test_an_entry_gives_deltas() -> None:
    assert differentiate(w(i, j), "w", (p, q)) == delta(i, p) * delta(j, q)
    assert differentiate(x(i), "w", (p, q)) == 0


def test_a_product_keeps_its_other_factors() -> None:
    expr = w(i, j) * sp.exp(y(j)) * x(j)
    assert differentiate(expr, "x", (p,)) == w(i, j) * sp.exp(y(j)) * delta(j, p)


def test_a_square_is_not_multiplied_out() -> None:
    """d/dx_p 1/3 (x_j - y_j)^2 = 2/3 (x_j - y_j) [j = p]"""
    expr = sp.Rational(1, 3) * (x(j) - y(j)) ** 2
    (term,) = derivative_terms(expr, "x", (p,))
    assert (x(j) - y(j)) in sp.Mul.make_args(term.as_expr())


def test_a_sum_takes_a_new_letter_where_its_own_is_taken() -> None:
    expr = sp.Sum(w(i, p) * x(p), (p, 1, n))
    (term,) = derivative_terms(expr, "x", (p,))
    assert term.binders[0][0] != p
    assert at(expr, "x", p, free=((p, sp.Integer(1), n),)) == w(i, p)


def test_a_sum_inside_functions() -> None:
    """d/dx_p log sum_r e^{x_r} = e^{x_p} / sum_r e^{x_r}"""
    total = sp.Sum(sp.exp(x(r)), (r, 1, n))
    free = ((p, sp.Integer(1), n),)
    assert at(sp.log(total), "x", p, free=free) == sp.exp(x(p)) / total


def test_both_places_of_a_shared_weight() -> None:
    expr = sp.Sum(w(j, k) * w(k, j), (j, 1, n), (k, 1, n))
    free = ((p, sp.Integer(1), n), (q, sp.Integer(1), n))
    assert at(expr, "w", p, q, free=free) == 2 * w(q, p)


def test_a_trace_leaves_one_delta() -> None:
    expr = sp.Sum(w(j, j), (j, 1, n))
    free = ((p, sp.Integer(1), n), (q, sp.Integer(1), n))
    assert at(expr, "w", p, q, free=free) == delta(p, q)


def test_functions_of_the_system_get_primes() -> None:
    f = sp.Function("sigmoid", real=True)
    f1, f2 = (sp.Function("sigmoid" + "'" * i, real=True) for i in (1, 2))
    assert differentiate(f(x(j)), "x", (p,)) == f1(x(j)) * delta(j, p)
    assert differentiate(f1(x(j)), "x", (p,)) == f2(x(j)) * delta(j, p)
    assert differentiate(f(2 * x(j)), "x", (p,)) == 2 * f1(2 * x(j)) * delta(j, p)


def test_prime_of_a_function() -> None:
    f = Function("own", z, z**2)
    assert (prime(f).name, prime(f).expression) == ("own'", 2 * z)
    assert prime(prime(f)).expression == 2
    assert prime(Function("f", z, None)).expression is None


def test_conventions_at_kinks() -> None:
    """relu and |u| have slope 0 at 0, a case has the slope of the branch that holds."""
    relu = prime(Function("r", z, sp.Max(0, z))).expression
    assert [relu.subs(z, u) for u in (-1, 0, 1)] == [0, 0, 1]
    size_ = prime(Function("a", z, sp.Abs(z))).expression
    assert [size_.subs(z, u) for u in (-2, 0, 2)] == [-1, 0, 1]
    leaky = prime(Function("l", z, sp.Piecewise((z, z > 0), (3 * z, True)))).expression
    assert [leaky.subs(z, u) for u in (-1, 0, 1)] == [3, 3, 1]
    smaller = prime(Function("m", z, sp.Min(0, z))).expression
    assert [smaller.subs(z, u) for u in (-1, 0, 1)] == [1, 0, 0]


def test_cases_over_entries_share_one_slope() -> None:
    """The Huber cost: one Piecewise, one delta."""
    gap = x(j) - y(j)
    huber = sp.Piecewise((gap**2 / 2, sp.Abs(gap) <= 1), (sp.Abs(gap) - sp.Rational(1, 2), True))
    expected = sp.Piecewise((gap, sp.Abs(gap) <= 1), (sp.sign(gap), True)) * delta(j, p)
    assert differentiate(huber, "x", (p,)) == expected


def test_another_number_of_indices_is_an_error() -> None:
    with pytest.raises(UnsupportedForm, match="1 indices"):
        differentiate(x(j), "x", (p, q))


def test_a_function_of_two_arguments_is_refused() -> None:
    f = sp.Function("f", real=True)
    with pytest.raises(UnsupportedForm, match="2 arguments"):
        differentiate(f(x(j), y(j)), "x", (p,))


# --- contraction


def test_a_shifted_index_becomes_a_guard() -> None:
    """sum_l f_l [l-1 = p] = f_{p+1} for 0 <= p <= L-1"""
    expr = sp.Sum(w(ell) * x(ell - 1), (ell, 1, L))
    (term,) = derivative_terms(expr, "x", (p,))
    done = contract(term, ((p, sp.Integer(0), L),))
    assert done is not None
    assert done.expr == w(p + 1)
    assert done.guard == ((p, 0, L - 1),)


def test_a_reflected_index() -> None:
    """sum_s w_s x_{n-s+1}: [n-s+1 = p] gives s = n-p+1"""
    expr = sp.Sum(w(s) * x(n - s + 1), (s, 1, n))
    (term,) = derivative_terms(expr, "x", (p,))
    done = contract(term, ((p, sp.Integer(1), n),))
    assert done is not None
    assert done.expr == w(n - p + 1)
    assert done.guard == ((p, 1, n),)


def test_a_convolution_keeps_the_kernel_s_sum() -> None:
    """d/dx_p sum_i v_i sum_s w_s x_{i+s-1} = sum_s v_{p-s+1} w_s where 1 <= p-s+1 <= n"""
    inner = sp.Sum(w(s) * x(i + s - 1), (s, 1, m))
    expr = sp.Sum(v(i) * inner, (i, 1, n))
    (term,) = derivative_terms(expr, "x", (p,))
    done = contract(term, ((p, sp.Integer(1), n + m - 1),))
    assert done is not None
    for count, kernel in ((4, 2), (3, 3)):
        for place in range(1, count + kernel):
            got = done.expr.subs({n: count, m: kernel, p: place}).doit()
            right = sum(v(place - s + 1) * w(s) for s in range(1, kernel + 1)
                        if 1 <= place - s + 1 <= count)  # fmt: skip
            assert got == right


def test_a_shorter_sum_gives_a_guard() -> None:
    """Only the first m of n entries are summed."""
    (term,) = derivative_terms(sp.Sum(x(j), (j, 1, 2)), "x", (p,))
    done = contract(term, ((p, sp.Integer(1), sp.Integer(5)),))
    assert done is not None
    assert done.guard == ((p, 1, 2),)


def test_a_fixed_index_pins_the_letter() -> None:
    (term,) = derivative_terms(x(L, j), "x", (p, q))
    done = contract(term, ((p, sp.Integer(0), L), (q, sp.Integer(1), n)))
    assert done is not None
    assert done.guard[0] == (p, L, L)


def test_a_term_outside_the_range_vanishes() -> None:
    (term,) = derivative_terms(x(sp.Integer(7)), "x", (p,))
    assert contract(term, ((p, sp.Integer(1), sp.Integer(5)),)) is None


# --- substitution


def test_substitution_captures_nothing() -> None:
    """k for j under a sum over k: the bound letter steps aside."""
    got = put(sp.Sum(w(j, k) * x(k), (k, 1, n)), {j: k})
    assert got.function.has(k)
    bound = got.limits[0][0]
    assert bound != k
    assert got == sp.Sum(w(k, bound) * x(bound), (bound, 1, n))


def test_bound_letters_are_not_free() -> None:
    assert letters(sp.Sum(w(j, k), (k, 1, n))) == {j, n}
    assert put(sp.Sum(x(k), (k, 1, n)), {k: j}) == sp.Sum(x(k), (k, 1, n))


def test_a_double_sum_whose_inner_bound_depends_on_the_outer() -> None:
    expr = sp.Sum(x(ell, k), (k, 1, y(ell)), (ell, 1, L))
    assert letters(expr) == {L}
    (term,) = derivative_terms(expr, "x", (p, q))
    assert [b[0] for b in term.binders] == [ell, k]
    assert summed(sp.S.Zero, term.binders) == 0
