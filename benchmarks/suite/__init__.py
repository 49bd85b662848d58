"""The asv suite: one module a stage.

With ``asv run --quick`` each benchmark runs once. Numbers of cores beyond those that the process
may use are not run. Imports are at the top of the modules: asv forks its processes from one
that has done them.
"""

import os

# As `novin_ml.waiting`, which earlier commits do not have. OpenMP reads it when it is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
