"""The matrix view: whole layers at once, and where the transpose comes from."""
