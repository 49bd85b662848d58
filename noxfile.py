"""The versions that must pass, written once. ``.ci/run`` and the workflow on GitHub call this file.

``nox --list`` names the sessions; ``nox --session "tests(oldest)" -- tests/test_package.py`` runs a
part of one. ``make matrix`` installs nox and runs all tests of it, ``make sbom`` the lists.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.sessions = ["tests"]
nox.options.error_on_missing_interpreters = False
ROOT = Path(__file__).parent
_WORKERS = ("-n", "2", "--dist", "worksteal")
# What tests with the oldest versions need: other tools ask for newer ones.
_TEST_TOOLS = ("filelock", "hypothesis", "numpydoc", "pytest", "pytest-xdist")
_LISTS = ("cyclonedx-bom>=5", "pip-licenses>=5")


@nox.session
@nox.parametrize(
    ("python", "dependencies"),
    [
        nox.param("3.11", "newest", id="3.11"),
        nox.param("3.11", "oldest", id="oldest"),
        nox.param("3.12", "newest", id="3.12"),
        nox.param("3.13", "newest", id="3.13"),
    ],
)
def tests(session: nox.Session, dependencies: str) -> None:
    """Run the tests with one Python, and the oldest or the newest dependencies."""
    session.env["HYPOTHESIS_PROFILE"] = "brief"
    if dependencies == "oldest":
        oldest = str(ROOT / ".ci" / "oldest.txt")
        session.install("--constraint", oldest, "--editable", ".[all]", *_TEST_TOOLS)
    else:
        session.install("--editable", ".[test]")
    # The slow ones say the same under all versions; `make test` runs them.
    session.run("python", "-m", "pytest", "-q", *_WORKERS, *(session.posargs or ["-m", "not slow"]))


@nox.session
def sbom(session: nox.Session) -> None:
    """Write dist/sbom.json (CycloneDX) of the package with its extras, and print all licences."""
    session.install(".[all]")
    place = ROOT / "dist" / "sbom.json"
    place.parent.mkdir(exist_ok=True)
    inside = str(Path(session.virtualenv.bin, "python"))
    # The tools have an environment of their own: they are no part of what they list.
    tools = Path(session.create_tmp(), "tools")
    session.run("python", "-m", "venv", str(tools))
    session.run(str(tools / "bin" / "pip"), "install", "-q", *_LISTS, external=True)
    session.run(
        *(str(tools / "bin" / "cyclonedx-py"), "environment", inside),
        *("--output-reproducible", "--of", "JSON", "-o", str(place)),
        external=True,
    )
    licences = ("--python", inside, "--order", "license", "--format", "markdown")
    session.run(str(tools / "bin" / "pip-licenses"), *licences, external=True)
