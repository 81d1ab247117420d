"""From the text of a document to its statements, definitions and names."""
