"""Loads of damaged files in a process of their own, whose end is a failure and no end of the tests.

Hashes are those of the damaged files, as one writes them who changes a file on purpose.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import warnings
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from novin_ml.coreml.subject import REFERENCE_KIND, Subject
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle import load_estimator
from novin_ml.store import read_folder, write_file, write_folder

#: How each kind is loaded and written; one file is written faster than a folder.
KINDS = {
    "estimator": (load_estimator, write_file, "model.novin"),
    REFERENCE_KIND: (Subject.load, write_folder, "model.reference"),
}


def answers(model):
    """Return the answers of a loaded estimator or reference to some rows."""
    learner = model.learner if isinstance(model, Subject) else getattr(model, "learner_", None)
    if learner is None:
        learner = model[-1].learner_
    X = np.random.default_rng(0).normal(size=(64, learner.n_features)).astype(np.float32)
    with np.errstate(all="ignore"):
        if hasattr(learner, "score_samples"):
            return learner.score_samples(X)
        return learner.predict_proba(X)


def serve(pipe, folder, kind):
    """Load what is sent, beside the other files of a folder, and send back what came of it."""
    warnings.simplefilter("error")
    load, write, name = KINDS[kind]
    folder = Path(folder)
    files, expected = read_folder(folder, kind), answers(load(folder))
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / name
        while True:
            write(files | pipe.recv(), place, kind)
            try:
                model = load(place)
            except SavedModelError as error:
                pipe.send(("refused", str(error)))
                continue
            except Exception as error:
                pipe.send(("raised", repr(error)))
                continue
            same = np.array_equal(answers(model), expected, equal_nan=True)
            pipe.send(("same" if same else "other", ""))


class Loads:
    """A process that loads a saved folder again and again, with other files in it."""

    def __init__(self, folder, kind="estimator"):
        self.files = read_folder(Path(folder), kind)
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=serve, args=(theirs, str(folder), kind), daemon=True)
        self._process.start()
        theirs.close()

    def __call__(self, **files):
        """Return what came of loading: refused, raised, same or other answers, and its message.

        The names of the files have two underscores for a dot.
        """
        try:
            self._pipe.send({name.replace("__", "."): bytes(c) for name, c in files.items()})
            if not self._pipe.poll(60):
                raise AssertionError("loading has not ended after a minute")
            return self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            raise AssertionError(
                f"loading has ended its process: {self._process.exitcode}"
            ) from None

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.join()


# Mutations: bytes changed, cut out, put in, and copied from elsewhere in the file.
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=12),
            st.floats(0, 1),
            st.sampled_from([b"\0" * 8, b"\xff" * 8, b"{}", b"[#L", b"[$d#L", b"}", b"i", b"L"]),
        ),
    ),
    min_size=1,
    max_size=4,
)


def edited(content, edits):
    for share, n_bytes, new in edits:
        place = int(share * len(content))
        if isinstance(new, float):
            new = content[int(new * len(content)) :][:n_bytes]
        content = content[:place] + new + content[place + n_bytes :]
    return content
