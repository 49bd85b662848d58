"""Export to Core ML, its certificate, and how exactly it is the model that was trained."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier, export_coreml, verify_coreml
from novin_ml.coreml._coremltools import coremltools

from . import _data  # noqa: F401  (what all modules of the suite import)

coremltools()


def trained(kind):
    """Return a model of 5,000 rows."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5_000, 16)).astype(np.float32)
    if kind == "isolation forest":
        return BehaviorAnomalyDetector(random_state=0).fit(X)
    y = X[:, 0] + X[:, 1] * X[:, 2] > 0
    epochs = {"boosting": 60, "mlp": 10}[kind]
    return DeliveryClassifier(kind, epochs=epochs, n_jobs=1, random_state=0).fit(X, y)


class Export:
    """Write a certified model, and certify it again."""

    params = ("boosting", "mlp", "isolation forest")
    param_names = ("kind",)
    timeout = 300
    number = 1
    repeat = (1, 5, 10.0)
    warmup_time = 0.0

    def setup_cache(self):
        return {kind: trained(kind) for kind in self.params}

    def setup(self, models, kind):
        self.model = models[kind]
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "model.mlmodel")

    def teardown(self, models, kind):
        self.folder.cleanup()

    def time_export(self, models, kind):
        export_coreml(self.model, self.path)

    def peakmem_export(self, models, kind):
        export_coreml(self.model, self.path)


class Certificate:
    """Certify a model that was exported before."""

    params = ("boosting", "mlp", "isolation forest")
    param_names = ("kind",)
    timeout = 300
    number = 1
    repeat = (1, 5, 10.0)
    warmup_time = 0.0

    def setup_cache(self):
        for kind in self.params:  # into the folder that asv keeps for the cache
            export_coreml(trained(kind), Path(f"{kind}.mlmodel"))

    def time_certificate(self, kind):
        verify_coreml(Path(f"{kind}.mlmodel"))

    def peakmem_certificate(self, kind):
        verify_coreml(Path(f"{kind}.mlmodel"))


class Parity:
    """Size of the exported model, and how far its answers are from the estimator's."""

    params = ("boosting", "mlp", "isolation forest")
    param_names = ("kind",)
    timeout = 300

    def setup_cache(self):
        figures = {}
        with tempfile.TemporaryDirectory() as folder:
            for kind in self.params:
                export = export_coreml(trained(kind), Path(folder, f"{kind}.mlmodel"))
                figures[kind] = (
                    export.model.stat().st_size,
                    float(export.certificate.max_error),
                    int(export.certificate.labels_differ),
                )
        return figures

    def track_bytes(self, figures, kind):
        return figures[kind][0]

    def track_max_error(self, figures, kind):
        return figures[kind][1]

    def track_labels_that_differ(self, figures, kind):
        return figures[kind][2]


Parity.track_bytes.unit = "bytes"
Parity.track_max_error.unit = "probability"
Parity.track_labels_that_differ.unit = "rows"
