"""The parameters and attributes that the docstrings of all classifiers share."""

from __future__ import annotations

PARAMETERS = """
algorithm : {"boosting", "mlp", "blend", "forest"}, default="boosting"
    "boosting" is xgboost's histogram method; "mlp" a multi-layer perceptron behind a median
    imputer and a standard scaler. "blend" trains both and mixes their probabilities with the
    weight that minimises the log loss of the held-back rows, or one half if there are none.
    "forest" is scikit-learn's random forest, or its extra trees. All work in float32.
epochs : int, default=None
    Maximum number of boosting rounds, or of passes over the data; a blend applies it to both.
    None means 300 rounds (200 for fewer than 1,000 rows), or 50 passes. Of a forest, the number of
    trees; None means 255.
early_stopping : bool or "auto", default="auto"
    Hold back `validation_fraction` of the rows and stop when their log loss no longer falls.
    "auto" does this for 1,000 rows or more. A forest has no rounds to stop: "auto" holds nothing
    back for it, and True holds rows back to calibrate it.
validation_fraction : float, default=0.1
    Share of the rows (of the groups, when `groups` is given to `fit`) that is held back.
calibrate : bool, default=True
    Calibrate the probabilities on the held-back rows, if there are any and their cross-fitted log
    loss falls by more than the standard error of its fall. Two classes use Platt scaling, if each
    has at least ten held-back rows; more classes use one temperature. The exported model holds the
    calibration in its leaves, or in its last layer; ``fit_report_.calibration`` reports its effect.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes, as in scikit-learn.
decision_prior_weight : float, default=0.0
    The posterior is divided by the classes' shares of the training rows to this power, 0 to 1, and
    scaled to a sum of 1: rare classes are found more often, for accuracy over all rows. The
    exported model does so too. In a blend the posterior of each part is divided.
    `set_decision_prior_weight` changes it without refitting.
max_bytes : int or None, default=5_000_000
    Training stops before the exported model would be larger than this; ``size_report_`` reports
    what that cost. In a blend, the network takes at most half of it, and the trees take the
    rest. The trees of a forest have fewer leaves.
learner_params : dict, default=None
    Further parameters of the learner: xgboost's tree parameters (such as ``max_depth``,
    ``learning_rate``, ``max_bin``), or MLPClassifier's (``hidden_layer_sizes``,
    ``learning_rate_init``, ``alpha``, ...), and ``patience`` of early stopping for both. For a
    blend, two such dicts, ``{"boosting": {...}, "mlp": {...}}``. For a forest, those of
    RandomForestClassifier (``max_features``, ``min_samples_leaf``, ...) and ``splitter``: "best" is
    a random forest, "random" extra trees. The defaults of boosting follow
    the number of rows, classes and columns; the guide to training has them. `set_params` and
    searches take single entries, ``learner_params__max_depth``.
n_jobs : int, default=None
    Number of threads for training. None means one, so that the model does not depend on the
    machine: for more than two classes, xgboost's sums depend on the number of threads. -1 means
    all processors. A network trains on one: a second one gains a tenth on a quiet machine, and
    costs many times that on a busy one. Any number of threads, also one, hangs in a process that
    was forked after trees were trained or asked: start workers by "spawn", "forkserver" or joblib's
    loky.
random_state : int, RandomState or None, default=None
    Seeds the held-back split, the trees' draws of rows and columns, and the network's weights and
    batches.
verbose : int or bool, default=0
    Show a progress bar on standard error.
"""

ATTRIBUTES = """
classes_ : ndarray of shape (n_classes,)
    The labels.
learner_ : BoostingLearner, NetworkLearner, BlendLearner or ForestLearner
    The trained model.
decisions_ : Decisions
    Alarm thresholds and abstention, as `set_thresholds` and `set_abstention` chose them.
n_features_in_ : int
    Number of features seen in `fit`.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Their names, when `X` had string names.
feature_importances_ : ndarray of shape (n_features_in_,), float64
    Share of each feature in the total gain of the trees: the fall of the regularised loss by all
    splits on it (xgboost's ``total_gain``; Breiman et al., "Classification and Regression Trees",
    1984). Of a forest, the mean decrease in impurity, scaled to a sum of 1. All 0 if no tree
    splits. Other algorithms do not have it: a network has no splits, and the trees of a blend are
    only a part of it.
feature_specs_ : tuple of FeatureSpec
    Name, unit, range and meaning of each feature.
feature_summary_ : ndarray of shape (34, n_features)
    Quantiles and share of missing values of each column. The certificate of an export draws
    its rows from them.
training_data_ : dict
    ``n_samples``, ``class_counts`` and ``sha256`` of the training rows; of weighted rows also
    ``class_weights``, the sum of each class.
class_prior_ : ndarray of shape (n_classes,)
    Share of each class, which `decision_prior_weight` divides by.
training_record_ : TrainingRecord or None
    Hashes of the training rows, and of their groups if these are texts: see
    `novin_ml.evaluation.seen_in_training`. None if it was not saved. The features of a pipeline
    have their own, of homes and times.
n_iter_ : int
    Number of rounds or epochs run.
fit_report_ : FitReport
    Epochs run and kept, and the held-back log loss after each. For a blend, ``parts`` compares
    it with each part in log loss, accuracy and bytes.
size_report_ : SizeReport
    The size budget, the bytes of the model and what the budget cost.
"""

SECTIONS = f"""
Parameters
----------
{PARAMETERS.strip()}

Attributes
----------
{ATTRIBUTES.strip()}
"""
