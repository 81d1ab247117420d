"""What is missing in a formula, found by its numbers: solve for it, then look the number up."""
