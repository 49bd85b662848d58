"""The named errors; each message says what was expected, what was got and the remedy."""

__all__ = [
    "CertificateError",
    "ExtraNotInstalledError",
    "InvalidEventError",
    "InvalidInputError",
    "NotExportableError",
    "NovinError",
    "ParityError",
    "SavedModelError",
    "UnsupportedModelError",
]


class NovinError(Exception):
    """Base of every error that novin_ml raises by name."""


class InvalidEventError(NovinError, ValueError):
    """An event, or a file of events, breaks a rule of the SDK."""


class InvalidInputError(NovinError, ValueError):
    """A table does not have the inputs that a Core ML model needs."""


class NotExportableError(NovinError, ValueError):
    """A model has an option that cannot be converted to Core ML exactly."""


class ParityError(NovinError, ArithmeticError):
    """An exported model does not answer as the Python model does."""


class SavedModelError(NovinError, ValueError):
    """A saved model is damaged, too large, or of an unknown kind."""


class UnsupportedModelError(NovinError, ValueError):
    """A Core ML model is damaged, or has a part that the reference runtime does not evaluate."""


class CertificateError(SavedModelError):
    """A model, its certificate and its reference do not belong together."""


class ExtraNotInstalledError(NovinError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""
