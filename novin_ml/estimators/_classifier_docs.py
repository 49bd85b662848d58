"""The parameters and attributes that the docstrings of all classifiers share."""

from __future__ import annotations

PARAMETERS = """
algorithm : {"boosting", "mlp", "blend"}, default="boosting"
    "boosting" is xgboost's histogram method; "mlp" a multi-layer perceptron behind a median
    imputer and a standard scaler. "blend" trains both and mixes their probabilities with the
    weight that minimises the log loss of the held-back rows, or one half if there are none.
    All work in float32.
epochs : int, default=None
    Maximum number of boosting rounds, or of passes over the data; a blend applies it to both.
    None means 300 rounds (200 for fewer than 1,000 rows), or 50 passes.
early_stopping : bool or "auto", default="auto"
    Hold back `validation_fraction` of the rows and stop when their log loss no longer falls.
    "auto" does this for 1,000 rows or more.
validation_fraction : float, default=0.1
    Share of the rows (of the groups, when `groups` is given to `fit`) that is held back.
calibrate : bool, default=True
    Calibrate the probabilities on the held-back rows, if there are any and their cross-fitted log
    loss falls by more than the standard error of its fall. Two classes use Platt scaling, if each
    has at least ten held-back rows; more classes use one temperature. The exported model holds the
    calibration in its leaves, or in its last layer; ``fit_report_.calibration`` reports its effect.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes, as in scikit-learn.
max_bytes : int or None, default=5_000_000
    Training stops before the exported model would be larger than this; ``size_report_`` reports
    what that cost. In a blend, the network takes at most half of it, and the trees take the
    rest.
learner_params : dict, default=None
    Further parameters of the learner: xgboost's tree parameters (such as ``max_depth``,
    ``learning_rate``, ``max_bin``), or MLPClassifier's (``hidden_layer_sizes``,
    ``learning_rate_init``, ``alpha``, ...), and ``patience`` of early stopping for both. For a
    blend, two such dicts, ``{"boosting": {...}, "mlp": {...}}``. The defaults of boosting follow
    the number of rows, classes and columns; the guide to training has them.
n_jobs : int, default=None
    Number of threads for training. None means one, so that the model does not depend on the
    machine: for more than two classes, xgboost's sums depend on the number of threads. -1 means
    all processors.
random_state : int, RandomState or None, default=None
    Seeds the held-back split, the trees' draws of rows and columns, and the network's weights and
    batches.
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
    Quantiles and share of missing values of each column. The certificate of an export draws
    its rows from them.
training_data_ : dict
    ``n_samples``, ``class_counts`` and ``sha256`` of the training rows.
n_iter_ : int
    Number of rounds or epochs run.
fit_report_ : FitReport
    Epochs run and kept, and the held-back log loss after each. For a blend, ``parts`` compares
    it with each part in log loss, accuracy and bytes.
size_report_ : SizeReport
    The size budget, the bytes of the model and what the budget cost.
"""
