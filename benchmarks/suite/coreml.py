"""Export with its certificate."""

from __future__ import annotations

import tempfile
from pathlib import Path


class Export:
    """Write a certified Core ML model."""

    params = ("boosting", "mlp")
    param_names = ("algorithm",)
    timeout = 300

    def setup(self, algorithm):
        import numpy as np

        from novin_ml import DeliveryClassifier
        from novin_ml.coreml._coremltools import coremltools

        coremltools()
        rng = np.random.default_rng(0)
        X = rng.normal(size=(5_000, 16)).astype(np.float32)
        y = X[:, 0] + X[:, 1] * X[:, 2] > 0
        self.model = DeliveryClassifier(algorithm, epochs=60, n_jobs=1, random_state=0).fit(X, y)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "model.mlmodel")

    def teardown(self, algorithm):
        self.folder.cleanup()

    def time_export(self, algorithm):
        from novin_ml import export_coreml

        export_coreml(self.model, self.path)

    def peakmem_export(self, algorithm):
        from novin_ml import export_coreml

        export_coreml(self.model, self.path)

    def track_megabytes(self, algorithm):
        from novin_ml import export_coreml

        return export_coreml(self.model, self.path).model.stat().st_size / 1e6

    def track_max_error(self, algorithm):
        from novin_ml import export_coreml

        return export_coreml(self.model, self.path).certificate.max_error
