r"""Recurrent cells with named gates, and layers that divide by a norm: each right and once wrong."""

import symbackprop as sb

NOT_HELD = ("refuted", "ill_formed", "not_understood")


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in sb.verify(text, budget=20).equations]


CELL = r"""
$$\alpha_t = W_f x_t + U_f h_{t-1} + b_f, \quad \beta_t = W_i x_t + U_i h_{t-1} + b_i$$
$$f_t = \sigma(\alpha_t), \quad i_t = \sigma(\beta_t)$$
$$c_t = f_t \odot c_{t-1} + i_t \odot x_t$$
$$h_t = i_t \odot \tanh(c_t)$$
$$E = \sum_{t=1}^{T} \frac{1}{2} \| h_t - y_t \|^2$$
with the sigmoid $\sigma$.
"""


def test_a_cell_whose_gates_have_greek_pre_activations():
    """`c` and `h` are computed in the order of one time step, whatever their names."""
    right = r"""
$$\frac{\partial E}{\partial \alpha_t} = \frac{\partial E}{\partial f_t} \odot f_t \odot (1 - f_t)$$
$$\frac{\partial E}{\partial f_t} = \frac{\partial E}{\partial c_t} \odot c_{t-1}$$
$$\frac{\partial E}{\partial U_i} = \sum_{t=1}^{T} \frac{\partial E}{\partial \beta_t} h_{t-1}^\top$$
"""
    assert verdicts(CELL + right)[-3:] == ["proved", "proved", "proved"]


def test_a_cell_with_wrong_times():
    wrong = r"""
$$\frac{\partial E}{\partial f_t} = \frac{\partial E}{\partial c_t} \odot c_t$$
$$\frac{\partial E}{\partial U_i} = \sum_{t=1}^{T} \frac{\partial E}{\partial \beta_t} h_t^\top$$
"""
    found = verdicts(CELL + wrong)[-2:]
    assert all(v in NOT_HELD for v in found)
    assert found[0] == "refuted"


GATE = r"""
$$v = W_r x + U_r h + b_r$$
$$r = \sigma(v)$$
$$s = W x + U (r \odot h) + b$$
$$\text{loss} = \frac12 \lVert s - t \rVert^2$$
where $\sigma$ is the sigmoid.
"""


def test_the_letter_of_a_gate_is_no_index():
    right = r"""
$$\frac{\partial \, \text{loss}}{\partial r}
= \left( U^\top \frac{\partial \, \text{loss}}{\partial s} \right) \odot h$$
$$\frac{\partial \, \text{loss}}{\partial W_r} = \frac{\partial \, \text{loss}}{\partial v} x^\top$$
$$\frac{\partial \, \text{loss}}{\partial b_r} = \frac{\partial \, \text{loss}}{\partial v}$$
"""
    assert verdicts(GATE + right)[-3:] == ["proved", "proved", "proved"]


def test_the_weights_of_a_gate_are_a_matrix():
    wrong = r"""
$$\frac{\partial \, \text{loss}}{\partial W_r} = \frac{\partial \, \text{loss}}{\partial v} h^\top$$
$$\frac{\partial \, \text{loss}}{\partial W_r} = x \left(\frac{\partial \, \text{loss}}{\partial v}\right)^\top$$
$$\frac{\partial \, \text{loss}}{\partial r} = \left( U \frac{\partial \, \text{loss}}{\partial s} \right) \odot h$$
"""
    assert all(v in NOT_HELD for v in verdicts(GATE + wrong)[-3:])


def test_a_letter_that_sums_run_over_stays_an_index():
    text = r"""
$z_r = \sum_j W_{rj} x_j$ and $L = \frac12 \sum_r (z_r - y_r)^2$.

$$\frac{\partial L}{\partial W_{rj}} = (z_r - y_r) x_j$$
"""
    assert verdicts(text)[-1] == "proved"


SCALE = r"""
$$r = \sqrt{\frac{1}{d} \sum_{j=1}^{d} x_j^2 + \epsilon}$$

$$y_i = \frac{x_i}{r}$$
"""


def test_the_square_of_a_defined_number_is_its_square():
    text = (
        SCALE
        + r"""
Because $r^2 = \frac{1}{d} \sum_{j=1}^{d} x_j^2 + \epsilon$ we have

$$\frac{\partial r}{\partial x_k} = \frac{x_k}{d r}$$

$$\frac{\partial y_i}{\partial x_k} = \frac{1}{r} \left( \delta_{ik} - \frac{y_i y_k}{d} \right)$$

$$\frac{\partial r}{\partial x_k} = \frac{x_k}{r}$$

$$r^2 = \sum_{j=1}^{d} x_j^2 + \epsilon$$

In vectors, $\nabla_x L = J^\top \nabla_y L$.
"""
    )
    assert verdicts(text)[2:7] == ["proved", "proved", "proved", "refuted", "refuted"]


UPSTREAM = (
    SCALE
    + r"""
$$\frac{\partial L}{\partial x_k} = \frac{1}{r} \left( \frac{\partial L}{\partial y_k}
- \frac{y_k}{d} \sum_{i=1}^{d} \frac{\partial L}{\partial y_i} y_i \right)$$

$$\frac{\partial L}{\partial x_k} = \frac{1}{r} \frac{\partial L}{\partial y_k}$$
"""
)


def test_a_cost_without_a_formula_does_not_read_what_a_later_section_defines():
    later = r"""
Another layer subtracts a mean: $\mu = \frac{1}{d} \sum_{j=1}^{d} x_j$ and $u_i = x_i - \mu$.

$$\frac{\partial u_i}{\partial x_k} = \delta_{ik} - \frac{1}{d}$$
"""
    found = verdicts(UPSTREAM + later)
    assert found[2:4] == ["proved", "refuted"]
    assert found[-1] == "proved"


def test_a_cost_reads_what_it_is_differentiated_by_later():
    later = r"""
The mean goes into the cost too: $\mu = \frac{1}{d} \sum_{j=1}^{d} x_j$ and $u_i = x_i - \mu$, with
$\frac{\partial L}{\partial \mu} = - \sum_i \frac{\partial L}{\partial u_i}$.
"""
    assert verdicts(UPSTREAM + later)[2] not in ("proved", "agrees")
