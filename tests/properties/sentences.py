"""The sentences of the guide that state an equality, and the law that each of them is.

A sentence that is reworded is looked up here, and its law with it; a law that is renamed too.
"""

from __future__ import annotations

#: Page or module -> words of a sentence -> the file of its law and the law, or the test where one
#: case says all.
SENTENCES: dict[str, dict[str, tuple[str, str]]] = {
    "docs/guide/training.rst": {
        "training holds back a tenth of the rows": (
            "properties/test_training.py",
            "test_a_group_is_never_divided_and_a_tenth_is_held_back",
        ),
        "From 1,000 rows on": (
            "properties/test_training.py",
            "test_auto_stops_early_from_1000_rows_on",
        ),
        "keeps the best epoch": ("properties/test_training.py", "test_the_best_epoch_is_kept"),
        "no group is split between the two parts": (
            "properties/test_training.py",
            "test_a_group_is_never_divided_and_a_tenth_is_held_back",
        ),
        "A temperature changes no predicted label": (
            "properties/test_training.py",
            "test_a_temperature_changes_no_label",
        ),
        "fewer than ten held-back rows of one class": (
            "properties/test_training.py",
            "test_too_few_held_back_rows_leave_the_margins_alone",
        ),
        "are multiplied": (
            "properties/test_training.py",
            "test_class_weights_and_sample_weights_are_multiplied",
        ),
        "A row of weight 0 is left out": (
            "properties/test_training.py",
            "test_a_row_of_weight_0_is_left_out",
        ),
        "its label stays in ``classes_``": (
            "properties/test_training.py",
            "test_a_label_of_weight_0_stays_a_class_and_its_rows_are_left_out",
        ),
        "The answer is the same": (
            "properties/test_training.py",
            "test_the_form_of_the_rows_does_not_matter_and_they_stay_as_they_are",
        ),
        "the model does not depend on the machine": (
            "properties/test_training.py",
            "test_one_thread_is_the_default_and_progress_changes_nothing",
        ),
        "gives the same table, bit for bit": (
            "properties/test_consent.py",
            "test_one_random_state_is_one_table_and_annotator_errors_change_labels_only",
        ),
        "``weight * boosting + (1 - weight) * mlp``": (
            "properties/test_training.py",
            "test_a_blend_is_the_mixture_of_its_parts",
        ),
    },
    "docs/guide/planner.rst": {
        "The word and the interval are always there": (
            "compute/test_plan.py",
            "test_each_machine_that_nobody_measured_is_extrapolated_and_wider",
        ),
        "A deadline is met if the whole interval meets it": (
            "compute/test_plan.py",
            "test_a_deadline_counts_the_whole_interval",
        ),
        "Fewer rows than were measured count as the fewest": (
            "compute/test_plan.py",
            "test_rows_beyond_the_measured_ones_are_extrapolated",
        ),
        "An update of a home is 64 + 4 n + 32 bytes": (
            "compute/test_plan.py",
            "test_bytes_are_those_of_update_files",
        ),
        "more than 180 days after it says so": (
            "compute/test_hardware.py",
            "test_prices_older_than_180_days_say_so",
        ),
    },
    "docs/guide/motion.rst": {
        "takes the same parameters as": (
            "properties/test_training.py",
            "test_all_classifiers_take_the_same_parameters",
        ),
        "A row depends only on its own signal": (
            "properties/test_motion_features.py",
            "test_a_signal_alone_is_the_same_signal_in_a_batch",
        ),
    },
    "docs/guide/chains.rst": {
        "takes the same parameters as": (
            "properties/test_training.py",
            "test_all_classifiers_take_the_same_parameters",
        ),
        "their order in the log does not matter": (
            "properties/test_chains.py",
            "test_order_of_rows_does_not_matter",
        ),
        "the answer of `predict_proba` for the chain so far": (
            "properties/test_chain_features.py",
            "test_the_stream_answers_as_the_batch_does",
        ),
    },
    "docs/guide/features.rst": {
        "If you remove rows, they change": (
            "properties/test_features.py",
            "test_rows_may_be_split_once_the_context_is_attached",
        ),
    },
    "docs/guide/cli.rst": {
        "the same estimator": (
            "properties/test_training.py",
            "test_the_same_random_state_gives_the_same_model",
        ),
    },
    "docs/guide/events.rst": {
        "neither as a row nor in the context of another row": (
            "properties/test_consent.py",
            "test_events_without_consent_are_neither_rows_nor_context",
        ),
    },
    "docs/guide/thresholds.rst": {
        "Rows without consent are left out": (
            "properties/test_consent.py",
            "test_thresholds_are_of_the_rows_with_consent_in_any_order",
        ),
    },
    "docs/guide/behavior.rst": {
        "scores, but never alarms": (
            "properties/test_baselines.py",
            "test_a_baseline_that_is_learning_never_alarms",
        ),
        "computes the same values event by event": (
            "properties/test_behavior_features.py",
            "test_a_history_answers_as_the_table",
        ),
        "Each value uses only earlier events": (
            "properties/test_behavior_features.py",
            "test_the_future_does_not_matter",
        ),
        "The contributions add up": (
            "properties/test_baselines.py",
            "test_contributions_add_up_and_the_largest_comes_first",
        ),
        "The model of a home does not depend on other homes": (
            "properties/test_baselines.py",
            "test_a_homes_baseline_does_not_depend_on_the_other_homes_or_their_order",
        ),
    },
    "docs/guide/saving.rst": {
        "gives the same answers as the saved one, bit for bit": (
            "properties/test_training.py",
            "test_a_loaded_estimator_is_the_estimator",
        ),
    },
    "novin_ml/estimators/behavior.py": {
        "and does not depend on the other rows": (
            "properties/test_baselines.py",
            "test_the_score_of_a_row_does_not_depend_on_the_other_rows",
        ),
    },
    "novin_ml/estimators/alarm_threshold.py": {
        "Change the budget, and with it the threshold, without refitting": (
            "properties/test_baselines.py",
            "test_a_budget_that_is_changed_is_that_of_a_fit",
        ),
    },
    "novin_ml/features/activity/table.py": {
        "rows in any order; those of one time count in that order": (
            "properties/test_activity.py",
            "test_a_stream_has_the_rows_of_the_log_however_time_passes",
        ),
    },
    "novin_ml/estimators/base.py": {
        "ties go to the first in ``classes_``": (
            "properties/test_training.py",
            "test_a_label_is_the_most_probable_and_of_equal_ones_the_first",
        ),
    },
    "novin_ml/evaluation/split.py": {
        "so that no home is in both parts": (
            "properties/test_consent.py",
            "test_a_home_is_never_divided_between_train_and_test",
        ),
    },
}
