"""Gradient functions that people can ship: lowering, one small printer a target, lambdify."""
