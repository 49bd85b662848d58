"""What the docstrings of all classifiers say of their parameters and attributes."""

from __future__ import annotations

PARAMETERS = """
algorithm : {"boosting", "mlp", "blend"}, default="boosting"
    "boosting" is xgboost's histogram method; "mlp" a multi-layer perceptron behind a median
    imputer and a standard scaler. "blend" trains both and mixes their probabilities, by the
    weight at which the log loss of the held-back rows is least, or one half if there are none.
    All work in float32.
epochs : int, default=None
    At most this many boosting rounds, or passes over the data; of each for a blend. None is
    300 rounds, or 50 passes.
early_stopping : bool or "auto", default="auto"
    Hold back `validation_fraction` of the rows and stop when their log loss no longer falls.
    "auto" does so from 1,000 rows on.
validation_fraction : float, default=0.1
    Share of the rows (of the groups, when `groups` is given to `fit`) that is held back.
calibrate : bool, default=True
    Calibrate the probabilities on the held-back rows, if there are some: by Platt's two numbers
    for two classes, if there are ten rows of each, by one temperature for more. The exported
    model has it in its leaves, or its last layer; ``fit_report_.calibration`` says what it did.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes, as in scikit-learn.
max_bytes : int or None, default=5_000_000
    Training stops before the exported model would be larger; ``size_report_`` says what that
    cost. In a blend, the network takes half of it at most, and the trees the rest.
learner_params : dict, default=None
    Further parameters of the learner: xgboost's tree parameters (such as ``max_depth``,
    ``learning_rate``, ``max_bin``), or MLPClassifier's (``hidden_layer_sizes``,
    ``learning_rate_init``, ``alpha``, ...), and ``patience`` of early stopping for both. For a
    blend, two such dicts, ``{"boosting": {...}, "mlp": {...}}``.
n_jobs : int, default=None
    Threads for training; None is one, so that the model does not depend on the machine: xgboost
    adds up several classes otherwise with other threads. -1 is all processors.
random_state : int, RandomState or None, default=None
    Seeds the held-back split and the network's weights and batches.
verbose : int or bool, default=0
    Show a progress bar on standard error.
"""

ATTRIBUTES = """
classes_ : ndarray of shape (n_classes,)
    The labels.
learner_ : BoostingLearner, NetworkLearner or BlendLearner
    The trained model.
decisions_ : Decisions
    Alarm thresholds and abstention, as `set_thresholds` and `set_abstention` chose them.
n_features_in_ : int
    Number of features seen in `fit`.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Their names, when `X` had string names.
feature_specs_ : tuple of FeatureSpec
    Name, unit, range and meaning of each feature.
feature_summary_ : ndarray of shape (34, n_features)
    Quantiles and share of missing values of each column, from which the certificate of an
    export draws its rows.
training_data_ : dict
    ``n_samples``, ``class_counts`` and ``sha256`` of the training rows.
n_iter_ : int
    Rounds or epochs that were run.
fit_report_ : FitReport
    Epochs run and kept, and the held-back log loss after each; ``parts`` says what a blend
    gains over each part and what it costs in bytes.
size_report_ : SizeReport
    The size budget, the bytes of the model and what the budget cost.
"""
