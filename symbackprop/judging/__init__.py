"""The judge. It shares no code with calculus or derivation."""
