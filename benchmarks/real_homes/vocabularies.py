"""What the two built-in vocabularies recognise, and what models make of them.

Real homes are scored as `chains` scores them, with default parameters. Simulated chains are other
homes than those trained on; their figure is the mean F1 over the patterns, by the clean labels, and
the difference has a 95 % interval (Student's t) over the seeds.
"""

from __future__ import annotations

from typing import Any

from benchmarks._report import Report, new_table  # first: OpenMP

# isort: split
import numpy as np
from scipy import stats
from sklearn.metrics import f1_score

from benchmarks.real_homes._layout import Home
from benchmarks.real_homes.chains import BOOSTING, FOREST, held_out, remembering, rows_of, scores
from novin_ml.estimators import make_chain_pipeline
from novin_ml.events import Vocabulary, training_events
from novin_ml.events.chains.rereading import chains_of_vocabulary
from novin_ml.features import ChainFeatures
from novin_ml.simulation import simulate_chains

VOCABULARIES = {"sdk": Vocabulary.sdk(), "home": Vocabulary.home()}
#: Models, and whether they have the columns of sensors and memory.
MODELS = {
    "boosting, ChainFeatures": (BOOSTING, False),
    "boosting, sensors and memory": (BOOSTING, True),
    "forest, sensors and memory": (FOREST, True),
}
SIMULATED_CHAINS, SEEDS, TEST_SEED = 3_000, 5, 1_000


def show(homes: list[Home], report: Report) -> None:
    """Print what is recognised, and the scores with each vocabulary."""
    table = new_table(
        "Events whose type / location is not recognised, in %",
        ("home", *VOCABULARIES),
    )
    for home in homes:
        cells = [_unknown(home, vocabulary) for vocabulary in VOCABULARIES.values()]
        table.add_row(home.name, *(f"{kinds:.0f} / {zones:.0f}" for kinds, zones in cells))
    report.show(table)
    noted = [home for home in homes if home.activities is not None]
    found = {
        f"{model}, {name}": [_scores(home, model, name) for home in noted]
        for model in MODELS
        for name in VOCABULARIES
        if noted
    }
    table = new_table(
        "Activity of a chain on held-out days: accuracy / mean recall in %",
        ("model, vocabulary", *(home.name for home in noted), "mean"),
    )
    for name, figures in found.items():
        means = [*figures, tuple(np.mean(figures, axis=0))]
        table.add_row(name, *(f"{accuracy:.1f} / {recall:.1f}" for accuracy, recall in means))
    report.show(table)
    report.figures["vocabularies"] = found
    f1 = np.array([_simulated(seed) for seed in range(SEEDS)])
    fall = f1[:, 1] - f1[:, 0]
    half = stats.t.ppf(0.975, SEEDS - 1) * fall.std(ddof=1) / np.sqrt(SEEDS)
    report.say(
        f"Simulated chains, mean F1 over {SEEDS} seeds: sdk {f1[:, 0].mean():.1f}, "
        f"home {f1[:, 1].mean():.1f}; difference {fall.mean():+.1f} "
        f"({fall.mean() - half:+.1f} to {fall.mean() + half:+.1f})."
    )


def _unknown(home: Home, vocabulary: Vocabulary) -> tuple[float, float]:
    """Return the percentages of events of the kind "other" and of the zone "unknown"."""
    read = vocabulary.apply(home.events)
    other, unknown = (read["kind"] == "other").mean(), (read["zone"] == "unknown").mean()
    return 100 * float(other), 100 * float(unknown)


def _scores(home: Home, model: str, name: str) -> tuple[float, float]:
    rows = rows_of(home._replace(events=VOCABULARIES[name].apply(home.events)))
    estimator, remembers = MODELS[model]
    X = remembering(rows) if remembers else ChainFeatures().fit_transform(rows.chains)
    return scores(rows.y, held_out(estimator, X, rows))


def _simulated(seed: int) -> list[float]:
    """Return the mean F1 with each vocabulary."""
    train, _ = training_events(simulate_chains(SIMULATED_CHAINS, random_state=seed))
    test = simulate_chains(2 * SIMULATED_CHAINS, random_state=TEST_SEED + seed)
    truth = test["clean_label"].astype(str).to_numpy()
    found = []
    for vocabulary in VOCABULARIES.values():
        model: Any = make_chain_pipeline(random_state=seed)
        chains = chains_of_vocabulary(train, vocabulary, "The benchmark")
        model.fit(chains, chains["label"], classifier__groups=chains["home_id"])
        answer = model.predict(test).astype(str)
        found.append(100 * float(f1_score(truth, answer, average="macro")))
    return found
