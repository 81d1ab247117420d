"""From definitions to a System: equations in entries, axes, sizes, order."""
