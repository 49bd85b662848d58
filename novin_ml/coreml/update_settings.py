"""How an updatable model is trained on a phone: optimizer, epochs, sizes of batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Any

from novin_ml.exceptions import NotExportableError
from novin_ml.parameters import nearest
from novin_ml.plain import as_python, shown
from novin_ml.validation import Interval, StrOptions, validate_parameter_constraints

ADAM, SGD = "adam", "sgd"
_MOST = 2**31 - 1
#: A model holds every number of epochs that an app may choose.
_MOST_EPOCHS = 1_000
_SHARE = [Interval(Real, 0, 1, closed="left")]
#: As Core ML allows them: its range of each is 0 to 1.
_ABOVE_ZERO = [Interval(Real, 0, 1, closed="right")]
_CONSTRAINTS: dict[str, list[Any]] = {
    "optimizer": [StrOptions({ADAM, SGD})],
    "learning_rate": _ABOVE_ZERO,
    "batch_size": [Interval(Integral, 1, _MOST, closed="both")],
    "epochs": [Interval(Integral, 1, _MOST_EPOCHS, closed="both")],
    "momentum": _SHARE,
    "beta_1": _SHARE,
    "beta_2": _SHARE,
    "epsilon": _ABOVE_ZERO,
    "seed": [Interval(Integral, 0, _MOST, closed="both"), None],
}
#: Parameters that only one optimizer has.
_ONLY = {"momentum": SGD, "beta_1": ADAM, "beta_2": ADAM, "epsilon": ADAM}


@dataclass(frozen=True)
class UpdateSettings:
    """Parameters of an `MLUpdateTask`, which a model holds.

    Attributes
    ----------
    optimizer : {"adam", "sgd"}
    learning_rate : float
        An app may choose another from 0 to 1.
    batch_size : int
        An app may choose less, a power of two.
    epochs : int
        An app may choose fewer.
    momentum : float
        Of SGD; 0 is none.
    beta_1, beta_2, epsilon : float
        Of Adam.
    seed : int or None
        Of the order of the rows, which changes in each epoch; None leaves it to the phone.
    """

    optimizer: str = ADAM
    learning_rate: float = 1e-3
    batch_size: int = 32
    epochs: int = 5
    momentum: float = 0.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    seed: int | None = None

    @property
    def batch_sizes(self) -> list[int]:
        """The sizes of batches that an app may choose."""
        smaller = (2**power for power in range(self.batch_size.bit_length()))
        return sorted({*smaller, self.batch_size})

    @property
    def epoch_counts(self) -> list[int]:
        """The numbers of epochs that an app may choose."""
        return list(range(1, self.epochs + 1))

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> UpdateSettings:
        """Return the settings of `update_params`.

        Parameters
        ----------
        given : mapping of str to object, or None
            Parameters that are not the default ones.

        Returns
        -------
        settings : UpdateSettings
            All parameters.

        Raises
        ------
        NotExportableError
            If a parameter is not known, not allowed, or of the other optimizer.
        """
        if given is not None and not isinstance(given, Mapping):
            raise NotExportableError(
                "The 'update_params' parameter must be a dict of parameters of the training on a "
                f"phone. Got {shown(given)}. Pass for example {{'epochs': 3}}."
            )
        params: dict[str, Any] = as_python(dict(given or {}))
        unknown = [name for name in params if name not in _CONSTRAINTS]
        if unknown:
            raise NotExportableError(
                f"An entry of update_params must be one of {', '.join(_CONSTRAINTS)}. "
                f"Got {shown(unknown[0])}.{nearest(unknown[0], _CONSTRAINTS) or ' Leave it out.'}"
            )
        try:
            validate_parameter_constraints(
                {name: _CONSTRAINTS[name] for name in params}, params, caller_name="update_params"
            )
        except ValueError as error:
            raise NotExportableError(str(error)) from None
        optimizer = params.get("optimizer", ADAM)
        foreign = [name for name in params if _ONLY.get(name, optimizer) != optimizer]
        if foreign:
            raise NotExportableError(
                f"The {foreign[0]!r} entry of update_params must come with "
                f"optimizer={_ONLY[foreign[0]]!r}. Got optimizer={optimizer!r}. Leave it out."
            )
        whole = ("batch_size", "epochs", "seed")
        for name, value in params.items():
            if isinstance(value, Real):
                params[name] = (int if name in whole else float)(value)  # type: ignore[call-overload]
        return cls(**params)

    def to_document(self) -> dict[str, Any]:
        """Return the settings as JSON: what the optimizer does not have is left out.

        Returns
        -------
        document : dict
            What `of` takes.
        """
        return {
            name: value
            for name, value in asdict(self).items()
            if _ONLY.get(name, self.optimizer) == self.optimizer
        }


def settings_in(spec: Any) -> UpdateSettings | None:
    """Return the settings that a model holds; None if no phone can train it.

    Parameters
    ----------
    spec : Model_pb2.Model
        A model.

    Raises
    ------
    NotExportableError
        If they are not what an export writes.
    """
    if not spec.isUpdatable:
        return None
    models = spec.pipelineClassifier.pipeline.models
    if not models:
        return UpdateSettings()  # of another form, which is no form of an export
    update = models[-1].neuralNetworkClassifier.updateParams
    which = update.optimizer.WhichOneof("OptimizerType")
    optimizer = {"adamOptimizer": ADAM, "sgdOptimizer": SGD}.get(which, str(which))
    params = {
        "optimizer": optimizer,
        "epochs": update.epochs.defaultValue,
        "seed": update.seed.defaultValue if update.HasField("seed") else None,
    }
    if optimizer in (ADAM, SGD):
        own = getattr(update.optimizer, which)
        params |= {
            "learning_rate": own.learningRate.defaultValue,
            "batch_size": own.miniBatchSize.defaultValue,
        }
    if optimizer == ADAM:
        params |= {
            "beta_1": own.beta1.defaultValue,
            "beta_2": own.beta2.defaultValue,
            "epsilon": own.eps.defaultValue,
        }
    elif optimizer == SGD:
        params["momentum"] = own.momentum.defaultValue
    return UpdateSettings.of(params)
