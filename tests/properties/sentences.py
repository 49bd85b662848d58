"""The sentences of the guide that state an equality, and the law that each of them is.

A sentence that is reworded is looked up here, and its law with it; a law that is renamed too.
"""

from __future__ import annotations

#: Page or module -> words of a sentence -> the file of its law and the law, or the test where one
#: case says all.
SENTENCES: dict[str, dict[str, tuple[str, str]]] = {
    "docs/guide/training.rst": {
        "a tenth of the rows is held back": (
            "properties/test_training.py",
            "test_a_group_is_never_divided_and_a_tenth_is_held_back",
        ),
        "From 1,000 rows on": (
            "properties/test_training.py",
            "test_auto_stops_early_from_1000_rows_on",
        ),
        "the best epoch is kept": ("properties/test_training.py", "test_the_best_epoch_is_kept"),
        "a group is never divided": (
            "properties/test_training.py",
            "test_a_group_is_never_divided_and_a_tenth_is_held_back",
        ),
        "which changes no label": (
            "properties/test_training.py",
            "test_a_temperature_changes_no_label",
        ),
        "fewer than ten rows of one": (
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
        "to the same answer": (
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
    "docs/guide/motion.rst": {
        "takes the same parameters as": (
            "properties/test_training.py",
            "test_all_classifiers_take_the_same_parameters",
        ),
        "A row depends on its own signal alone": (
            "properties/test_motion_features.py",
            "test_a_signal_alone_is_the_same_signal_in_a_batch",
        ),
    },
    "docs/guide/chains.rst": {
        "takes the same parameters as": (
            "properties/test_training.py",
            "test_all_classifiers_take_the_same_parameters",
        ),
        "whatever order they came in": (
            "properties/test_chains.py",
            "test_order_of_rows_does_not_matter",
        ),
        "that of the batch for the chain so far": (
            "properties/test_chain_features.py",
            "test_the_stream_answers_as_the_batch_does",
        ),
    },
    "docs/guide/features.rst": {
        "Take rows away and they change": (
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
        "it is not in the context of another training": (
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
        "computes the same event by event": (
            "properties/test_behavior_features.py",
            "test_a_history_answers_as_the_table",
        ),
        "Each is computed from the events before it alone": (
            "properties/test_behavior_features.py",
            "test_the_future_does_not_matter",
        ),
        "The contributions add up": (
            "properties/test_baselines.py",
            "test_contributions_add_up_and_the_largest_comes_first",
        ),
        "A home's model does not depend on the others": (
            "properties/test_baselines.py",
            "test_a_homes_baseline_does_not_depend_on_the_other_homes_or_their_order",
        ),
    },
    "docs/guide/saving.rst": {
        "answers bit for bit as the saved one did": (
            "properties/test_training.py",
            "test_a_loaded_estimator_is_the_estimator",
        ),
    },
    "novin_ml/estimators/behavior.py": {
        "The score of a row does not depend on the other rows": (
            "properties/test_baselines.py",
            "test_the_score_of_a_row_does_not_depend_on_the_other_rows",
        ),
        "Change the budget, and with it the threshold, without refitting": (
            "properties/test_baselines.py",
            "test_a_budget_that_is_changed_is_that_of_a_fit",
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
