"""How the commands print their results, by subject."""
