"""The public API changes on purpose only: it is listed in a file."""

import re
from pathlib import Path

import novin_ml
from tests.public_api import FILE, MODULES, lines


def test_the_public_api_is_the_one_that_is_listed():
    listed, found = FILE.read_text(encoding="utf-8").splitlines(), lines()
    gone, new = sorted({*listed} - {*found}), sorted({*found} - {*listed})
    assert not gone, (
        f"a deprecation first (docs/releases.rst), then python -m tests.public_api: {gone}"
    )
    assert not new, f"If it is meant to be public: python -m tests.public_api. New: {new}"
    assert listed == found


def test_the_list_sees_what_matters():
    text = FILE.read_text(encoding="utf-8")
    for known in (
        "novin_ml.export_coreml(",
        "novin_ml.DeliveryClassifier.predict_proba(",
        "novin_ml.evaluation.build_report(pipeline, rows, *, certificate=None",
        "novin-ml train delivery: --epochs",
        "novin_ml.exceptions.NovinError",
    ):
        assert f"\n{known}" in f"\n{text}", known
    assert not re.search(r"0x[0-9a-f]{6,}|/home/|/work/", text)


def test_each_package_with_public_names_is_listed():
    package = Path(novin_ml.__file__).parent
    named = {name for name in MODULES if name.count(".") <= 1}
    own = {f"novin_ml.{path.parent.name}" for path in package.glob("*/__init__.py")}
    assert own - named == {"novin_ml.cli"}
