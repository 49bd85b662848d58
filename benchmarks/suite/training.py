"""Training the classifiers: time, memory, and what the models are worth."""

from __future__ import annotations

from ._cores import N_JOBS, require_cores
from ._data import FAMILIES as KNOWN
from ._data import classifier_rows

FAMILIES = ["delivery", "motion", "chains"]
ALGORITHMS = ["boosting", "mlp"]
N_ROWS = 10_000
#: The same work at each commit: so many epochs, without early stopping.
EPOCHS = {"boosting": 60, "mlp": 4}


def unfitted(family, algorithm, **params):
    return KNOWN[family].make_pipeline(algorithm=algorithm, random_state=0, **params)[-1]


class Fit:
    """A fixed number of epochs on the features of simulated events."""

    params = (FAMILIES, ALGORITHMS, N_JOBS)
    param_names = ("family", "algorithm", "n_jobs")
    timeout = 600
    number = 1
    repeat = (1, 5, 10.0)
    warmup_time = 0.0

    def setup_cache(self):
        return {family: classifier_rows(family, N_ROWS).train for family in FAMILIES}

    def setup(self, rows, family, algorithm, n_jobs):
        require_cores(n_jobs)
        self.rows = rows[family]
        self.model = unfitted(
            family, algorithm, n_jobs=n_jobs, epochs=EPOCHS[algorithm], early_stopping=False
        )

    def time_fit(self, rows, family, algorithm, n_jobs):
        self.model.fit(self.rows.X, self.rows.label)


class FitMemory:
    """The same on one core: the peak of the process."""

    params = (FAMILIES, ALGORITHMS)
    param_names = ("family", "algorithm")
    timeout = 600

    def setup_cache(self):
        return {family: classifier_rows(family, N_ROWS).train for family in FAMILIES}

    def peakmem_fit(self, rows, family, algorithm):
        few = dict(n_jobs=1, epochs=EPOCHS[algorithm], early_stopping=False)
        unfitted(family, algorithm, **few).fit(rows[family].X, rows[family].label)


class Models:
    """What models with the default settings are worth, on homes that were held back."""

    params = (FAMILIES, ALGORITHMS)
    param_names = ("family", "algorithm")
    timeout = 600

    def setup_cache(self):
        figures = {}
        for family in FAMILIES:
            split = classifier_rows(family, N_ROWS)
            for algorithm in ALGORITHMS:
                model = unfitted(family, algorithm, n_jobs=1)
                model.fit(split.train.X, split.train.label, groups=split.train.home)
                right = model.predict(split.test.X) == split.test.clean_label
                figures[family, algorithm] = (
                    float(right.mean()),
                    model.size_report_.model_bytes,
                    model.fit_report_.epochs_kept,
                )
        return figures

    def track_accuracy(self, figures, family, algorithm):
        return figures[family, algorithm][0]

    def track_bytes(self, figures, family, algorithm):
        return figures[family, algorithm][1]

    def track_epochs(self, figures, family, algorithm):
        return figures[family, algorithm][2]


Models.track_accuracy.unit = "share of clean labels"
Models.track_bytes.unit = "bytes"
Models.track_epochs.unit = "epochs"
