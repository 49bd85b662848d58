"""Laws of event tables: one meaning gives one answer at every door, several are refused by name."""

from __future__ import annotations

import datetime
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import check_events, column_dtypes
from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import BehaviorFeatures, DeliveryFeatures, MotionFeatures
from tests.properties.event_doors import (
    AMBIGUOUS,
    AMBIGUOUS_TABLES,
    DOORS,
    FEW_DOORS,
    NO_EVENTS,
    OF_HOMES,
    OF_ROWS,
    RARE,
    RARE_OF_ARROW,
    READS_LABELS,
    READS_SIGNALS,
    SAME,
    SAME_OF_ARROW,
    SLOW,
    TAKEN_BY_ROWS,
    UNREAD_BY_FLEETS,
    WRONG_SIGNALS,
    fitted,
    make_table,
    public_doors,
)

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")

tables = st.builds(make_table, st.integers(0, 2**16), st.integers(20, 50))


def every_form():
    arrow = SAME_OF_ARROW if _has_arrow() else {}
    return SAME | arrow


def rare_forms():
    return RARE | (RARE_OF_ARROW if _has_arrow() else {})


def _has_arrow():
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def quiet(door, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few rows; what is answered counts here
        return door(table)


def assert_same(found, expected):
    np.testing.assert_equal(_plain(found), _plain(expected))


def _plain(value):
    if isinstance(value, pd.Series):
        return value.to_numpy()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def differs(new, old, name):
    """Whether a column is of another form, or gone."""
    if name not in new:
        return True
    return new[name].dtype != old[name].dtype or repr(list(new[name])) != repr(list(old[name]))


def test_no_door_is_forgotten():
    """A new public function with such a parameter is added to one of the two tables."""
    found = {name for name in public_doors() if not name.startswith(NO_EVENTS)}
    assert found == set(DOORS)


@given(tables)
def test_a_table_of_the_library_is_returned_as_it_is(table):
    assert check_events(table) is table
    dtypes = {name: dtype for name, dtype in column_dtypes().items() if name in table}
    assert table[list(dtypes)].dtypes.to_dict() == dtypes


@given(tables, st.data())
def test_one_meaning_has_one_answer(table, data):
    forms = every_form() | rare_forms()
    changed = table
    names = st.lists(st.sampled_from(sorted(forms)), min_size=1, max_size=3, unique=True)
    touched: set[str] = set()
    for name in data.draw(names):
        try:
            new = forms[name](changed)
        except (TypeError, ValueError, AttributeError, NotImplementedError):
            continue  # a form that is made of another column's own form only
        different = {each for each in changed if differs(new, changed, each)}
        if not different & touched:  # a form of a form may mean something else
            touched |= different
            changed = new
    before = changed.copy()
    for transformer in (DeliveryFeatures(), MotionFeatures(), BehaviorFeatures()):
        expected = transformer.fit_transform(table)
        np.testing.assert_array_equal(transformer.fit_transform(changed), expected)
    pd.testing.assert_frame_equal(changed, before)  # the user's table is never changed
    again = check_events(changed)
    assert again.index.equals(changed.index)
    assert check_events(again) is again
    for field in EVENT_FIELDS:
        if field.type in ("number", "time"):
            assert again[field.name].dtype == field.dtype


@pytest.mark.parametrize("door", sorted(set(DOORS) - SLOW))
def test_one_meaning_has_one_answer_at_every_door(door):
    table = make_table(5, 40)
    expected = quiet(DOORS[door], table)
    for name, form in every_form().items():
        if door in OF_ROWS and name == "kinds and zones as texts":
            continue  # the value of a category is a text
        try:
            assert_same(quiet(DOORS[door], form(table)), expected)
        except Exception as error:
            error.add_note(f"in the form: {name}")
            raise


@pytest.mark.parametrize("door", FEW_DOORS)
def test_rarer_forms_have_the_same_answer(door):
    table = make_table(5, 40)
    expected = quiet(DOORS[door], table)
    for name, form in rare_forms().items():
        try:
            assert_same(quiet(DOORS[door], form(table)), expected)
        except Exception as error:
            error.add_note(f"in the form: {name}")
            raise


def refusal_of(door, form, mangle):
    try:
        quiet(DOORS[door], mangle(make_table(5, 40)))
    except ValueError as error:
        return error
    return pytest.fail(f"{form} was taken by {door}")


@pytest.mark.parametrize("door", sorted(DOORS))
def test_several_meanings_are_refused_at_every_door(door):
    of_rows = door in OF_ROWS
    for form, (mangle, words) in AMBIGUOUS.items():
        if (of_rows and form in TAKEN_BY_ROWS) or (
            door == "lifecycle.fit_fleet" and words.startswith(UNREAD_BY_FLEETS)
        ):
            continue
        error = refusal_of(door, form, mangle)
        said = str(error)
        assert isinstance(error, InvalidEventError), said
        assert re.search(re.split(r"\W", words)[0] if of_rows else words, said), said
        assert re.search(r"(?s)must be .* Got .* instead\. .+\.$", said), said
        if door == "lifecycle.fit_fleet" and form in OF_HOMES:
            continue  # homes are told apart first, by whatever column
        assert of_rows or re.match(r"Row \d+( \(index .*\))? of the event table: ", said), said


#: Doors of which the test itself takes a row, and scikit-learn's own `score`.
OF_SOME_ROWS = {
    *("evaluation.explain", "evaluation.attribute"),
    *("estimators.rules.DeliveryRules.score", "estimators.rules.MotionRules.score"),
}


@pytest.mark.parametrize("door", sorted(set(DOORS) - OF_SOME_ROWS))
def test_a_table_without_rows_is_answered_or_refused_by_a_sentence(door):
    table = make_table(5, 40)
    for empty in (table[:0], pd.DataFrame(columns=table.columns)):
        said = "It must be."
        try:
            quiet(DOORS[door], empty)
        except ValueError as error:
            said = str(error)
        assert "sample(s)" not in said
        assert re.search(r"(?s)must (be|have)\b.*\.$|[Nn]eeds? .*\.$", said)


@pytest.mark.parametrize("door", READS_LABELS)
def test_labels_that_say_there_is_none_are_none(door):
    """As in a file: a class of that name would be made of all of them."""
    table = make_table(5, 40)
    asked = np.arange(len(table)) % 4 > 0
    expected = quiet(DOORS[door], table.assign(label=table["label"].where(asked, None)))
    for word in ("", " \t", "NA", "nan", "None"):
        labels = table["label"].where(asked, word)
        for dtype in (object, "string", "category"):
            assert_same(quiet(DOORS[door], table.assign(label=labels.astype(dtype))), expected)


@pytest.mark.parametrize("door", READS_SIGNALS)
def test_signals_outside_the_rule_are_refused_where_they_are_read(door):
    for form, (mangle, words) in WRONG_SIGNALS.items():
        error = refusal_of(door, form, mangle)
        assert isinstance(error, InvalidEventError)
        assert re.search(f"^Row 7( .*)? of the event table: raw must be .* Got {words}", str(error))


@pytest.mark.parametrize("door", sorted(set(DOORS) - OF_ROWS))
def test_tables_of_no_one_meaning_are_refused_at_every_door(door):
    for form, (mangle, words) in AMBIGUOUS_TABLES.items():
        if (form == "an offset of no clock" and door in KEEPS_OFFSETS) or (
            form == "a column twice" and door == "lifecycle.fit_fleet"
        ):
            continue
        error = refusal_of(door, form, mangle)
        # Who asks for a label or a home first says that it is not there.
        assert form == "two levels" or re.search(words, str(error)), error


#: Doors that read no offset from UTC.
KEEPS_OFFSETS = {
    name
    for name in DOORS
    if name.startswith(("estimators.rules", "features.MotionFeatures"))
} | {
    "evaluation.alarms_per_week", "evaluation.detection_delay",
    "events.training_events", "events.write_events", "events.Signals.from_events",
    "features.attach_context", "features.training_rows", "evaluation.split_by_home",
    "evaluation.explain", "evaluation.attribute",
    "evaluation.permutation_importances", "evaluation.seen_in_training",
    "evaluation.rows_of_new_homes",
    "lifecycle.divide_by_home", "evaluation.decisions.provable_budget",
}  # fmt: skip


@given(tables, st.sampled_from(sorted(AMBIGUOUS)), st.data())
def test_one_wrong_row_is_named(table, form, data):
    mangle, _ = AMBIGUOUS[form]
    row = data.draw(st.integers(0, len(table) - 1))
    changed = mangle(table)
    name = next(name for name in changed if not changed[name].equals(table[name]))
    column = table[name].astype(object)
    column.iloc[row] = changed[name].iloc[0]
    with pytest.raises(InvalidEventError, match=f"^Row {row} of the event table: {name} must be"):
        check_events(table.assign(**{name: column}))
    shuffled = table.assign(**{name: column}).iloc[::-1]
    place = len(table) - 1 - row
    with pytest.raises(InvalidEventError, match=rf"^Row {place}( \(index {row}\))? of the event"):
        check_events(shuffled)


@settings(max_examples=10)
@given(tables, st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]))
def test_clocks_are_those_of_the_time_zone(table, timezone):
    dates = pd.to_datetime((table["timestamp"] * 1000).round().astype("int64"), unit="ms")
    local = dates.dt.tz_localize("UTC").dt.tz_convert(timezone)
    bare = table.drop(columns="utc_offset")
    aware = check_events(bare.assign(timestamp=local), need=("utc_offset",))
    naive = check_events(bare.assign(timestamp=local.dt.tz_localize(None)), timezone=timezone)
    told = check_events(bare, timezone=timezone)
    objects = check_events(bare.assign(timestamp=local.astype(object)), need=("utc_offset",))
    several = check_events(bare.assign(timestamp=local.astype("category")), need=("utc_offset",))
    for other in (naive, told, objects, several):
        np.testing.assert_array_equal(aware["timestamp"], other["timestamp"])
        np.testing.assert_array_equal(aware["utc_offset"], other["utc_offset"])
    np.testing.assert_array_equal(aware["timestamp"], table["timestamp"])


@pytest.mark.parametrize("clock", ["UTC", "Etc/UTC", "GMT", datetime.UTC])
def test_utc_tells_no_clock_by_any_name(clock):
    table = make_table(1, 20).drop(columns="utc_offset")
    dates = pd.to_datetime(table["timestamp"], unit="s", utc=True).dt.tz_convert(clock)
    for form in (dates, dates.astype(object), dates.astype("category")):
        assert "utc_offset" not in check_events(table.assign(timestamp=form))


def test_the_check_of_a_good_table_costs_next_to_nothing():
    """Bit for bit the same features, and no second pass over what is right already."""
    table = make_table(1, 50)
    assert DeliveryFeatures()._check_events(table) is table
    model = fitted("delivery")
    np.testing.assert_array_equal(
        model.predict_proba(table), model.predict_proba(table.astype({"timestamp": object}))
    )
