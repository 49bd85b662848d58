"""Golden vectors of streams: Python's smoothed answers to a home's events, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.coreml.swift._families import ModelFacts
from novin_ml.coreml.swift._requests import memory_requests, read_request, requests
from novin_ml.estimators.chain_stream import ChainStream
from novin_ml.estimators.smoothing import MarkovSmoothing
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.plain import plain

#: Requests of each kind: an answer to each event costs two evaluations of the model.
_MOST = 2


@dataclass(frozen=True)
class _Model:
    """The model behind its features, as `ChainStream` needs it."""

    features: Any
    answer: Callable[[np.ndarray], np.ndarray]
    classes_: np.ndarray
    vocabulary_: Vocabulary

    def predict_proba(self, chains: Any) -> np.ndarray:
        return self.answer(self.features.transform(chains)).astype(np.float32)


def stream_vectors(
    facts: ModelFacts, answer: Callable[[np.ndarray], np.ndarray]
) -> dict[str, list[dict[str, Any]]]:
    """Return the entry ``streams`` of golden vectors, or none if the model smooths nothing.

    Parameters
    ----------
    facts : ModelFacts
        Those of the model.
    answer : callable
        From rows of features to the probabilities of the model's Python estimator.
    """
    smoothing = facts.smoothing()
    if smoothing is None:
        return {}
    features = facts.features()
    model = _Model(features, answer, smoothing.classes_, facts.vocabulary)
    known = [*requests(facts.family)][:_MOST]
    known += [*memory_requests(features, facts.vocabulary)][:_MOST]
    return {"streams": [_of_request(name, text, model, smoothing) for name, text in known]}


def _of_request(name: str, text: str, model: _Model, smoothing: MarkovSmoothing) -> dict[str, Any]:
    stream = ChainStream(model, smoothing=smoothing)
    answers, after_silence = [], []
    for _, event in read_request(text, model.vocabulary_).iterrows():
        answers.append(plain(stream.predict_stream(event)))
        after_silence.append(plain(stream.predict_silence()))
    return {"name": name, "json": text, "answers": answers, "after_silence": after_silence}
