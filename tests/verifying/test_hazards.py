"""Order hazards: one finding for each step that reads what was updated too early."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NETWORK = r"""
$$h = \tanh(u x)$$
$$g = \tanh(v h)$$
$$y = w g$$
$$C = \frac{1}{2}(y - t)^2$$
$$\delta_y = \frac{\partial C}{\partial y}$$

One step of training:

"""
ERRORS = r"$$\delta_g = w \delta_y$$" "\n" r"$$\delta_h = v \delta_g (1 - g^2)$$" "\n"
LAST = r"$$w \leftarrow w - \eta \delta_y g$$" "\n"
MIDDLE = r"$$v \leftarrow v - \eta \delta_g (1 - g^2) h$$" "\n"
FIRST = r"$$u \leftarrow u - \eta \delta_h (1 - h^2) x$$" "\n"
DG, DH = ERRORS.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("procedure", "places"),
    [
        (DG + DH + LAST + MIDDLE + FIRST, []),
        (LAST + DG + MIDDLE, [(10, 11, 12)]),
        (LAST + DG + MIDDLE + DH + FIRST, [(10, 11, 12), (12, 13, 14)]),
        (DG + LAST + MIDDLE + DH + FIRST, [(12, 13, 14)]),
    ],
)
def test_hazards(procedure: str, places: list[tuple[int, ...]]) -> None:
    found = [f for f in verify(NETWORK + procedure).findings if f.code == "H401"]
    assert [tuple(line for _, line in f.equations) for f in found] == places


def test_two_weights_of_a_layer_are_one_hazard() -> None:
    text = r"""
$$h_1 = \tanh(u_1 x)$$
$$h_2 = \tanh(u_2 x)$$
$$y = w_1 h_1 + w_2 h_2$$
$$C = \frac{1}{2}(y - t)^2$$

$$w_1 \leftarrow w_1 - \eta (y - t) h_1$$
$$w_2 \leftarrow w_2 - \eta (y - t) h_2$$
$$e_1 = (y - t) w_1$$
$$e_2 = (y - t) w_2$$
$$u_1 \leftarrow u_1 - \eta e_1 (1 - h_1^2) x$$
$$u_2 \leftarrow u_2 - \eta e_2 (1 - h_2^2) x$$
"""
    [hazard] = [f for f in verify(text).findings if f.code == "H401"]
    assert hazard.message.startswith("lines 7 and 8 update weights that lines 9 and 10 read")
