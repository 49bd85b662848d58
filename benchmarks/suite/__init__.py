"""The asv suite: one module a stage; everything heavy is imported by ``setup``.

With ``asv run --quick`` each benchmark runs once. Numbers of cores beyond those that the process
may use are not run.
"""
