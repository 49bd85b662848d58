"""The README of a package, with the names of its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from novin_ml._version import __version__
from novin_ml.coreml.swift._families import PACKAGE_FAMILIES
from novin_ml.coreml.swift._generated import swift_text
from novin_ml.coreml.swift._golden import count
from novin_ml.coreml.swift._model import PackedModel
from novin_ml.coreml.swift._names import lower_camel, upper_camel

_TOP = """\
# NovinModels

Models of a smart home and the Swift code that computes their features from events, equal to what
they were trained on. Written by `novin-ml ios` of novin_ml {version}. For iOS 15, macOS 12 and
Linux; it needs Foundation alone, and Core ML where that exists.
"""

_NO_MODEL = """
It has no models: `novin-ml ios MODEL... --out DIR` writes a package with some.
"""

_USE = """
## In an app

Add this folder to the Xcode project (File, Add Package Dependencies, Add Local), link `NovinModels`
and `NovinFeatures`, and ask:

```swift
import Foundation
import NovinFeatures
import NovinModels

{example}
```

A request is what the SDK sends: `{{"events": [...]}}`, of at most 100 events and 100,000 bytes.
What breaks a rule is refused by a Swift error that says what to do.

- A reason is a code, the name of a feature; `reason.words` says it in words.
- Models are given float32 numbers, on the CPU: so they were certified. Pass a `CoreMLBackend` with
  other compute units to `init(_:)` if you have measured that the answers stay right.
- Core ML compiles a model once and keeps it in the app's caches.
"""

_CLASSIFIER = """\
var predictor = try {predictor}.{function}()
for prediction in try predictor.predictions(json: request) {{
    guard prediction.isKnown else {{ continue }}  // "don't know"
    print(prediction.label, prediction.probability, prediction.alarm ?? "no alarm")
    print(prediction.reasons.map(\\.words))
}}
predictor.decisions.thresholds[{label}] = 0.9  // alarms, without training again"""

_DETECTOR = """\
var behavior = try {predictor}.{function}()
for prediction in try behavior.update(json: request) where prediction.isAlarm {{
    print(prediction.score, prediction.reasons.map(\\.words))
}}
let kept = try JSONEncoder().encode(behavior.history)  // for the next launch of the app"""

_PRIVACY = """\
- `{name}.history.json` tells when the people of one home are in. It is that home's alone: do not
  put it into an app that others install; remove it from `Sources/NovinModels/Models` and pass the
  home's own as `{function}(history:)`.
"""

_TESTS = """
## Tests

```
swift build
swift test
swift run -c release novin-tool benchmark
```

`swift test` holds the package against golden vectors that Python made: features of requests bit for
bit, answers within the tolerance of each model's certificate, and decisions at their thresholds and
one float32 ulp to either side. On Apple's systems the answers are Core ML's own; elsewhere those of
`NovinReference`, a small Swift evaluator of the same files.

| model | answers in its golden vectors |
|---|---|
{rows}
"""


def readme(models: Sequence[PackedModel], golden: Mapping[str, Any]) -> str:
    """Return the text of ``README.md``."""
    parts = [_TOP.format(version=__version__)]
    if not models:
        return "".join([*parts, _NO_MODEL])
    parts.append("\n## Models\n\n")
    parts.append("| model | Swift | answers | bytes | certified on | largest error |\n")
    parts.append("|---|---|---|---|---|---|\n")
    parts += [_row(model) for model in models]
    parts += ["\n", *map(_decisions, models)]
    parts.append(_USE.format(example=_examples(models)))
    typed = [model for model in models if model.facts.labels]
    if typed:
        name = upper_camel(typed[0].name)
        parts.append(
            f"- `{name}Label(rawValue: prediction.label)` is the label as a Swift enumeration.\n"
        )
    parts += [
        _PRIVACY.format(name=model.name, function=lower_camel(model.name))
        for model in models
        if model.history is not None
    ]
    rows = "\n".join(f"| `{m.name}` | {count(golden[m.name]):,} |" for m in models)
    parts.append(_TESTS.format(rows=rows))
    return "".join(parts)


def _row(model: PackedModel) -> str:
    predictor = PACKAGE_FAMILIES[model.facts.family].predictor
    certificate = model.certificate
    return (
        f"| `{model.name}` | `{predictor}.{lower_camel(model.name)}()` "
        f"| {model.summary.replace('|', '/')} | {model.path.stat().st_size:,} "
        f"| {certificate['rows']:,} rows | {certificate['max_error']:.1e} |\n"
    )


def _decisions(model: PackedModel) -> str:
    """Say what a model brings to decide by; all of it can be changed in the app."""
    facts, said = model.facts, []
    if facts.offset is not None:
        learning = model.is_learning
        said.append(
            "still learning its home: nothing is an alarm"
            if learning
            else f"an alarm above an anomaly score of {-facts.offset:.4g}"
        )
    for label, threshold in facts.thresholds.items():
        said.append(f"{label} is an alarm from a probability of {threshold:.4g} on")
    if facts.abstain_below is not None:
        said.append(f'"don\'t know" below a best probability of {facts.abstain_below:.4g}')
    return f"- `{model.name}`: {'; '.join(said) or 'no thresholds of alarms'}.\n"


def _examples(models: Sequence[PackedModel]) -> str:
    """Return how the first classifier is used, and the first detector."""
    firsts = {model.facts.offset is not None: model for model in reversed(models)}
    return "\n\n".join(_example(firsts[kind]) for kind in sorted(firsts))


def _example(model: PackedModel) -> str:
    names = {
        "predictor": PACKAGE_FAMILIES[model.facts.family].predictor,
        "function": lower_camel(model.name),
    }
    if model.facts.offset is not None:
        return _DETECTOR.format(**names)
    # What is alarming: a label that has a threshold, or that is not the absence of something.
    labels = [*model.facts.thresholds, *model.facts.labels]
    label = next((each for each in labels if not each.startswith("no_")), labels[0])
    return _CLASSIFIER.format(**names, label=swift_text(label))
