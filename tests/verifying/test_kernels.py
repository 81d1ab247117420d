r"""Kernels: channels, strides, `T - K` positions, entries past the ends, causal filters, two dimensions.

Each right and wrong: a wrong claim is never accepted, a right one always is.
"""

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees", "definition")

CHANNELS = r"""
$$y_{c,t} = b_c + \sum_{d=1}^{D} \sum_{k=0}^{K-1} w_{c,d,k} \, x_{d,t+k} \qquad (t = 0..T-K)$$

followed by $a_{c,t} = \max(0, y_{c,t})$. With $H(u) = 1 \text{ if } u > 0 \text{ else } 0$,

"""
COUNTED = r"""
$$y_{t} = \sum_{k=1}^{K} w_k x_{t+k-1}, \quad t = 1, \dots, T-K+1$$

"""
UNTOLD = r"$$y_t = \sum_{k=0}^{K-1} w_k x_{t+k} + b$$" + "\n\n"
CAUSAL = r"$$y_t = \sum_{k=0}^{K-1} w_k x_{t-k}$$" + "\n\n"
STRIDE = r"$$r_t = \sum_{k=0}^{K-1} v_k \, u_{2t+k}$$" + "\n\n"
SQUARE = r"""
$z_{ij} = \sum_{a=0}^{m-1}\sum_{b=0}^{m-1} \omega_{ab} y_{(i+a)(j+b)}$

"""


def of(y: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {y}}}"


@pytest.mark.parametrize(
    ("text", "claim", "right"),
    [
        (CHANNELS, of("y_{c,t}") + " = " + of("a_{c,t}") + "H(y_{c,t})", True),
        (CHANNELS, of("y_{c,t}") + rf" = \max\left(0, {of('a_{c,t}')}\right)", False),
        (CHANNELS, of("w_{c,d,k}") + rf" = \sum_{{t=0}}^{{T-K}} {of('y_{c,t}')} x_{{d,t+k}}", True),
        (
            CHANNELS,
            of("w_{c,d,k}") + rf" = \sum_{{t=0}}^{{T-1}} {of('y_{c,t}')} x_{{d,t+k}}",
            False,
        ),
        (CHANNELS, of("b_c") + rf" = \sum_{{t=0}}^{{T-K}} {of('y_{c,t}')}", True),
        (
            CHANNELS,
            of("x_{d,s}")
            + rf" = \sum_{{c=1}}^C \sum_{{k=0}}^{{K-1}} w_{{c,d,k}} {of('y_{c,s-k}')}",
            True,
        ),
        (
            CHANNELS,
            of("x_{d,s}")
            + rf" = \sum_{{c=1}}^C \sum_{{k=0}}^{{K-1}} w_{{c,d,k}} {of('y_{c,s+k}')}",
            False,
        ),
        (COUNTED, of("w_k") + rf" = \sum_{{t=1}}^{{T-K+1}} {of('y_t')} x_{{t+k-1}}", True),
        (COUNTED, of("w_k") + rf" = \sum_{{t=1}}^{{T-K}} {of('y_t')} x_{{t+k-1}}", False),
        (COUNTED, of("w_k") + rf" = \sum_{{t=1}}^{{T-K+1}} {of('y_t')} x_{{t+k}}", False),
        (COUNTED, of("x_s") + rf" = \sum_{{k=1}}^{{K}} {of('y_{s-k+1}')} w_k", True),
        (COUNTED, of("x_s") + rf" = \sum_{{k=1}}^{{K}} {of('y_{s-k}')} w_k", False),
        (UNTOLD, of("w_k") + rf" = \sum_{{t=0}}^{{T-K}} {of('y_t')} x_{{t+k}}", True),
        (UNTOLD, of("w_k") + rf" = \sum_{{t=0}}^{{T-K-1}} {of('y_t')} x_{{t+k}}", False),
        (UNTOLD, of("x_s") + rf" = \sum_{{k=0}}^{{K-1}} w_k {of('y_{s-k}')}", True),
        (UNTOLD, of("x_s") + rf" = \sum_{{k=0}}^{{K-1}} w_{{K-1-k}} {of('y_{s-k}')}", False),
        (CAUSAL, r"\frac{\partial y_t}{\partial w_k} = x_{t-k}", True),
        (CAUSAL, r"\frac{\partial y_t}{\partial w_k} = x_t", False),
        (CAUSAL, r"\frac{\partial y_t}{\partial w_k} = x_{t+k}", False),
        (CAUSAL, of("w_k") + rf" = \sum_t {of('y_t')} x_{{t-k}}", True),
        (CAUSAL, of("x_s") + rf" = \sum_{{k=0}}^{{K-1}} w_k {of('y_{s+k}')}", True),
        (CAUSAL, of("x_s") + rf" = \sum_{{k=0}}^{{K-1}} w_k {of('y_{s-k}')}", False),
        (STRIDE, r"\frac{\partial r_t}{\partial v_k} = u_{2t+k}", True),
        (STRIDE, r"\frac{\partial r_t}{\partial v_k} = u_{t+k}", False),
        (STRIDE, of("v_k") + rf" = \sum_t {of('r_t')} u_{{2t+k}}", True),
        (STRIDE, of("v_k") + rf" = \sum_t {of('r_t')} u_{{t+k}}", False),
        (STRIDE, r"\frac{\partial r_t}{\partial u_s} = \sum_{k=0}^{K-1} v_k [s = 2t + k]", True),
        (STRIDE, r"\frac{\partial r_t}{\partial u_s} = \sum_{k=0}^{K-1} v_k [s = t + 2k]", False),
        (
            SQUARE,
            of(r"\omega_{ab}")
            + rf" = \sum_{{i=0}}^{{N-m}}\sum_{{j=0}}^{{N-m}} {of('z_{ij}')} y_{{(i+a)(j+b)}}",
            True,
        ),
        (
            SQUARE,
            of("y_{ij}")
            + rf" = \sum_{{a=0}}^{{m-1}}\sum_{{b=0}}^{{m-1}} {of('z_{(i-a)(j-b)}')} \omega_{{ab}}",
            True,
        ),
        (
            SQUARE,
            of("y_{ij}")
            + rf" = \sum_{{a=0}}^{{m-1}}\sum_{{b=0}}^{{m-1}} {of('z_{(i+a)(j+b)}')} \omega_{{ab}}",
            False,
        ),
        (STRIDE, of("u_s") + rf" = \sum_t {of('r_t')} v_{{s-2t}}", True),
        (STRIDE, of("u_s") + rf" = \sum_t {of('r_t')} v_{{s-t}}", False),
    ],
)
def test_claims_about_kernels(text: str, claim: str, right: bool):
    found = sb.verify(f"{text}$${claim}$$", budget=20).equations[-1]
    assert (found.verdict in ACCEPTED) == right, found.reason


def test_the_mended_sum_ends_as_the_text_counts():
    text = r"$$y_t = \sum_{k=0}^{K-1} w_k x_{t+k} \quad (t = 0, \dots, T-K)$$" + "\n\n"
    claim = r"\frac{\partial L}{\partial w_k} = \sum_{t=0}^{T-K-1} \frac{\partial L}{\partial y_t} x_{t+k}"
    found = sb.verify(f"{text}$${claim}$$").equations[-1]
    assert found.verdict == "refuted"
    assert r"\sum_{t=0}^{T - K}" in found.repair


@pytest.mark.parametrize(
    ("line", "right"),
    [
        (r"1 \text{ if } z_i > 0 \text{ else } 0", True),
        (r"1 \text{ if } z_i > 0, \text{ and } 0 \text{ otherwise}", True),
        (r"1 \text{ if } z_i > 0, \text{ otherwise } 0", True),
        (r"1 \text{ if } z_i < 0 \text{ else } 0", False),
        (r"0 \text{ if } z_i > 0 \text{ else } 1", False),
        (r"z_i \text{ if } z_i > 0 \text{ else } 0", False),
    ],
)
def test_cases_on_one_line(line: str, right: bool):
    text = r"$a_i = \max(0, z_i)$" + "\n\n" + rf"$$\frac{{\partial a_i}}{{\partial z_i}} = {line}$$"
    assert (sb.verify(text).equations[-1].verdict in ACCEPTED) == right
