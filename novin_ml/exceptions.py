"""The named errors; each message says what was expected, what was got and the remedy."""

__all__ = [
    "AnswersError",
    "AssignmentError",
    "BuildError",
    "CertificateError",
    "DoorWarning",
    "ExtraNotInstalledError",
    "ForgetError",
    "HomeMismatchError",
    "InvalidEventError",
    "InvalidInputError",
    "InvalidParametersError",
    "NotExportableError",
    "NovinError",
    "OutcomesError",
    "ParityError",
    "RegistryConflictError",
    "RegistryError",
    "SavedModelError",
    "TrainingDataError",
    "TrainingDataWarning",
    "UnsupportedLearnerError",
    "UnsupportedModelError",
    "UpdateError",
    "VocabularyWarning",
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


class AnswersError(NovinError, ValueError):
    """A file of what users said of alarms cannot be read, or is of other events."""


class AssignmentError(NovinError, ValueError):
    """An assignment of homes to variants is not one, or cannot be changed so."""


class OutcomesError(NovinError, ValueError):
    """A table of outcomes of a rollout cannot be read as one."""


class RegistryError(NovinError, ValueError):
    """A registry of models is damaged or of another kind, or does not have what was asked for."""


class RegistryConflictError(RegistryError):
    """Another writer changed a registry first; nothing was changed by this one."""


class BuildError(NovinError, ValueError):
    """A build is declared wrongly, or its folder is used by another one."""


class InvalidParametersError(NovinError, ValueError):
    """Parameters do not fit a learner: another name, shape or dtype, or numbers not finite."""


class UnsupportedLearnerError(NovinError, ValueError):
    """A learner is of a kind that cannot do what was asked, such as average its trees."""


class UnsupportedModelError(NovinError, ValueError):
    """A Core ML model is damaged, or has a part that the reference runtime does not evaluate."""


class CertificateError(SavedModelError):
    """A model, its certificate and its reference do not belong together."""


class UpdateError(NovinError, ValueError):
    """An update of a home's weights is not counted.

    Attributes
    ----------
    reason : str
        The kind of fault in one or two words, by which refusals are counted.
    """

    def __init__(self, reason: str, expected: str, got: str) -> None:
        super().__init__(reason, expected, got)
        self.reason = reason
        self._sentence = f"An update must {expected}. Got {got}."

    def __str__(self) -> str:
        return self._sentence


class FlowerError(NovinError, RuntimeError):
    """A program of flwr did not do what it was started for; the message names its log."""


class ExtraNotInstalledError(NovinError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""


class SignatureError(NovinError, ValueError):
    """A release, its signature or a key is not what it must be; nothing was installed."""


class ForgetError(NovinError, ValueError):
    """A home cannot be removed from a file; nothing was changed."""


class TrainingDataError(NovinError, ValueError):
    """Rows to test a model on, or to choose its thresholds by, are of its training."""


class TrainingDataWarning(UserWarning):
    """A model is measured on rows, or homes, that it was trained on, which flatter it."""


class VocabularyWarning(UserWarning):
    """A vocabulary recognises too few of the types or locations of events."""


class DoorWarning(UserWarning):
    """What another program wrote is of a version that is newer than the tested ones."""
