"""Wrong versions of right documents, and what is said of them."""
