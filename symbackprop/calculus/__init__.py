"""Index calculus: differentiate, contract, reverse sweep, textbook forms, views."""
