"""Names of a document: which written symbols are one quantity, and back again."""
