"""Frigate's events: its database, its API and its messages."""
