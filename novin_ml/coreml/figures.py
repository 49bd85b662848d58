"""The numbers of a certificate, compared with those of a new one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from novin_ml.coreml.answers import GIVEN
from novin_ml.coreml.certificate import OF_FILES, PROTOCOL, Certificate
from novin_ml.coreml.comparison import largest
from novin_ml.coreml.device import not_run
from novin_ml.coreml.subject import Subject

#: Entries that certificates of earlier protocols may lack.
_LATER = {
    3: {"proof"},
    2: {"structure", "machine", "data_sha256", "unreachable_leaves", "proof"},
    1: {"structure", "machine", "data_sha256", "unreachable_leaves", "choices", "proof"},
}
# Those before protocol 5 lack these, and need not say so: the old hash was compared instead.
_OF_FILES = {"file_sha256", "hashed_by"}
# Before it, other rows were compared.
_SAME_ROWS = 3
_WITH_PROOF = 4
# Where other libraries or another machine round in another way, the largest rounding error of
# thousands of rows may be this many times as large, or differ by a bit of a float32 probability.
_TIMES = 4
_LAST_BIT = 2.0**-23
# An estimator and its reference may add the same numbers in another order, both in float64; so much
# of the tolerance may lie between their errors.
_LAST_DIGITS = 1e-6
# The last bits decide whether a row is a tie, or rounded: one row in this many.
_BORDERLINE = 1_000
# Names of systems in sys.platform, by their names in the machine of a certificate.
_PLATFORMS = {"linux": "linux", "windows": "win32", "darwin": "darwin"}


class Figures:
    """A certificate's file beside a new certificate of the same model.

    Parameters
    ----------
    written : dict
        The file's content.
    again : Certificate
        The new certificate.
    subject : Subject
        The Python model.

    Attributes
    ----------
    difference : str
        A clause about the first entry that is wrong; "" if there is none.
    not_checked : list of str
        A sentence about each entry that could not be checked.
    """

    def __init__(self, written: Mapping[str, Any], again: Certificate, subject: Subject) -> None:
        self.written = written
        self.again: dict[str, Any] = json.loads(again.to_json())
        self.record = subject.record
        self.not_checked: list[str] = []
        self.is_old = written["protocol"] < _SAME_ROWS
        # Another library adds the leaves in an order of its own, which threads may change.
        self.is_same_machine = (
            written.get("machine") == again.machine
            and written.get("versions") == again.versions
            and subject.learner.kind not in GIVEN
        )
        self.last_bit = _LAST_BIT * subject.answers.allowed(1.0)
        if subject.learner.kind in GIVEN and again.proof is not None:
            # The library's own rounding is not in the reference, which adds in float64.
            self.last_bit = max(self.last_bit, again.proof.bound)
        self.difference = (
            self._of_origin() or self._of_keys() or self._of_checks() or self._of_the_rest()
        )

    def _of_origin(self) -> str:
        if self.record is None:
            self.not_checked.append(
                "The versions in the certificate were not checked: its reference does not have "
                "them."
            )
            return ""
        if self.is_old:
            return _differs("protocol", PROTOCOL, self.written["protocol"])
        for name in ("versions", "machine", "data_sha256"):
            if self.written.get(name) != getattr(self.record, name):
                return _differs(name, getattr(self.record, name), self.written.get(name))
        return ""

    def _of_keys(self) -> str:
        expected = set(self.again)
        optional = _LATER.get(self.written["protocol"], set())
        if self.written["protocol"] < OF_FILES:
            expected -= _OF_FILES
        missing = sorted(expected - set(self.written))
        if self.written["protocol"] == _SAME_ROWS and "proof" in self.written:
            return _differs("protocol", _WITH_PROOF, _SAME_ROWS)
        extra = sorted(set(self.written) - expected)
        if extra:
            return f"{extra[0]} must be absent. Got {_shown(self.written[extra[0]])}"
        absent = [key for key in missing if key not in optional]
        if absent:
            return f"{absent[0]} must be {_shown(self.again[absent[0]])}. Got no such entry"
        if missing:
            self.not_checked.append(
                f"The certificate is of protocol {self.written['protocol']}, which does not have "
                f"{', '.join(missing)}. They were found anew here."
            )
        return ""

    def _of_checks(self) -> str:
        """Compare the checks of each kind of rows, and their sums."""
        written, again = self.written["checks"], dict(self.again["checks"])
        if not isinstance(written, dict):
            return _differs("checks", again, written)
        again.pop("data", None)
        given = self.written.get("data_sha256")
        if given is not None and not _is_hash(given):
            return _differs("data_sha256", "a SHA-256", given)
        if not self.is_old and (given is None) == ("data" in written):
            return (
                "data_sha256 must be there with checks.data, and null without. "
                f"Got {_shown(given)} and checks of {', '.join(written)}"
            )
        own_data = "data" in written and (
            self.written.get("data_sha256") is not None
            and self.written["data_sha256"] == self.again["data_sha256"]
        )
        if own_data:
            again["data"] = self.again["checks"]["data"]
        for kind, check in again.items():
            if kind not in written:
                # Rows for leaves came later than the rest.
                if self.is_old and kind == "leaves":
                    continue
                return f"checks.{kind} must be {_shown(check)}. Got no such entry"
            if self._is_of_other_rows(written[kind], check):
                clause = self._of_unknown_rows(kind, written[kind], "which are others now")
            else:
                clause = self._of_check(kind, written[kind], check)
            if clause:
                return clause
        extra = sorted(set(written) - set(again) - {"data"})
        if extra:
            return f"checks.{extra[0]} must be absent. Got {_shown(written[extra[0]])}"
        if "data" in written and not own_data:
            clause = self._of_unknown_rows(
                "data", written["data"], "which were given to the export and not given here"
            )
            if clause:
                return clause
        return self._of_sums(written)

    def _of_check(self, kind: str, written: Any, again: Mapping[str, Any]) -> str:
        name = f"checks.{kind}"
        optional = {"rounded"} if self.is_old else set()
        if not isinstance(written, dict) or not (
            set(again) - optional <= set(written) <= set(again)
        ):
            return _differs(name, again, written)
        for key, value in written.items():
            if not self._agrees(key, value, again[key], again["rows"]):
                return _differs(f"{name}.{key}", again[key], value)
        return ""

    def _agrees(self, key: str, value: Any, again: Any, n_rows: int) -> bool:
        if type(value) is not type(again):
            return False
        if value == again:
            return True
        if key == "max_error" and abs(value - again) <= _LAST_DIGITS * self.again["tolerance"]:
            return True
        if self.is_same_machine:
            return False
        if key == "max_error":
            low, high = sorted((value, again))
            return low >= 0 and high <= max(_TIMES * low, low + self.last_bit)
        if key in ("ties", "rounded"):
            return 0 <= value <= n_rows and abs(value - again) <= 1 + n_rows // _BORDERLINE
        return False

    def _is_of_other_rows(self, written: Any, again: Mapping[str, Any]) -> bool:
        """Whether an earlier protocol chose other rows."""
        return (
            self.is_old
            and isinstance(written, dict)
            and written.get("rows") != again["rows"]
            and again is self.again["checks"].get("thresholds")
        )

    def _of_unknown_rows(self, kind: str, check: Any, why: str) -> str:
        """Look at a check that cannot be made again: it must be one that passes."""
        self.not_checked.append(
            f"The certificate's entry checks.{kind} was not made again: it is of rows {why}."
        )
        choices = f"{self.again['choices']}_differ"
        expected = {"rows", "max_error", choices, "ties", "rounded"}
        if not isinstance(check, dict) or set(check) != expected:
            return _differs(f"checks.{kind}", sorted(expected), check)
        error = check["max_error"]
        counts = [check[name] for name in sorted(expected - {"max_error"})]
        passes = type(error) is float and 0 <= error <= self.again["tolerance"]
        whole = all(type(count) is int and count >= 0 for count in counts)
        if not (passes and whole and check["rows"] and check[choices] == 0):
            return _differs(f"checks.{kind}", "a check that passes", check)
        return ""

    def _of_sums(self, checks: Mapping[str, Any]) -> str:
        choices = f"{self.again['choices']}_differ"
        sums: dict[str, Any] = {
            name: sum(check.get(name, 0) for check in checks.values())
            for name in ("rows", choices, "rounded")
        }
        sums["max_error"] = largest(check["max_error"] for check in checks.values())
        for name, expected in sums.items():
            if name in self.written and not _same(self.written[name], expected):
                return _differs(name, expected, self.written[name])
        return ""

    def _of_the_rest(self) -> str:
        """Compare what is no check; what depends on the rows' sums was compared."""
        done = {"checks", "rows", "max_error", f"{self.again['choices']}_differ", "rounded"}
        # By hashes; of the rows given; by the record.
        done |= {"reference_sha256", "protocol", "versions", "machine", "core_ml", "data_sha256"}
        for key in sorted(set(self.written) - done):
            if not _same(self.written[key], self.again[key]):
                return _differs(key, self.again[key], self.written[key])
        return self._of_core_ml()

    def _of_core_ml(self) -> str:
        written, again = self.written["core_ml"], self.again["core_ml"]
        if _same(written, again):
            return ""
        if not isinstance(written, dict) or type(written.get("ran")) is not bool:
            return _differs("core_ml", again, written)
        system = str(self.written.get("machine", "")).split(" ")[0].lower()
        if not written["ran"]:
            # On another system than this one.
            names = [_PLATFORMS.get(system, system)] if system else _PLATFORMS.values()
            reasons = [not_run(name) for name in names if name != "darwin"]
            if set(written) == {"ran", "reason"} and written["reason"] in reasons:
                return ""
            return _differs("core_ml", {"ran": False, "reason": [*reasons, "none"][0]}, written)
        if system and system != "darwin":
            return _differs("core_ml.ran", False, True)
        if again["ran"]:
            for key, value in written.items():
                if key not in again or not self._agrees(key, value, again[key], again["rows"]):
                    return _differs(f"core_ml.{key}", again.get(key), value)
            return ""
        self.not_checked.append(
            "The certificate's entry core_ml was not made again: Core ML runs on macOS only."
        )
        return ""


def _differs(name: str, expected: Any, got: Any) -> str:
    return f"{name} must be {_shown(expected)}. Got {_shown(got)}"


def _same(got: Any, expected: Any) -> bool:
    """Whether two values are written alike: True is not 1."""
    return json.dumps(got, sort_keys=True) == json.dumps(expected, sort_keys=True)


def _shown(value: Any) -> str:
    text = json.dumps(value) if not isinstance(value, float) or math.isfinite(value) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _is_hash(text: Any) -> bool:
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")
