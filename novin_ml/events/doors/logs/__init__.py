"""Readers of one file each: what other programs log or export."""
