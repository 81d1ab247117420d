"""symbackprop: derivations of gradients, written, proved, exported, judged."""
