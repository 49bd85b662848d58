"""The asv suite: one class a stage; everything heavy is imported by ``setup``."""
