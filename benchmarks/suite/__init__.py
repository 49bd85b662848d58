"""The asv suite: one module a stage.

With ``asv run --quick`` each benchmark runs once. Numbers of cores beyond those that the process
may use are not run. Imports are at the top of the modules: asv forks its processes from one
that has done them.
"""

import os

# Threads that spin while they wait cost many times their work on a shared machine. OpenMP reads
# this when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
