"""Values as JSON holds them."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

import novin_ml
from novin_ml.estimators.decisions import Abstention, AlarmThreshold, Decisions
from novin_ml.evaluation import Difference
from novin_ml.lifecycle.saving.parameters import numpy_default
from novin_ml.plain import plain, plural


def test_what_json_holds():
    value = {
        1: (np.float32(0.5), np.array([1.0, np.nan])),
        "path": Path("a") / "b",
        "parts": [Difference(1.0, 0.5, 0.5, float("nan"), float("inf"))],
        "rest": [None, True, "text", np.int64(3), np.bool_(False)],
    }
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "1": [0.5, [1.0, None]],
        "path": str(Path("a") / "b"),
        "parts": [{"a": 1.0, "b": 0.5, "difference": 0.5, "low": None, "high": None}],
        "rest": [None, True, "text", 3, False],
    }


def test_decisions_are_written_by_the_same_function():
    decisions = Decisions(
        {np.str_("delivery"): AlarmThreshold(np.str_("delivery"), 0.1, n_false=3)},
        Abstention(0.1, 0.2, 0.6, 50),
    )
    document = decisions.to_document()
    assert document["thresholds"] == [plain(each) for each in decisions.thresholds.values()]
    assert type(document["thresholds"][0]["label"]) is str
    read = Decisions.from_document(json.loads(json.dumps(document)), ["delivery"])
    assert read == decisions


def test_what_is_saved_is_exact_or_refused():
    # Not `plain`: a saved parameter is read back as it was.
    assert json.dumps(np.float32("nan"), default=numpy_default) == "NaN"
    with pytest.raises(TypeError, match="is no JSON"):
        json.dumps(Path("a"), default=numpy_default)


#: Packages whose texts people read.
SOURCES = sorted(Path(novin_ml.__file__).parent.rglob("*.py"))
#: How a number is written that may be 1: another form has decimals or a unit.
FORMS = ("", "f','", "f'.0f'", "f',.0f'", "f'g'", "f'd'")
#: Values that are texts, or that have decimals or a sign; and the name of a check.
NO_COUNTS = re.compile(r"(percent|number|_?points|plural|shown|type|\', \')\(|worst$|param\[")
#: Words in -s that follow a name, and are no nouns.
NO_NOUNS = {
    *("as", "becomes", "belongs", "comes", "contains", "does", "exists", "gives", "has", "holds"),
    *(
        "is",
        "its",
        "keeps",
        "lacks",
        "makes",
        "means",
        "needs",
        "raises",
        "returns",
        "runs",
        "says",
        "takes",
    ),
    *("this", "was", "writes"),
}
#: Words between a number and its noun.
BETWEEN = "(?:(?:labelled|such|false|other|more|fewer|finite|new|old|whole|prediction) )?"
NOUN = re.compile(rf" {BETWEEN}([a-z]{{2,}}s|children|leaves|series)\b")
#: Texts that are lists, and sizes of several layers.
NAMES = {"zone_kind", "SUFFIX", "rows", "model.name", "hidden", "ratio"}


def counts_of_one(source):
    """Yield what is written as many where it may be one: a number before a noun in the plural."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            text = node.right
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                found = NOUN.match(text.value)
                if found and ast.unparse(node.left).startswith("str("):
                    yield node.lineno, text.value
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, text in zip(node.values, node.values[1:], strict=False):
            if not isinstance(number, ast.FormattedValue) or not isinstance(text, ast.Constant):
                continue
            form = ast.unparse(number.format_spec) if number.format_spec else ""
            value, found = ast.unparse(number.value), NOUN.match(text.value)
            is_count = form in FORMS and number.conversion != ord("r") and value not in NAMES
            is_count &= not value.isupper() and not NO_COUNTS.match(value)  # constants are many
            if is_count and found and found[1] not in NO_NOUNS:
                yield node.lineno, text.value


def test_one_is_not_many():
    assert [plural(n, "home") for n in (0, 1, 2, 1000)] == [
        *("0 homes", "1 home", "2 homes", "1,000 homes"),
    ]
    assert plural(1.4, "week", form=",.0f") == "1 week"
    assert plural(1.0, "alarm", form="g") == "1 alarm"


@pytest.mark.parametrize(
    "text",
    [
        'f"{n} homes"', 'f"{n:,} labelled rows of"', 'f"in {weeks:.0f} weeks"', 'f"{a.b} zoos"',
        'str(n) + " leaves"',
    ],
)  # fmt: skip
def test_a_count_that_is_not_of_the_one_function_is_found(text):
    assert [*counts_of_one(text)]
    right = "f\"{plural(n, 'home')} of {name} is {x:.1f} days, {n!r} homes, {MOST} rows\""
    assert not [*counts_of_one(right)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: "/".join(path.parts[-3:]))
def test_counts_are_written_by_one_function(source):
    """A number before "homes" is 1 for somebody: call plural. A verb belongs in NO_NOUNS."""
    assert [*counts_of_one(source.read_text(encoding="utf-8"))] == []
