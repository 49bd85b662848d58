"""The package as a whole: what importing it costs, what its source may do, what it names."""

import ast
import dataclasses
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import novin_ml
from novin_ml._version import __version__

PACKAGE = Path(novin_ml.__file__).parent
ROOT = PACKAGE.parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = [name for _, name, _ in pkgutil.walk_packages([str(PACKAGE)], "novin_ml.")]
#: Calls that run what they are given, by the names that they are reached by.
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
IMPORT_SECONDS = 0.05


def in_new_process(code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_import_loads_neither_coremltools_nor_xgboost():
    code = "import sys, novin_ml; print({'coremltools', 'xgboost', 'rich'} & set(sys.modules))"
    assert in_new_process(code) == "set()"


def test_estimators_load_neither_coremltools_nor_xgboost():
    code = (
        "import sys, novin_ml; novin_ml.DeliveryClassifier(); "
        "print({'coremltools', 'xgboost'} & set(sys.modules))"
    )
    assert in_new_process(code) == "set()"


def test_import_is_fast():
    code = (
        "import time, numpy, pandas, sklearn; start = time.perf_counter(); "
        "import novin_ml; print(time.perf_counter() - start)"
    )
    # The best of several: other work on the machine only ever adds to it.
    assert min(float(in_new_process(code)) for _ in range(5)) < IMPORT_SECONDS


@pytest.mark.parametrize("name", ["novin_ml", *MODULES])
def test_public_names_are_there(name):
    module = importlib.import_module(name)
    public = getattr(module, "__all__", [])
    assert len(set(public)) == len(public)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # a name that goes with the next release
        assert all(getattr(module, attribute) is not None for attribute in public)
    if name == "novin_ml":
        packages = {"coreml", "estimators", "evaluation", "events", "features", "lifecycle"}
        assert {*public, *packages, "compute", "simulation"} <= set(dir(module))
        assert not {"cli", "plain", "_version"} & set(dir(module))


def test_subpackages_are_completed_and_come_when_they_are_used():
    code = "import novin_ml; print(novin_ml.events.__name__, novin_ml.compute.__name__)"
    assert in_new_process(code) == "novin_ml.events novin_ml.compute"
    code = "import sys, novin_ml; dir(novin_ml); print('novin_ml.events' in sys.modules)"
    assert in_new_process(code) == "False"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'DeliveryRegressor'"):
        novin_ml.DeliveryRegressor  # noqa: B018


def test_the_program_tells_its_version_without_its_commands():
    code = (
        "import sys; sys.argv = ['novin-ml', '--version']; from novin_ml.cli import main; main(); "
        "print({'numpy', 'pandas', 'sklearn', 'typer'} & set(sys.modules))"
    )
    assert in_new_process(code).splitlines() == [f"novin-ml {__version__}", "set()"]


def test_version():
    assert novin_ml.__version__ == __version__
    major, *rest = __version__.split(".")
    assert major.isdigit()
    assert rest


def test_a_version_is_the_same_everywhere():
    """A release has its section in the changelog, and CITATION.cff names it."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    top, *earlier = re.findall(r"^## (.+)$", text, re.MULTILINE)
    released = re.fullmatch(r"(\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)", top)
    if ".dev" in __version__:
        assert top == "Unreleased"
        released = re.fullmatch(r"(\S+) - (\S+)", earlier[0])
    else:
        assert released is not None, "a release has a version and a date"
        assert released[1] == __version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {released[1]}\ndate-released: {released[2]}\n" in citation
    assert earlier[-1] == "0.1.0 - 2026-11-27"


def test_former_names_go_with_the_release_that_they_name():
    named = {path.name for path in SOURCES if "0.3.0" in path.read_text(encoding="utf-8")}
    if tuple(map(int, __version__.split(".")[:2])) < (0, 3):
        assert named == {"_reports.py", "app.py", "deprecation.py", "reasons.py", "synthetic.py"}
    else:
        assert not named, "remove the former names"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_source_runs_nothing_that_it_reads(source):
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in FORBIDDEN_CALLS, f"line {node.lineno}: {called}"
            assert not called.endswith(("joblib.dump", "joblib.load")), f"line {node.lineno}"
            for keyword in node.keywords:
                allowed = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                assert keyword.arg != "allow_pickle" or allowed, f"line {node.lineno}"
            if called in ("np.load", "numpy.load"):
                assert "allow_pickle" in {keyword.arg for keyword in node.keywords}
        elif isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
            assert not names & FORBIDDEN_MODULES, f"line {node.lineno}"
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in FORBIDDEN_MODULES, f"line {node.lineno}"
            imported = {alias.name for alias in node.names}
            assert node.module != "joblib" or not imported & {"dump", "load"}
            assert node.level == 0, f"line {node.lineno}: a relative import"
        elif isinstance(node, ast.Assert):
            raise AssertionError(f"line {node.lineno}: an assert in library code")


def public_classes():
    found = {}
    for name in ("novin_ml", *MODULES):
        if any(part.startswith("_") for part in name.split(".")):
            continue
        module = importlib.import_module(name)
        # A folder hands on the names that are public; a module's own are for its neighbours.
        if hasattr(module, "__path__"):
            for attribute in getattr(module, "__all__", []):
                value = getattr(module, attribute)
                if isinstance(value, type) and value.__module__.startswith("novin_ml."):
                    found[value.__qualname__] = value
    return found


def shows_its_use(value):
    return bool(doctest.DocTestParser().get_examples(value.__doc__ or ""))


#: Records that people make themselves. What makes the others shows them.
MADE_BY_PEOPLE = {
    *("AggregationSettings", "BoostingSettings", "FederationSettings", "PrivacySettings"),
    *("FaultyHome", "FedAdam", "FedAvg", "LocalBoostingHome", "LocalHabits", "LocalHome"),
    *("DoorMapping", "EventKind", "LocalTraining", "Mapped", "Sensor", "Update", "Zone"),
}


@pytest.mark.parametrize("name", sorted(public_classes()))
def test_public_classes_have_an_example(name):
    value = public_classes()[name]
    record = dataclasses.is_dataclass(value) or issubclass(value, tuple)
    if (record and name not in MADE_BY_PEOPLE) or getattr(value, "_is_protocol", False):
        return
    assert shows_its_use(value)
