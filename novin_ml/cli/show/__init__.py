"""How the commands print what they found, by subject."""
