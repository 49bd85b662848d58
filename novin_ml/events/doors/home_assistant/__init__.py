"""Home Assistant: the database of its recorder, and its registries."""
