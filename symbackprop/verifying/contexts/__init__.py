"""What a statement at its place is a statement about."""
