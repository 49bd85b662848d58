"""The training record of a model: hashes of homes, and a Bloom filter of rows.

It tells whether rows to test a model on were trained on, and holds neither names nor rows. A hash
is no secret, though: who can guess a home's name, or a home's name and a time, can look whether it
is in the record.

A row of a home is known by its home and its time in whole milliseconds; of a chain the time is that
of its first event. So it is the same in every format, whatever else is read of it. A row of a table
of features is known by its float32 numbers.

Rows beyond what the filter can hold are left out by the size of their hash, those of homes
likewise: of other rows the same share is asked, and the share of those that are found is that of
all.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.events.fields import UNKNOWN_HOME

#: What identifies a row: its home and time, or its numbers.
EVENTS, FEATURES = "events", "features"
MAX_FILTER_BYTES = 65_536
MAX_HOMES = 1_000_000
_BITS_A_ROW, _FEWEST_BITS_A_ROW, _FEWEST_BITS = 24, 10, 8_192
_MAX_ROWS = 8 * MAX_FILTER_BYTES // _FEWEST_BITS_A_ROW
_MAX_HASHES = 16
_SALT_BYTES = 16
_ALL = np.uint64(2**64 - 1)
_AT_ONCE = 65_536  # rows of a table of features that are hashed together

Keys = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """The homes and rows that a model was trained on, as hashes.

    Attributes
    ----------
    identity : {"events", "features"}
        What a row is known by.
    n_rows : int
        Number of rows.
    n_once : int
        Number of rows that were there once.
    n_homes : int
        Number of homes with a name.
    salt : bytes
        The key of the hashes, 16 bytes.
    homes : ndarray of shape (n_kept_homes,), uint64
        Hashes of the homes, sorted: all, or of more than 1,000,000 the smallest.
    bits : ndarray of shape (n_bytes,), uint8
        The Bloom filter, at most 65,536 bytes.
    n_hashes : int
        Number of bits of a row.
    last_row, last_home : int
        Only rows and homes whose hash is at most this are kept.
    """

    identity: str
    n_rows: int
    n_once: int
    n_homes: int
    salt: bytes
    homes: Keys
    bits: NDArray[np.uint8]
    n_hashes: int
    last_row: int
    last_home: int

    @classmethod
    def of(cls, keys: Keys, homes: ArrayLike | None, identity: str) -> Self:
        """Record rows and homes; their order and their division into chunks do not matter.

        Parameters
        ----------
        keys : ndarray of shape (n_rows,), uint64
            Of `event_keys` or `feature_keys`; those of chunks one after the other.
        homes : array-like of shape (n_any,) or None
            Names of homes, in any number; what has no name is left out.
        identity : {"events", "features"}
            What the keys are of.

        Notes
        -----
        The salt is a digest of the rows: the same training gives the same record, and the records
        of two trainings cannot be joined.
        """
        different, counts = np.unique(keys, return_counts=True)
        names = [] if homes is None else _names(homes)
        digest = hashlib.blake2b(digest_size=_SALT_BYTES, person=b"novin_ml salt")
        digest.update(different.tobytes())
        digest.update("\0".join(names).encode("utf-8", "surrogatepass"))
        salt = digest.digest()
        hashes, last_home = _smallest(np.sort(_home_hashes(names, salt)), MAX_HOMES)
        rows, last_row = _smallest(np.sort(_salted(different, salt)), _MAX_ROWS)
        n_bits = min(8 * MAX_FILTER_BYTES, max(_FEWEST_BITS, _BITS_A_ROW * len(rows)))
        n_hashes = min(_MAX_HASHES, max(1, round(n_bits / max(1, len(rows)) * math.log(2))))
        bits = np.zeros(n_bits, dtype=bool)
        for places in _places(rows, salt, n_bits, n_hashes):
            bits[places] = True
        return cls(
            identity=identity,
            n_rows=len(keys),
            n_once=int(np.count_nonzero(counts == 1)),
            n_homes=len(names),
            salt=salt,
            homes=hashes,
            bits=np.packbits(bits),
            n_hashes=n_hashes,
            last_row=last_row,
            last_home=last_home,
        )

    @property
    def false_positive_rate(self) -> float:
        """Share of other rows that the filter takes for rows of the training."""
        return float(np.unpackbits(self.bits).mean()) ** self.n_hashes

    def has_rows(self, keys: Keys) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which rows can be looked up, and which of them were in the training.

        Parameters
        ----------
        keys : ndarray of shape (n_rows,), uint64

        Returns
        -------
        asked, seen : ndarray of shape (n_rows,), bool
            A row that was trained on is seen if it is asked; another one is with the chance
            `false_positive_rate`.
        """
        salted = _salted(keys, self.salt)
        asked = salted <= np.uint64(self.last_row)
        bits = np.unpackbits(self.bits).astype(bool)
        found = asked
        for places in _places(salted, self.salt, len(bits), self.n_hashes):
            found = found & bits[places]
        return asked, found

    def has_homes(self, homes: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell which of the distinct homes can be looked up, and which were in the training.

        Parameters
        ----------
        homes : array-like of shape (n_any,)
            Names, in any number; what has no name is left out.

        Returns
        -------
        asked, seen : ndarray of shape (n_homes,), bool
            In the order of the sorted names.
        """
        hashes = _home_hashes(_names(homes), self.salt)
        asked = hashes <= np.uint64(self.last_home)
        return asked, asked & np.isin(hashes, self.homes)

    def seen_homes(self, homes: ArrayLike) -> list[str]:
        """Return the hashes, as 16 hexadecimal digits, of those homes that were in the training.

        Parameters
        ----------
        homes : array-like of shape (n_any,)
            Names, in any number; what has no name is left out.
        """
        hashes = _home_hashes(_names(homes), self.salt)
        return [f"{each:016x}" for each in hashes[np.isin(hashes, self.homes)].tolist()]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the record as arrays."""
        numbers = [self.n_rows, self.n_once, self.n_homes, self.n_hashes]
        return {
            "homes": self.homes,
            "bits": self.bits,
            "numbers": np.array([*numbers, self.last_row, self.last_home], dtype=np.uint64),
            "salt": np.frombuffer(self.salt, dtype=np.uint8),
        }

    @classmethod
    def from_arrays(cls, identity: str, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the record of `to_arrays`; KeyError or ValueError if the arrays are not such."""
        homes, bits, numbers, salt = (arrays[name] for name in ("homes", "bits", "numbers", "salt"))
        dtypes = [array.dtype for array in (homes, bits, numbers, salt)]
        if dtypes != [np.uint64, np.uint8, np.uint64, np.uint8]:
            raise ValueError(f"dtypes={dtypes}")
        if numbers.shape != (6,) or salt.shape != (_SALT_BYTES,):
            raise ValueError(f"shapes={numbers.shape, salt.shape}")
        n_rows, n_once, n_homes, n_hashes, last_row, last_home = map(int, numbers)
        fits = (
            identity in (EVENTS, FEATURES)
            and homes.ndim == bits.ndim == 1
            and 0 < len(bits) <= MAX_FILTER_BYTES
            and len(homes) == min(n_homes, MAX_HOMES)
            and bool(np.all(homes[1:] > homes[:-1]))
            and n_once <= n_rows
            and 0 < n_hashes <= _MAX_HASHES
        )
        if not fits:
            raise ValueError(f"identity={identity!r}, numbers={numbers.tolist()}")
        record = cls(
            identity, n_rows, n_once, n_homes, salt.tobytes(), homes, bits, n_hashes,
            last_row, last_home,
        )  # fmt: skip
        return record


def record_of_events(rows: Any) -> TrainingRecord | None:
    """Return the record of events or chains, or None for rows without home and time."""
    found = homes_and_times(rows)
    return None if found is None else TrainingRecord.of(event_keys(*found), found[0], EVENTS)


def homes_and_times(rows: Any) -> tuple[NDArray[Any], NDArray[np.float64]] | None:
    """Return home and time of each event or chain, or None for rows without both."""
    columns = getattr(rows, "columns", ())
    time = next((name for name in ("start", "timestamp") if name in columns), None)
    if time is None or "home_id" not in columns:
        return None
    return np.asarray(rows["home_id"], dtype=object), np.asarray(rows[time], dtype=np.float64)


def event_keys(homes: ArrayLike, times: ArrayLike) -> Keys:
    """Return a key for each row of homes.

    Parameters
    ----------
    homes : array-like of shape (n_rows,)
        Name of the home of each row.
    times : array-like of shape (n_rows,), float64
        Time of each row, in seconds since 1970.

    Returns
    -------
    keys : ndarray of shape (n_rows,), uint64
    """
    codes, names = pd.factorize(np.asarray(homes, dtype=object), use_na_sentinel=False)
    of_names = np.array([_digest(str(name)) for name in names], dtype=np.uint64)
    seconds = np.asarray(times, dtype=np.float64)
    milliseconds = np.rint(seconds * 1000).astype(np.int64).view(np.uint64)
    return _mixed(of_names[codes] ^ _mixed(milliseconds)) if len(codes) else milliseconds


def feature_keys(features: ArrayLike) -> Keys:
    """Return a key for each row of a table of features, shape (n_rows, n_features).

    Equal numbers in float32 give the same key, whatever NaN or zero they are written as.
    """
    table = np.asarray(features, dtype=np.float32)
    # Multilinear hashing (Lemire and Kaser 2014): one odd number a column, and one mix at the end.
    factors = _mixed(np.arange(table.shape[1], dtype=np.uint64)) | np.uint64(1)
    keys = np.empty(len(table), dtype=np.uint64)
    for start in range(0, len(table), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        block = np.where(np.isnan(table[part]), np.float32(np.nan), table[part] + np.float32(0))
        bits = block.view(np.uint32).astype(np.uint64)
        bits *= factors
        keys[part] = bits.sum(axis=1, dtype=np.uint64)
    return _mixed(keys + np.uint64(table.shape[1]))


def _names(homes: ArrayLike) -> list[str]:
    """Return the different names of homes, sorted."""
    given = pd.unique(np.asarray(homes, dtype=object))
    return sorted({str(name) for name in given if not pd.isna(name)} - {UNKNOWN_HOME})


def _home_hashes(names: list[str], salt: bytes) -> Keys:
    return np.array([_digest(name, salt) for name in names], dtype=np.uint64)


def _digest(text: str, key: bytes = b"") -> int:
    content = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8, key=key).digest(), "little")


def _salted(keys: Keys, salt: bytes) -> Keys:
    first, _ = np.frombuffer(salt, dtype="<u8")
    return _mixed(_mixed(keys ^ first) + first)


def _places(salted: Keys, salt: bytes, n_bits: int, n_hashes: int) -> Iterator[Keys]:
    """Give the bits of the rows n_hashes times, each time by another hash."""
    _, second = np.frombuffer(salt, dtype="<u8")
    # Two hashes and their sums would do for large filters; in small ones they collide too often.
    for key in _mixed(second + np.arange(n_hashes, dtype=np.uint64)):
        yield _mixed(salted ^ key) % np.uint64(n_bits)


def _smallest(hashes: Keys, most: int) -> tuple[Keys, int]:
    """Return at most so many of sorted hashes, and the largest hash that would be kept."""
    kept = hashes[:most]
    return kept, int(kept[-1] if len(kept) < len(hashes) else _ALL)


def _mixed(values: Keys) -> Keys:
    """Mix the bits of numbers: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    mixed: Keys = values + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed
