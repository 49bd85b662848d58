"""The report of a run over a fleet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from novin_ml.lifecycle.fleet._batches import LeftOut
from novin_ml.lifecycle.fleet._work import Outcome
from novin_ml.plain import plural


@dataclass(frozen=True)
class FleetReport:
    """Results of a run over the homes of a fleet.

    Attributes
    ----------
    fitted : tuple of str
        Homes that were fitted in this run.
    skipped : tuple of str
        Homes with a whole file of the same rows, parameters and seed.
    failed : dict of str to str
        Homes that could not be fitted, each with the reason. A file of an earlier run stays, unless
        some of the home's events are without consent.
    without_consent : tuple of str
        Homes without any event that has consent; they are not fitted.
    removed : tuple of str
        Failed homes and homes without consent whose earlier file was deleted, because it holds
        events that may no longer have consent.
    n_replaced : int
        Fitted homes with an earlier file that was damaged or had other rows, parameters or seed.
    n_learning, n_unproven, n_ready : int
        Fitted and skipped homes by the `state_` of their baseline.
    n_events_without_consent : int
        Events left out because their consent is not true.
    n_events_without_home : int
        Events left out because their home is unknown.
    n_bytes : int
        Size of the files of fitted and skipped homes.
    seconds : float
        Wall time.
    stage_seconds : dict of str to float
        Seconds of the workers, summed over the homes: "check" of existing files, "fit" and "write".
    """

    fitted: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: dict[str, str]
    without_consent: tuple[str, ...]
    removed: tuple[str, ...]
    n_replaced: int
    n_learning: int
    n_unproven: int
    n_ready: int
    n_events_without_consent: int
    n_events_without_home: int
    n_bytes: int
    seconds: float
    stage_seconds: dict[str, float]

    def __str__(self) -> str:
        homes = (self.fitted, self.skipped, self.failed, self.without_consent)
        return (
            f"{plural(sum(map(len, homes)), 'home')}: {len(self.fitted):,} fitted, "
            f"{len(self.skipped):,} done before, {len(self.failed):,} failed, "
            f"{len(self.without_consent):,} without consent; "
            f"{plural(len(self.removed), 'file')} removed; "
            f"{self.n_ready:,} ready, {self.n_unproven:,} unproven, "
            f"{self.n_learning:,} learning; "
            f"{plural(self.n_events_without_consent, 'event')} without consent, "
            f"{self.n_events_without_home:,} without home; {self.seconds:.1f} s"
        )


def fleet_report(
    outcomes: Sequence[Outcome],
    left_out: LeftOut,
    *,
    there: Collection[str],
    removed: Sequence[str],
    seconds: float,
) -> FleetReport:
    """Return the report of a run; reads and writes no file.

    Parameters
    ----------
    outcomes : sequence of Outcome
        One for each home that went to a worker.
    left_out : LeftOut
        Events and homes that went to no worker.
    there : collection of str
        Homes that had a file before the run.
    removed : sequence of str
        Homes whose file was deleted because their consent was withdrawn.
    seconds : float
        Wall time.
    """
    # A worker that was killed may have written a home which another one then found done.
    skipped = [each.name for each in outcomes if each.status == "skipped" and each.name in there]
    failed = {each.name: each.reason for each in outcomes if each.status == "failed"}
    not_fitted = {*skipped, *failed}
    return FleetReport(
        fitted=tuple(each.name for each in outcomes if each.name not in not_fitted),
        skipped=tuple(skipped),
        failed=failed,
        without_consent=tuple(left_out.without_consent),
        removed=tuple(removed),
        n_replaced=len({e.name for e in outcomes if e.status == "fitted" and e.name in there}),
        n_learning=sum(outcome.state == "learning" for outcome in outcomes),
        n_unproven=sum(outcome.state == "unproven" for outcome in outcomes),
        n_ready=sum(outcome.state == "ready" for outcome in outcomes),
        n_events_without_consent=left_out.n_events_without_consent,
        n_events_without_home=left_out.n_events_without_home,
        n_bytes=sum(outcome.n_bytes for outcome in outcomes),
        seconds=seconds,
        stage_seconds={
            stage: sum(outcome.seconds[place] for outcome in outcomes)
            for place, stage in enumerate(("check", "fit", "write"))
        },
    )
