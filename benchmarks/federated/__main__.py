"""What a federation reaches beside central training, what it stands, and how fast it is.

Run as ``python -m benchmarks.federated [--only PART,...] [--seeds 5]``. With ``--kept FILE
--seconds 120`` a long part runs in pieces. Accuracy runs in several processes with one file:
``--only accuracy --kept FILE --part 1/4`` to ``--part 4/4`` in a quiet hour, each as often as it
is stopped, and then once without a part, which prints the tables.

- accuracy: wisdm's 36 people as homes, 6 folds of people who are held back, and motions of
  simulated homes; the federation with its defaults, the same network trained on all rows in one
  place, and each home alone. Faults: 30 % of the answers never come, 10 % have NaN, 1 % do harm, in
  each round anew; and the same shares of homes for good, whose knowledge is lost.
- curve: accuracy over rounds, as a plot (``--plot DIR``).
- speed: updates of 200,000 weights a second that one process checks and adds, from memory and from
  files, and what 10,000 to 1,000,000 homes take by that; rounds a second of 1,000 homes.
- privacy: accuracy over epsilon, and what a membership attack finds (needs dp-accounting).
- prior: what a prior from other homes finds in the first three weeks of a new home, at equal false
  alarms.
- boosting: bags of the homes' trees, or sums of their histograms, at equal bytes.
- autoencoder: a network that a phone could train for one home, beside the forest.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from benchmarks._report import Report, add_report_options  # first: OpenMP

# isort: split

#: Parts in the order in which they are printed: a module of each, with ``show(options, report)``.
PARTS = ("accuracy", "curve", "speed", "privacy", "prior", "boosting", "autoencoder")


def part_of(text: str) -> tuple[int, int]:
    """Read ``2/5``, the second of five processes."""
    number, n_parts = (int(each) for each in text.split("/"))
    if not 1 <= number <= n_parts:
        raise ValueError
    return number, n_parts


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--homes", type=int, default=200)
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--kept", type=Path, metavar="FILE", help="results so far, to go on from")
    parser.add_argument("--seconds", type=float, default=1e9, help="after which to stop, with FILE")
    parser.add_argument(
        "--part", type=part_of, default=(1, 1), metavar="I/N", help="of accuracy, with FILE"
    )
    parser.add_argument("--plot", type=Path, metavar="DIR", help="where plots are written")
    prior = parser.add_argument_group("prior")
    prior.add_argument("--population", default="simulated,real")
    prior.add_argument("--prior-homes", type=int, default=24)
    prior.add_argument("--test-homes", type=int, default=6)
    prior.add_argument("--draws", type=int, default=20, help="anomalies of each kind and week")
    prior.add_argument("--seed", type=int, default=0)
    add_report_options(parser)
    options = parser.parse_args()
    parts = options.only.split(",")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"a part must be one of {', '.join(PARTS)}. Got {unknown[0]!r}")
    if options.part != (1, 1) and options.kept is None:
        parser.error("--part must come with --kept FILE, where the parts meet.")
    report = Report(options, "federated")
    for part in PARTS:
        if part in parts:
            import_module(f"benchmarks.federated.{part}").show(options, report)
    report.close()


if __name__ == "__main__":
    main()
