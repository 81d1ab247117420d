"""Derivations as data: steps, rules, the narrator."""
