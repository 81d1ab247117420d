"""Lowering gradient systems to array programs; one printer a target."""
