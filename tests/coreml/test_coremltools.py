import subprocess
import sys

import pytest

from novin_ml.coreml._coremltools import coremltools


def run(code):
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", code], capture_output=True, text=True, check=True
    )


def test_import_is_quiet_and_leaves_the_logger_alone():
    done = run(
        "import logging, sys, warnings\n"
        "from novin_ml.coreml._coremltools import coremltools\n"
        "assert 'coremltools' not in sys.modules\n"
        "logger = logging.getLogger('coremltools')\n"
        "logger.setLevel(logging.INFO)\n"
        "filters = list(warnings.filters)\n"
        "module = coremltools()\n"
        "assert module is sys.modules['coremltools']\n"
        "assert logger.level == logging.INFO and logger.propagate and not logger.disabled\n"
        "assert not logger.handlers and not logging.getLogger().handlers\n"
        "assert warnings.filters[:len(filters)] == filters or warnings.filters == filters\n"
        "logger.warning('heard')\n"
    )
    assert done.stdout == ""
    assert done.stderr.strip() == "heard"


@pytest.mark.parametrize("times", [1, 2])
def test_an_import_of_the_user_is_reused(times):
    import coremltools as imported

    for _ in range(times):
        assert coremltools() is imported
