"""Every example in the documentation runs; its tables say what the code does."""

import doctest
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
import xgboost
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
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
    federated,
    lifecycle,
    simulation,
)
from novin_ml.cli.app import COMMANDS, app
from novin_ml.coreml import swift
from novin_ml.events import doors, read_events, write_events
from novin_ml.exceptions import NotExportableError
from novin_ml.simulation import simulate_deliveries
from tests.events.doors.recordings import write_home

DOCS = Path(__file__).resolve().parents[1] / "docs"
README = DOCS.parent / "README.md"
PAGES = sorted(DOCS.glob("**/*.rst"))
PAGES = [
    page
    for page in PAGES
    if not {"_build", "_templates", "api", "auto_gallery", "gallery"} & set(page.parts)
]
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
        printed = capsys.readouterr().out
        proved = "equal for every input within 3.1e-06 (proved); largest error on"
        assert printed.startswith(proved) if example is own_model else printed.endswith(" 0\n")
    assert (tmp_path / "delivery.mlmodel").exists()
    assert (tmp_path / "mine.mlmodel").exists()


@pytest.fixture(scope="session")
def declared(tmp_path_factory):
    """A folder with a novin.toml, and a novin-ml to call; swift is real where there is one."""
    folder = tmp_path_factory.mktemp("declared")
    write_events(simulate_deliveries(700, n_homes=12, random_state=0), folder / "events.jsonl")
    lifecycle.draft_declaration(folder / "events.jsonl", folder / "novin.toml")
    text = (folder / "novin.toml").read_text()
    text = text.replace("# parameters = { epochs = 200 }", "parameters = { epochs = 3 }")
    (folder / "novin.toml").write_text(text)
    (folder / "bin").mkdir()
    program = folder / "bin" / "novin-ml"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m novin_ml "$@"\n')
    absent = [] if shutil.which("swift") else ["swift"]
    for name in (*absent, "pip", "python3"):  # what a build server has, and what it installs
        (folder / "bin" / name).write_text('#!/bin/sh\n[ "$1" != -m ] || mkdir -p .venv/bin\n')
        (folder / "bin" / name).chmod(0o755)
    program.chmod(0o755)
    return folder


def shell(script, folder, *, code=0):
    """Run a script as a build server does."""
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    known = os.environ | {"PATH": path, "PYTHONPATH": str(DOCS.parent)}
    (folder / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    (folder / ".venv" / "bin" / "activate").touch()
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder, env=known, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_build_of_the_readme(declared):
    (script,) = blocks_of_the_readme("bash")
    assert len(script.splitlines()) == 6
    called = list(commands(script))
    assert [arguments[0] for arguments in called] == ["build", "verify", "registry"]
    told = shell(script, declared)
    assert "released to release, sha256 " in told
    assert (declared / "App" / "Packages" / "NovinModels" / "Package.swift").exists()
    assert "version 1 is served already" in shell(script, declared)
    text = (declared / "novin.toml").read_text()
    failing = text.replace("max_bytes = 5_000_000", "max_bytes = 1")
    (declared / "failing.toml").write_text(failing)
    shell(
        script.replace("novin.toml --out release", "failing.toml --out failing"), declared, code=1
    )
    absent = script.replace("build novin.toml", "build absent.toml")
    shell(absent, declared, code=2)


def test_the_files_for_build_servers_run(declared):
    """Make as it is; of the others what their shells run, as far as Linux goes."""
    (makefile,) = blocks("guide/build.rst", "make")
    (declared / "Makefile").write_text(makefile)
    assert "served" in shell("make promote", declared)
    (cron,) = blocks("guide/build.rst", "text")
    (_, _, night) = cron.strip().partition("* * * ")
    assert shell(night.replace("cd /srv/models", "true"), declared) == ""
    (actions,) = blocks("guide/build.rst", "yaml")
    lines = re.findall(r"- run: (.+)", actions)
    assert len(lines) == 5
    for line in lines:
        shell(line, declared)
    (lanes,) = blocks("guide/build.rst", "ruby")
    lines = re.findall(r'sh\("(.+)"\)', lanes)
    assert len(lines) == 3
    for line in lines:
        shell(f"mkdir -p Packages fastlane && cd fastlane && {line}", declared)
    (cloud,) = blocks("guide/build.rst", "bash")
    assert "unchanged, kept" in shell(cloud, declared)
    assert (declared / "Packages" / "NovinModels" / "Package.swift").exists()


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


#: Whether the extra signing is installed.
SIGNS = importlib.util.find_spec("cryptography") is not None


def test_commands_of_the_guide(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    called = []
    for block in blocks("guide/cli.rst", "console"):
        for arguments in commands(block):
            called.append(arguments[0])
            if arguments[0] in ("home", "import") and not Path("config").exists():
                write_home(Path("config"))
            if arguments[0] == "answers":
                write_answers(arguments[1], "events.jsonl")
            if not SIGNS and (arguments[0] in ("keygen", "sign") or "--public-key" in arguments):
                continue
            if arguments[0] == "demo":
                arguments += ["--min-accuracy", "0.5", "--min-gain", "-1"]
            run(arguments)
    assert set(called) == set(COMMANDS)


def test_commands_of_the_doors(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("log.txt").write_text("2030-03-01 07:12:00 M003 ON\n2030-03-01 07:12:08 M003 OFF\n")
    (console,) = blocks("guide/doors.rst", "console")
    for arguments in commands(console):
        run(arguments)
    assert read_events("mine.jsonl", vocabulary=events.Vocabulary.home())["duration"][0] == 8.0
    (mapping,) = blocks("guide/doors.rst", "toml")
    Path("mapping.toml").write_text(mapping)
    doors.DoorMapping.from_toml("mapping.toml").check(events.Vocabulary.home())


def write_answers(path, events):
    """Write what users said of the first motions of a log."""
    rows = read_events(events)
    rows = rows[rows["label"].notna()].head(3)
    said = pd.DataFrame({"home_id": rows["home_id"], "timestamp": rows["timestamp"]})
    said.assign(label="delivery", answer="nothing").to_csv(path, index=False)


def test_retraining_runs_by_hand_by_cron_and_on_a_build_server(declared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events").mkdir()
    (tmp_path / "fleet").mkdir()
    shutil.copytree(declared / "bin", tmp_path / "bin")
    rows = simulate_deliveries(1200, n_homes=40, random_state=0)
    late = rows["timestamp"] > rows["timestamp"].quantile(0.8)
    write_events(rows[~late], tmp_path / "events" / "1.jsonl")
    start, forgetting = blocks("guide/retraining.rst", "console")
    for arguments in commands(start):
        run(arguments)
        if arguments[0] == "init":
            text = (tmp_path / "novin.toml").read_text()
            text = text.replace("# parameters = { epochs = 200 }", "parameters = { epochs = 3 }")
            (tmp_path / "novin.toml").write_text(text)
    assert lifecycle.Registry("registry").served("novin").number == 1
    assert len(lifecycle.read_declaration().data.frozen.homes) == 20
    write_events(rows[late], tmp_path / "events" / "2.jsonl")
    (actions,) = blocks("guide/retraining.rst", "yaml")
    lines = re.findall(r"- run: (.+)", actions)
    assert len(lines) == 4
    write_answers(tmp_path / "said.csv", tmp_path / "events" / "1.jsonl")
    told = [shell(line, tmp_path) for line in lines]
    assert "3 new and 0 changed of 3 answers in answers.csv" in told[1]
    assert "What came since the served version" in told[2]
    assert (tmp_path / "challenger" / "retraining.json").exists()
    (cron,) = blocks("guide/retraining.rst", "text")
    (_, _, monday) = cron.strip().partition("* * 1 ")
    assert shell(monday.replace("cd /srv/models", "true"), tmp_path) == ""
    for arguments in commands(forgetting):
        run(arguments)
    assert "home_0007" not in (tmp_path / "events" / "1.jsonl").read_text()
    assert (tmp_path / "forgotten.json").exists()


def test_your_home_assistant_tonight(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_home(Path("config"))
    for block in blocks("guide/home_assistant.rst", "console"):
        for arguments in commands(block):
            run(arguments)
    for name in ("tonight.html", "week.svg", "mine.jsonl", "mapping.toml"):
        assert Path(name).stat().st_size > 1_000
    (example,) = blocks("guide/home_assistant.rst", "python")
    exec(example, {})
    assert "3 sensors read" in capsys.readouterr().out
    (mapping,) = blocks("guide/home_assistant.rst", "toml")
    doors.DoorMapping.from_dict(tomllib.loads(mapping)).check(events.Vocabulary.home())


def test_commands_of_the_guide_to_the_phone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in blocks("guide/ios.rst", "console"):
        for arguments in commands(block):
            run(arguments)
    assert (tmp_path / "NovinModels" / "Package.swift").exists()


def test_commands_of_the_registry(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_events(simulate_deliveries(1500, random_state=0), "train.jsonl")
    first, upkeep, export = blocks("guide/registry.rst", "console")
    for arguments in commands(first):
        run(arguments)
    # Another version, for the commands that need two.
    run(["train", "delivery", "train.jsonl", "--epochs", "2", "--out", "release/estimator"])
    run(["export", "release/estimator", "--out", "release/delivery.mlmodel"])
    run(["registry", "add", "registry", "delivery", "release"])
    run(["registry", "promote", "registry", "delivery", "2"])
    for arguments in commands(upkeep):
        run(arguments)
    if importlib.util.find_spec("mlflow") is not None:
        for arguments in commands(export):
            run(arguments)


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
        doors,
        features,
        federated,
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
        "booster='gblinear'": lambda: trees(booster="gblinear"),
        "categorical splits": lambda: trees(X=categorical, enable_categorical=True),
        "one class": lambda: trees(y=np.zeros(len(X), dtype=int)),
        "2 targets": lambda: trees(y=np.column_stack([y, 1 - y])),
        "objective='survival:cox'": lambda: booster(objective="survival:cox"),
        "a callable objective": lambda: trees(objective=lambda y, p: (p - y, np.ones_like(p))),
        "missing='NA'": lambda: trees().set_params(missing="NA"),
        "a Booster of 5 rounds whose best_iteration is 2": stopped,
        "a Booster without a model": xgboost.Booster,
        "a multilabel model": lambda: network(np.column_stack([y, 1 - y])),
        "[0.0, 1.0]": lambda: network(y.astype(float)),
        "sklearn.naive_bayes.GaussianNB": lambda: GaussianNB().fit(X, y),
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


def test_broken_links_of_the_built_pages_are_found(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(
        '<a href="sub/page.html#here">a</a><a href="#top">b</a><a href="https://x.org/y">c</a>'
        '<a href="#">d</a><p id="top"></p><img src="a%20b.png" srcset="a%20b.png, no.png 2x">'
    )
    (tmp_path / "a b.png").touch()
    (tmp_path / "sub" / "page.html").write_text('<a href="../index.html#gone">a</a><i id="here">')
    command = [sys.executable, str(DOCS / "links.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "index.html: no.png: no such file",
        "sub/page.html: ../index.html#gone: no such place in the page",
        "8 links in 2 pages, 2 broken",
    ]
