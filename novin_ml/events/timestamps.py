"""Conversion of ISO 8601 texts and of local times to seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.plain import shown

# Date and time with seconds; a fraction of any length; nothing, Z, or an offset from UTC.
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):\d\d(?::\d\d)?)(\.\d+)?"
    r"(Z|z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def find_timezone(name: str) -> ZoneInfo:
    """Find a time zone, or raise ValueError with the remedy."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:
        raise ValueError(
            "The 'timezone' parameter must be a name of the IANA database, such as "
            f"'Europe/Berlin'. Got {shown(name)} instead."
        ) from error


def parse_iso(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read ISO 8601 dates and times.

    Parameters
    ----------
    texts : sequence of str, length n, at least 1
        The texts.

    Returns
    -------
    seconds : float64 array, shape (n,)
        Seconds since 1970; NaN where the text is not a date and time. Without an offset they are
        seconds of local time.
    offsets : float64 array, shape (n,)
        Seconds ahead of UTC; NaN where the text has no offset. Neither ``Z`` nor ``+00:00`` is
        one: programs write either for UTC, whatever the clock of the home.
    is_local : bool array, shape (n,)
        True where the text has neither an offset nor ``Z``.
    """
    seconds, offsets, is_local = _parse_alike(texts) or _parse_each(texts)
    offsets[offsets == 0] = np.nan
    return seconds, offsets, is_local


def _parse_each(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read texts one by one."""
    seconds = np.full(len(texts), np.nan)
    offsets = np.full(len(texts), np.nan)
    is_local = np.zeros(len(texts), dtype=bool)
    match = _ISO.fullmatch
    for row, text in enumerate(texts):
        found = match(text)
        if found is None:
            continue
        clock, fraction, zone = found.groups()
        try:
            moment = datetime.fromisoformat(clock if zone in (None, "Z", "z") else clock + zone)
        except ValueError:
            continue
        offset = moment.utcoffset()
        if offset is not None:
            offsets[row] = offset / _SECOND
        elif zone is None:
            is_local[row] = True
        whole = (moment if offset is not None else moment.replace(tzinfo=UTC)) - _EPOCH
        seconds[row] = whole // _SECOND + (float(fraction) if fraction else 0.0)
    return seconds, offsets, is_local


def _parse_alike(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Read texts that all have the layout of the first and are all valid; else return None.

    Usually one program writes all texts, in one layout. This is ten times as fast.
    """
    found = _ISO.fullmatch(texts[0])
    if found is None or len(found[1]) != len("2024-05-01T12:00:00"):
        return None
    try:
        chars = np.array(texts, dtype=np.bytes_)
    except UnicodeEncodeError:
        return None
    layout = np.frombuffer(texts[0].encode(), dtype=np.uint8)
    if chars.itemsize != len(layout):
        return None
    grid = chars.view(np.uint8).reshape(len(texts), len(layout))
    zone = found.start(3)
    is_digit = (layout >= ord("0")) & (layout <= ord("9"))
    numbers = grid - np.uint8(ord("0"))
    is_same = ~is_digit
    if zone > 0 and layout[zone] in b"+-":
        is_same[zone] = False
    if (numbers[:, is_digit] > 9).any() or (grid[:, is_same] != layout[is_same]).any():
        return None
    try:
        clocks = np.ascontiguousarray(grid[:, : found.end(1)]).view(f"S{found.end(1)}").ravel()
        seconds = clocks.astype("datetime64[s]").astype(np.int64)
    except ValueError:  # no such date
        return None
    offsets = np.full(len(texts), np.nan)
    if zone > 0 and not is_same[zone]:
        signs = grid[:, zone]
        digits = numbers[:, zone:][:, is_digit[zone:]].astype(np.int64)
        hours = digits[:, 0] * 10 + digits[:, 1]
        minutes = digits[:, 2] * 10 + digits[:, 3] if digits.shape[1] > 2 else 0 * hours
        is_sign = (signs == ord("+")) | (signs == ord("-"))
        if not (is_sign & (hours < 24) & (minutes < 60)).all():
            return None
        ahead = np.where(signs == ord("+"), 1, -1) * (hours * 3600 + minutes * 60)
        seconds = seconds - ahead
        offsets = ahead.astype(np.float64)
    if found[2]:
        begin, end = found.span(2)
        parts = np.ascontiguousarray(grid[:, begin:end]).view(f"S{end - begin}").ravel()
        return seconds + parts.astype(np.float64), offsets, np.full(len(texts), zone < 0)
    return seconds.astype(np.float64), offsets, np.full(len(texts), zone < 0)


def localize(local_seconds: np.ndarray, zone: ZoneInfo, *, again: bool = False) -> np.ndarray:
    """Convert seconds of local time to seconds since 1970, UTC.

    An hour that the clock shows twice is taken for the first of the two, or for the second if
    `again`. A time in an hour that the clock skips is taken for the end of that hour.
    """
    whole = np.floor(local_seconds)
    times = pd.DatetimeIndex(whole.astype("int64").astype("datetime64[s]"))
    utc = times.tz_localize(zone, ambiguous=np.full(len(times), not again), nonexistent="NaT")
    naive = utc.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    seconds = naive.astype("int64")
    # (pandas would shift these itself, but by too much where clocks change by half an hour.)
    for row in np.flatnonzero(np.isnat(naive)):
        seconds[row] = _end_of_skipped(int(whole[row]), zone)
    return seconds + (local_seconds - whole)


def _end_of_skipped(local: int, zone: ZoneInfo) -> int:
    """Return the instant at which the clock skips a time."""

    def offset(seconds: int) -> int:
        return int(utc_offsets(np.array([seconds]), zone)[0])

    day = 86_400
    before = offset(local - day)
    low, high = local - offset(local + day), local - before
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    return high


def utc_offsets(seconds: np.ndarray, zone: ZoneInfo) -> np.ndarray:
    """Return how many seconds the zone is ahead of UTC at each instant."""
    if zone.key == "UTC":
        return np.zeros(len(seconds))
    return offsets_of_clock(seconds, zone) / np.timedelta64(1, "s")


def offsets_of_clock(seconds: np.ndarray, clock: ZoneInfo | str) -> np.ndarray:
    """Return how far a clock of pandas or Arrow, such as "+02:00", is ahead of UTC."""
    times = pd.DatetimeIndex(np.floor(seconds).astype("int64").astype("datetime64[s]"), tz="UTC")
    local = times.tz_convert(clock).tz_localize(None).to_numpy()
    return np.asarray(local - times.tz_localize(None).to_numpy())
