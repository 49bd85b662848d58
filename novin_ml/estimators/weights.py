"""All weights of a network as one vector, in the order and the shapes that they have on a phone."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.base import FamilyClassifier
from novin_ml.estimators.behavior import BehaviorAnomalyDetector
from novin_ml.estimators.home_models import learner_holder
from novin_ml.estimators.learners import AutoencoderLearner, NetworkLearner
from novin_ml.exceptions import InvalidParametersError, UnsupportedLearnerError
from novin_ml.plain import plural, shown

#: The values of a vector of weights, wherever they are bytes.
VALUE_DTYPE = np.dtype("<f4")
ROLES = ("weight", "bias")


@dataclass(frozen=True)
class WeightTensor:
    """A tensor in a vector of weights.

    Attributes
    ----------
    layer : str
        Name of its layer in the Core ML network: ``dense_1``, ``dense_2``, ...
    role : {"weight", "bias"}
    shape : tuple of int
        A weight's is (outputs, inputs), row by row; a bias's (outputs,).
    offset : int
        Number of values before it.
    """

    layer: str
    role: str
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        """Number of its values."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class WeightLayout:
    """What each value in a vector of weights is.

    Attributes
    ----------
    tensors : tuple of WeightTensor
        In their order in the vector.

    Examples
    --------
    >>> from novin_ml.estimators.weights import WeightLayout
    >>> layout = WeightLayout.of_shapes([(8, 3), (2, 8)])
    >>> [(tensor.layer, tensor.role, tensor.offset) for tensor in layout.tensors]
    [('dense_1', 'weight', 0), ('dense_1', 'bias', 24), ('dense_2', 'weight', 32), ...]
    >>> layout.n_values
    50
    >>> WeightLayout.from_dict(layout.to_dict()) == layout
    True
    """

    tensors: tuple[WeightTensor, ...]

    @property
    def n_values(self) -> int:
        """Number of values in the vector."""
        return sum(tensor.size for tensor in self.tensors)

    @classmethod
    def of_shapes(cls, shapes: Iterable[tuple[int, int]]) -> WeightLayout:
        """Return the layout of fully connected layers.

        Parameters
        ----------
        shapes : iterable of (n_outputs, n_inputs)
            Layer by layer from the first.

        Returns
        -------
        layout : WeightLayout
            The weight of each layer, and then its bias.
        """
        tensors, offset = [], 0
        for number, (n_outputs, n_inputs) in enumerate(shapes, start=1):
            for role, shape in zip(ROLES, [(n_outputs, n_inputs), (n_outputs,)], strict=True):
                tensors.append(WeightTensor(f"dense_{number}", role, shape, offset))
                offset += tensors[-1].size
        return cls(tuple(tensors))

    def to_dict(self) -> dict[str, Any]:
        """Return the layout as JSON holds it.

        Returns
        -------
        document : dict
            ``n_values``, and ``tensors``: for each ``layer``, ``role``, ``shape`` and ``offset``.
        """
        tensors = [
            {"layer": each.layer, "role": each.role, "shape": [*each.shape], "offset": each.offset}
            for each in self.tensors
        ]
        return {"n_values": self.n_values, "tensors": tensors}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> WeightLayout:
        """Read what `to_dict` returned.

        Parameters
        ----------
        document : dict
            Not trusted: it may come from a file.

        Returns
        -------
        layout : WeightLayout
            The layout.

        Raises
        ------
        InvalidParametersError
            If it does not describe fully connected layers, tensor by tensor without a gap.
        """
        try:
            given = [
                WeightTensor(each["layer"], each["role"], tuple(each["shape"]), each["offset"])
                for each in document["tensors"]
            ]
            shapes = [tensor.shape for tensor in given[::2]]
            if any(type(n) is not int or n < 1 for shape in shapes for n in shape):
                raise ValueError(f"a weight of shape {shapes}")
            layout = cls.of_shapes((n_outputs, n_inputs) for n_outputs, n_inputs in shapes)
            if not given or document != layout.to_dict():
                raise ValueError("other tensors or offsets")
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise InvalidParametersError(
                "A layout of weights must have n_values, and tensors with layer, role, shape and "
                "offset: the weight and the bias of dense_1, dense_2, ..., each right behind the "
                f"one before. Got {shown(error)}. Take it from weight_layout or from the manifest "
                "of an updatable model."
            ) from None
        return layout


def weight_layout(model: Any) -> WeightLayout:
    """Return what each value in a model's vector of weights is.

    Parameters
    ----------
    model : estimator, Pipeline, NetworkLearner or AutoencoderLearner
        A fitted classifier of novin_ml with ``algorithm="mlp"``, or a baseline with
        ``algorithm="autoencoder"``, alone or at the end of a pipeline.

    Returns
    -------
    layout : WeightLayout
        For each layer from the first: its weight of shape (outputs, inputs), row by row, which is
        the order of Core ML, and its bias of shape (outputs,). The last layer has an output for
        each class, also of two.

    Raises
    ------
    UnsupportedLearnerError
        If the model is no network.
    NotFittedError
        If it has not been fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.estimators.weights import weight_layout
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> y = np.where(X[:, 0] > 0, "delivery", "no_delivery")
    >>> params = {"hidden_layer_sizes": (8,)}
    >>> model = DeliveryClassifier("mlp", epochs=2, learner_params=params).fit(X, y)
    >>> [tensor.shape for tensor in weight_layout(model).tensors]
    [(8, 3), (8,), (2, 8), (2,)]
    """
    return layout_of(network_of(model))


def get_weights(model: Any) -> np.ndarray:
    """Return all weights and biases of a network as one vector.

    The imputer and the scaler are not among them: networks whose weights are averaged must have the
    same ones.

    Parameters
    ----------
    model : estimator, Pipeline, NetworkLearner or AutoencoderLearner
        As for `weight_layout`.

    Returns
    -------
    values : ndarray of shape (n_values,), float32
        In the order of `weight_layout`; a copy. A network of two classes that was trained in Python
        has zeros for the output of the first class.

    Raises
    ------
    UnsupportedLearnerError
        If the model is no network.
    NotFittedError
        If it has not been fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.estimators.weights import get_weights, set_weights
    >>> X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    >>> y = np.where(X[:, 0] > 0, "delivery", "no_delivery")
    >>> models = [DeliveryClassifier("mlp", epochs=2, random_state=i).fit(X, y) for i in (0, 1)]
    >>> first, second = map(get_weights, models)
    >>> mean = set_weights(models[0], (first + second) / 2)
    >>> bool(np.array_equal(get_weights(mean), (first + second) / 2))
    True
    """
    return values_of(network_of(model))


def set_weights(model: Any, values: np.ndarray) -> Any:
    """Return a copy of a model with other weights and biases.

    Imputer, scaler, thresholds and facts of the training stay those of the model. Choose thresholds
    again, if it has some: they were chosen for other probabilities. A baseline has no threshold
    then: it is learning, and never alarms, until its `calibrate` chooses one.

    Parameters
    ----------
    model : estimator, Pipeline, NetworkLearner or AutoencoderLearner
        As for `weight_layout`. It stays as it is.
    values : ndarray of shape (n_values,), float32
        In the order of `weight_layout`.

    Returns
    -------
    model : estimator, Pipeline, NetworkLearner or AutoencoderLearner
        A fitted model with exactly these weights.

    Raises
    ------
    UnsupportedLearnerError
        If the model is no network.
    InvalidParametersError
        If the values are not as described, or not finite.
    """
    network = with_values(network_of(model), values)
    if isinstance(model, NetworkLearner):
        return network
    if isinstance(model, AutoencoderLearner):
        return model.with_network(network)
    holder = copy.copy(learner_holder(model))
    if isinstance(holder, BehaviorAnomalyDetector):
        holder.learner_ = holder.learner_.with_network(network)
        holder.forget_threshold()
    else:
        holder.learner_ = network
    if not isinstance(model, Pipeline):
        return holder
    pipeline = copy.copy(model)
    pipeline.steps = [*model.steps[:-1], (model.steps[-1][0], holder)]
    return pipeline


def weights_sha256(layout: WeightLayout, values: np.ndarray) -> str:
    """Return the hash of weights. Updates name a model by `model_sha256`, which covers more.

    Parameters
    ----------
    layout : WeightLayout
        Of the model.
    values : ndarray of shape (n_values,), float32
        In the order of the layout.

    Returns
    -------
    sha256 : str
        SHA-256 of the layout as canonical JSON (sorted keys, no spaces, ASCII) and the values as
        little-endian float32, in hexadecimal. It is the same for an estimator and for the model
        file that was exported of it.

    Raises
    ------
    InvalidParametersError
        If the values are not as described, or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.estimators.weights import WeightLayout, weights_sha256
    >>> layout = WeightLayout.of_shapes([(2, 1)])
    >>> weights_sha256(layout, np.arange(4, dtype=np.float32))[:16]
    'e5cd1fc2c958e586'
    """
    canonical = json.dumps(layout.to_dict(), sort_keys=True, separators=(",", ":"))
    content = checked_values(values, layout).astype(VALUE_DTYPE, copy=False).tobytes()
    return hashlib.sha256(canonical.encode("ascii") + content).hexdigest()


def checked_values(values: Any, layout: WeightLayout) -> np.ndarray:
    """Return values that fit a layout, or raise InvalidParametersError."""
    got = ""
    if not isinstance(values, np.ndarray):
        got = type(values).__name__
    elif values.dtype.newbyteorder("=") != np.float32:
        got = f"dtype {values.dtype}"
    elif values.shape != (layout.n_values,):
        got = f"shape {values.shape}"
    elif not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        got = f"{values[place]} at place {place:,}"
    if got:
        raise InvalidParametersError(
            f"The 'values' parameter must be an array of {plural(layout.n_values, 'finite value')} "
            f"of dtype float32. Got {got}. Take them from get_weights of a model with the same "
            "layers."
        )
    return values


def layout_of(learner: NetworkLearner) -> WeightLayout:
    """Return the layout of a network."""
    weights = learner.with_two_outputs().weights
    return WeightLayout.of_shapes((weight.shape[1], weight.shape[0]) for weight in weights)


def values_of(learner: NetworkLearner) -> np.ndarray:
    """Return the weights and biases of a network in the order of `layout_of`."""
    parameters = learner.with_two_outputs().parameters()
    # A learner's weights are (inputs, outputs).
    return np.concatenate([np.ravel(array.T) for array in parameters.values()])


def with_values(learner: NetworkLearner, values: np.ndarray) -> NetworkLearner:
    """Return a network of one output a class with other weights and biases."""
    learner, layout = learner.with_two_outputs(), layout_of(learner)
    values = checked_values(values, layout).astype(np.float32)
    parameters = {
        name: np.ascontiguousarray(
            values[tensor.offset : tensor.offset + tensor.size].reshape(tensor.shape).T
        )
        for name, tensor in zip(learner.parameters(), layout.tensors, strict=True)
    }
    return learner.with_parameters(parameters)


def network_of(model: Any) -> NetworkLearner:
    """Return the network of a model, or raise UnsupportedLearnerError."""
    if isinstance(model, NetworkLearner):
        return model
    if isinstance(model, AutoencoderLearner):
        return model.network
    if isinstance(model, BaseEstimator):
        check_is_fitted(model)
    holder = learner_holder(model)
    learner = getattr(holder, "learner_", None)
    if isinstance(holder, FamilyClassifier) and isinstance(learner, NetworkLearner):
        return learner
    if isinstance(holder, BehaviorAnomalyDetector) and isinstance(learner, AutoencoderLearner):
        return learner.network
    got = type(holder).__name__
    raise UnsupportedLearnerError(
        "The model must be a network of novin_ml to have weights that can be read and set. Got "
        f"{got if learner is None else f'{got} of {learner.kind!r}'}. Train a classifier with "
        "algorithm='mlp', or a baseline with algorithm='autoencoder'."
    )
