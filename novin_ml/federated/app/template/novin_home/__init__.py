"""A federation for `flwr run`."""
