"""What a slip of the pen may have meant."""
