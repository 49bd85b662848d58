"""Every example in the documentation runs; its tables say what the code does."""

import doctest
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

import novin_ml
from novin_ml import (
    compute,
    coreml,
    estimators,
    evaluation,
    events,
    export_coreml,
    features,
    lifecycle,
    simulation,
)
from novin_ml.cli.app import COMMANDS, app
from novin_ml.coreml import swift
from novin_ml.events import write_events
from novin_ml.exceptions import NotExportableError
from novin_ml.simulation import simulate_deliveries

DOCS = Path(__file__).resolve().parents[1] / "docs"
README = DOCS.parent / "README.md"
PAGES = sorted(DOCS.glob("**/*.rst"))
PAGES = [page for page in PAGES if not {"_build", "_templates", "api"} & set(page.parts)]
N_SAMPLES = 600


def blocks(page, language):
    """Return the code blocks of a page in a language."""
    pattern = rf"^\.\. code-block:: {language}\n\n((?:   .*\n|\n)+)"
    found = re.findall(pattern, (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in found]


def commands(text):
    """Return the calls of novin-ml in a shell script, with few samples, without redirections."""
    for line in text.splitlines():
        if line.removeprefix("$ ").startswith("novin-ml "):
            line = re.sub(r"--samples \d+", f"--samples {N_SAMPLES}", line.removeprefix("$ "))
            yield shlex.split(line.split(" > ")[0], comments=True)[1:]


def run(arguments):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, f"{arguments}: {result.output}"


@pytest.mark.parametrize(
    "page", [p for p in PAGES if ">>> " in p.read_text(encoding="utf-8")], ids=lambda p: p.stem
)
def test_doctests(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    failed, tried = doctest.testfile(
        str(page), module_relative=False, optionflags=flags, encoding="utf-8"
    )
    assert tried
    assert not failed


def test_ten_lines(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("index.rst", "python")
    assert len([line for line in example.splitlines() if line]) == 10
    exec(example.replace("10_000", str(N_SAMPLES)), {})
    assert capsys.readouterr().out.endswith(" 0\n")
    assert (tmp_path / "delivery.mlmodel").exists()


def blocks_of_the_readme(language):
    """Return the code blocks of the README in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_python_of_the_readme(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ten_lines, own_model = blocks_of_the_readme("python")
    for example, n_lines in [(ten_lines, 10), (own_model, 6)]:
        assert len([line for line in example.splitlines() if line]) == n_lines
        exec(example.replace("10_000", str(N_SAMPLES)), {})
        assert capsys.readouterr().out.endswith(" 0\n")
    assert (tmp_path / "delivery.mlmodel").exists()
    assert (tmp_path / "mine.mlmodel").exists()


def test_build_of_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(["train.jsonl", "test.jsonl"]):
        write_events(simulate_deliveries(1500, random_state=seed), name)
    (script,) = blocks_of_the_readme("bash")
    assert len(script.splitlines()) == 6
    called = list(commands(script))
    assert [arguments[0] for arguments in called] == [
        *("train", "evaluate", "export", "verify", "ios"),
    ]
    for arguments in called:
        run(arguments)
    assert (tmp_path / "build" / "NovinModels" / "Package.swift").exists()
    _, gate, *_ = called
    failing = [*gate[: gate.index("--min-accuracy")], "--min-accuracy", "0.9999"]
    assert CliRunner().invoke(app, failing).exit_code == 1
    absent = ["absent.jsonl" if argument == "test.jsonl" else argument for argument in gate]
    assert CliRunner().invoke(app, absent).exit_code == 2


def test_the_readme_is_short_and_its_links_lead_somewhere():
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    for link in links:
        page, _, anchor = link.partition("#")
        assert not page or page.startswith("https://") or (README.parent / page).exists(), link
        if anchor and not page:
            heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
            ids = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads]
            assert anchor in ids, link


def test_commands_of_the_guide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    called = []
    for block in blocks("guide/cli.rst", "console"):
        for arguments in commands(block):
            called.append(arguments[0])
            if arguments[0] == "demo":
                arguments += ["--min-accuracy", "0.5", "--min-gain", "-1"]
            run(arguments)
    assert set(called) == set(COMMANDS)


def test_commands_of_the_guide_to_the_phone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in blocks("guide/ios.rst", "console"):
        for arguments in commands(block):
            run(arguments)
    assert (tmp_path / "NovinModels" / "Package.swift").exists()


def test_build_pipeline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(["train.jsonl", "test.jsonl"]):
        write_events(simulate_deliveries(1500, random_state=seed), name)
    (script,) = blocks("guide/cli.rst", "bash")
    for arguments in commands(script):
        run(arguments)
    assert (tmp_path / "build" / "delivery.certificate.json").exists()


def test_every_command_has_its_options_shown():
    text = (DOCS / "guide/cli.rst").read_text(encoding="utf-8")
    shown = re.findall(r"generated-table:: command (.+)", text)
    known, program = [], typer.main.get_command(app)
    for name, command in COMMANDS.items():
        if not isinstance(command, dict):
            known.append(name)
            continue
        # What has the same options as another is shown once.
        seen = []
        for kind in command:
            params = program.commands[name].commands[kind].params
            options = [(option.name, option.help) for option in params]
            known += [] if options in seen else [f"{name} {kind}"]
            seen.append(options)
    assert shown == known


def test_every_public_name_is_in_the_reference():
    text = (DOCS / "api.rst").read_text(encoding="utf-8")
    for module in (
        novin_ml,
        compute,
        coreml,
        swift,
        estimators,
        evaluation,
        events,
        features,
        lifecycle,
        simulation,
    ):
        absent = [n for n in module.__all__ if not re.search(rf"\b{n}\b", text)]
        assert absent in ([], ["__version__"])


def refused_models():
    """Return by the option that the guide names, how to make a model that has it."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 3))
    y = (X[:, 0] > 0).astype(int)
    three = np.digitize(X[:, 0], [-0.5, 0.5])
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    categorical = frame.assign(c=pd.Categorical(rng.integers(0, 4, len(X))))

    def trees(X=X, y=y, **params):
        return xgboost.XGBClassifier(n_estimators=5, n_jobs=1, **params).fit(X, y)

    def booster(y=y, **params):
        return xgboost.train(params | {"nthread": 1}, xgboost.DMatrix(X, y), 5)

    def stopped():
        model = booster(objective="binary:logistic")
        model.set_attr(best_iteration=2)
        return model

    def network(y):
        return MLPClassifier((3,), tol=1, n_iter_no_change=1).fit(X, y)

    return {
        "booster='dart'": lambda: trees(booster="dart", rate_drop=0.5, one_drop=1),
        "booster='gblinear'": lambda: trees(booster="gblinear"),
        "categorical splits": lambda: trees(X=categorical, enable_categorical=True),
        "multi_strategy='multi_output_tree'": lambda: trees(
            y=three, multi_strategy="multi_output_tree", tree_method="hist"
        ),
        "one class": lambda: trees(y=np.zeros(len(X), dtype=int)),
        "2 targets": lambda: trees(y=np.column_stack([y, 1 - y])),
        "objective='reg:squarederror'": lambda: booster(objective="reg:squarederror"),
        "objective='multi:softprob' with two classes": lambda: booster(
            objective="multi:softprob", num_class=2
        ),
        "a callable objective": lambda: trees(objective=lambda y, p: (p - y, np.ones_like(p))),
        "missing=0": lambda: trees(missing=0),
        "a Booster of 5 rounds whose best_iteration is 2": stopped,
        "a Booster without a model": xgboost.Booster,
        "a multilabel model": lambda: network(np.column_stack([y, 1 - y])),
        "[0.0, 1.0]": lambda: network(y.astype(float)),
        "sklearn.ensemble._forest.RandomForestClassifier": lambda: RandomForestClassifier(3).fit(
            X, y
        ),
        "['StandardScaler', 'MLPClassifier']": lambda: make_pipeline(
            StandardScaler(), MLPClassifier((3,), tol=1, n_iter_no_change=1)
        ).fit(X, y),
        "['label']": lambda: trees(X=frame.rename(columns={"a": "label"})),
    }


def test_refusals_are_those_of_the_guide(tmp_path):
    text = (DOCS / "guide/coreml.rst").read_text(encoding="utf-8")
    table = text.partition("* - option\n     - remedy\n")[2].partition("\n\n")[0]
    rows = re.findall(r"\* - (.+)\n     - (.+)", table)
    models = refused_models()
    assert [option for option, _ in rows] == list(models)
    for option, remedy in rows:
        with pytest.raises(NotExportableError) as caught:
            export_coreml(models[option](), tmp_path / "model.mlmodel")
        assert option in str(caught.value)
        assert remedy in str(caught.value)
    assert not list(tmp_path.iterdir())
