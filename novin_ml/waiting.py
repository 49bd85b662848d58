"""How threads of OpenMP wait for work, which decides whether a second core helps.

Training trees has thousands of short parts that threads do together, and waits between them. Who
sleeps in between must be woken each time, which takes longer than the part; who spins takes its
core from others. A short spin does both: it lasts from one part to the next, and no longer.
The libraries read this when they are loaded, so a program says it before it imports them;
``import novin_ml`` sets nothing.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

#: Turns of libgomp's loop before a thread sleeps: some hundredths of a millisecond. More give a
#: little more on a quiet machine, and take minutes on one with too much work: who spins uses up the
#: turn that the system gives it. Measured by ``python -m benchmarks.waiting``.
SPINS = 1_000
#: What says how threads wait, of GNU's and of LLVM's OpenMP.
WAITING_VARIABLES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def wait_briefly(environment: MutableMapping[str, str] | None = None) -> None:
    """Let threads spin briefly before they sleep, unless the environment says how they wait.

    Parameters
    ----------
    environment : mutable mapping of str to str, default=None
        None is that of this process, which its children inherit.
    """
    variables = os.environ if environment is None else environment
    if not any(name in variables for name in WAITING_VARIABLES):
        variables["GOMP_SPINCOUNT"] = str(SPINS)


def said_of_waiting(environment: MutableMapping[str, str] | None = None) -> str:
    """Say how threads wait, as the environment has it.

    Parameters
    ----------
    environment : mutable mapping of str to str, default=None
        None is that of this process.

    Returns
    -------
    sentence : str
        Names and values, with commas; "as OpenMP chooses" if nothing is set.
    """
    variables = os.environ if environment is None else environment
    said = [f"{name}={variables[name]}" for name in WAITING_VARIABLES if name in variables]
    return ", ".join(said) or "as OpenMP chooses"
