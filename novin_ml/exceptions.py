"""The named errors of novin_ml; each message says what was expected, what was got and the remedy."""

__all__ = [
    "ExtraNotInstalledError",
    "InvalidEventError",
    "NotExportableError",
    "NovinError",
    "ParityError",
    "SavedModelError",
]


class NovinError(Exception):
    """Base of every error that novin_ml raises by name."""


class InvalidEventError(NovinError, ValueError):
    """An event, or a file of events, breaks a rule of the SDK."""


class NotExportableError(NovinError, ValueError):
    """A model has an option that cannot be converted to Core ML exactly."""


class ParityError(NovinError, ArithmeticError):
    """An exported model does not answer as the Python model does."""


class SavedModelError(NovinError, ValueError):
    """A saved model is damaged, too large, or of an unknown kind."""


class ExtraNotInstalledError(NovinError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""
