"""Notations: how each book writes each quantity. One file a book."""
