"""A package is one that an engineer of an app would have written."""

import json
import plistlib
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from novin_ml import __version__
from novin_ml.coreml.swift import write_features_package
from novin_ml.coreml.swift._tables import semantic_version
from tests.coreml.swift.conftest import NO_SWIFT

ROOT = Path(__file__).parents[3]
#: The grammar of https://semver.org, without build metadata.
SEMVER = r"\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return write_features_package(tmp_path_factory.mktemp("package") / "NovinModels")


def test_it_has_a_licence_a_privacy_manifest_and_ignores_what_is_built(package):
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert ".build/" in (package / ".gitignore").read_text().splitlines()
    file = package / "Sources/NovinModels/PrivacyInfo.xcprivacy"
    manifest = plistlib.loads(file.read_bytes())
    assert manifest["NSPrivacyTracking"] is False
    assert manifest["NSPrivacyCollectedDataTypes"] == []
    assert '.copy("PrivacyInfo.xcprivacy")' in (package / "Package.swift").read_text()


def test_an_app_has_no_evaluator_but_core_ml(package):
    assert (
        '"NovinReference", condition: .when(platforms: [.linux])'
        in (package / "Package.swift").read_text()
    )
    for file in (package / "Sources/NovinModels").rglob("*.swift"):
        text = file.read_text()
        if "NovinReference" in text:
            assert re.search(r"#if os\(Linux\)\s+import NovinReference\s+#endif", text), file


def test_its_version_is_a_semantic_one(package):
    told = re.search(
        r'public let novinVersion = "(.*)"',
        (package / "Sources/NovinFeatures/Tables.swift").read_text(),
    )[1]
    assert told == semantic_version(__version__)
    for version, expected in {
        "0.2.0": "0.2.0", "0.2.0.dev0": "0.2.0-dev.0", "1.0.0rc2": "1.0.0-rc.2",
    }.items():  # fmt: skip
        assert semantic_version(version) == expected
        assert re.fullmatch(SEMVER, expected)


def test_translators_find_the_texts(package):
    catalog = json.loads((package / "NovinWords.xcstrings").read_text())
    assert catalog["strings"]["after_vehicle"]["localizations"]["de"]["stringUnit"] == {
        "state": "translated",
        "value": "%1$@ nach einem Fahrzeug",
    }


def test_its_sources_are_formatted(package):
    if shutil.which("swift") is None:
        pytest.skip(NO_SWIFT)
    folder = resources.files("novin_ml.coreml.swift") / "package"
    for checked in (package, Path(str(folder))):
        command = ["swift", "format", "lint", "--strict", "--recursive", "Sources", "Tests"]
        done = subprocess.run(command, cwd=checked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
