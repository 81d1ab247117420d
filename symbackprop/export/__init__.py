"""Gradient functions that people can ship: lowering, one small printer a target, lambdify.

source.export_source    lambdify.lambdify    stable.stable_claims
"""
