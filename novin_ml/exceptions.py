"""The named errors; each message says what was expected, what was got and the remedy."""

__all__ = [
    "CertificateError",
    "ExtraNotInstalledError",
    "HomeMismatchError",
    "InvalidEventError",
    "InvalidInputError",
    "InvalidParametersError",
    "NotExportableError",
    "NovinError",
    "ParityError",
    "SavedModelError",
    "UnsupportedLearnerError",
    "UnsupportedModelError",
]


class NovinError(Exception):
    """Base of every error that novin_ml raises by name."""


class InvalidEventError(NovinError, ValueError):
    """An event, or a file of events, breaks a rule of the SDK."""


class InvalidInputError(NovinError, ValueError):
    """A table does not have the inputs that a Core ML model needs."""


class HomeMismatchError(NovinError, ValueError):
    """Events, or a baseline, are not of the home or homes that a step needs.

    Attributes
    ----------
    problem : str
        What was expected, and what was got.
    remedy : str
        What to do about it in Python; empty if the problem says it.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".rstrip()


class NotExportableError(NovinError, ValueError):
    """A model has an option that cannot be converted to Core ML exactly."""


class ParityError(NovinError, ArithmeticError):
    """An exported model does not answer as the Python model does."""


class SavedModelError(NovinError, ValueError):
    """A saved model is damaged, too large, or of an unknown kind."""


class InvalidParametersError(NovinError, ValueError):
    """Parameters do not fit a learner: another name, shape or dtype, or numbers not finite."""


class UnsupportedLearnerError(NovinError, ValueError):
    """A learner is of a kind that cannot do what was asked, such as average its trees."""


class UnsupportedModelError(NovinError, ValueError):
    """A Core ML model is damaged, or has a part that the reference runtime does not evaluate."""


class CertificateError(SavedModelError):
    """A model, its certificate and its reference do not belong together."""


class ExtraNotInstalledError(NovinError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""
