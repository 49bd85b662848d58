"""The README of a package, with the names of its models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from novin_ml._version import __version__
from novin_ml.coreml.exported_features import MONITOR
from novin_ml.coreml.swift._families import PACKAGE_FAMILIES
from novin_ml.coreml.swift._generated import swift_text
from novin_ml.coreml.swift._golden import count
from novin_ml.coreml.swift._model import PackedModel
from novin_ml.coreml.swift._signals import takes_channels
from novin_ml.coreml.swift.names import lower_camel, upper_camel
from novin_ml.plain import plural

_TOP = """\
# NovinModels

Models of a smart home and the Swift code that computes their features from events, equal to what
they were trained on. Written by `novin-ml ios` of novin_ml {version}. For iOS 15, macOS 12 and
Linux; it needs Foundation alone, and Core ML where that exists.
"""

_NO_MODEL = """
It has no models: `novin-ml ios MODEL... --out DIR` writes a package with some.
"""

_HASHES = """
The `file_sha256` of each, as its certificate has it, and as `sha256sum *.mlmodel` prints it in
`Sources/NovinModels/Models`. A file with another one does not open:

```
{lines}
```
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

- A reason is a code, the name of a feature; `reason.words.text` says its value in English, as
  Python's `explain` does, and `reason.words.text(in: .german)` in German. For another language
  copy `NovinWords.xcstrings` into your app, translate it in Xcode, and call
  `reason.words.text(in: Language(bundle: .main, locale: .current))`.
- Models are given float32 numbers, on the CPU: so they were certified. Pass a `CoreMLBackend` with
  other compute units to `init(_:)` if you have measured that the answers stay right.
- Core ML compiles a model once and keeps it in the app's caches.
- `NovinStore` fetches newer models: `ModelStore` takes releases that `novin-ml sign` made, and no
  other.
"""

_CLASSIFIER = """\
var predictor = try {predictor}.{function}()
for prediction in try predictor.predictions(json: request) {{
    guard prediction.isKnown else {{ continue }}  // "don't know"
    print(prediction.label, prediction.probability, prediction.alarm ?? "no alarm")
    print(prediction.reasons.map(\\.words.text))
}}
try predictor.setThreshold(0.9, for: {label})  // alarms, without training again"""

_SIGNALS = """\
var predictor = try {predictor}.{function}()
let channels: [String: [Float]] = [{channels}]  // the samples of each, in its unit
let prediction = try predictor.prediction(for: channels, sampleRate: 50)
if prediction.isKnown {{  // else "don't know"
    print(prediction.label, prediction.probability, prediction.alarm ?? "no alarm")
    print(prediction.reasons.map(\\.words.text))
}}
try predictor.setThreshold(0.9, for: {label})  // alarms, without training again"""

_DETECTOR = """\
var behavior = try {predictor}.{function}()
for prediction in try behavior.update(json: request) where prediction.isAlarm {{
    print(prediction.anomalyScore, prediction.reasons.map(\\.words.text))
}}
let kept = try JSONEncoder().encode(behavior.history)  // for the next launch of the app"""

_MONITOR = """\
var monitor = try {predictor}.{function}()
for event in try Event.read(request) {{
    for row in try monitor.update(with: event) where row.isAlarm {{
        print(row.kind, row.sensor, row.score)  // rows of one kind and row.unit are one alarm
    }}
}}
for row in try monitor.advance(to: Date().timeIntervalSince1970) where row.isAlarm {{
    print(row.kind, row.sensor, row.score)  // silences and what stays on: ask at least each hour
}}
// For the next launch of the app keep monitor.history and monitor.activity, which are Codable."""

_PRIVACY = """\
- `{name}.history.json` tells when the people of one home are in. It is that home's alone: do not
  put it into an app that others install; remove it from `Sources/NovinModels/Models` and pass the
  home's own as `{function}(history:)`.
"""

_ACTIVITY_PRIVACY = """\
- `{name}.activity.json` tells the same: when sensors are on, and when the home is silent. It
  belongs to `{name}.history.json`, and goes where that goes.
"""

_TRAINING = """\
- `{name}` can learn at home, on Apple's systems: `BundledModel.trainer()` gives a `HomeTrainer`.
  Its `train(on:to:)` takes rows with labels while the device is cool and has power, and writes an
  `UpdateFile`: the weights after the training and the number of rows, and nothing else.
  `HomeTrainer(contentsOf:manifest:)` opens a newer model.
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
    parts.append(_HASHES.format(lines="\n".join(f"{m.sha256}  {m.name}.mlmodel" for m in models)))
    parts += ["\n", *map(_decisions, models)]
    parts.append(_USE.format(example=_examples(models)))
    typed = [model for model in models if model.facts.labels]
    if typed:
        name = upper_camel(typed[0].name)
        parts.append(
            f"- `{name}Label(rawValue: prediction.label)` is the label as a Swift enumeration.\n"
        )
    parts += [
        _ACTIVITY_PRIVACY.format(name=model.name) for model in models if model.activity is not None
    ]
    parts += [
        _PRIVACY.format(name=model.name, function=lower_camel(model.name))
        for model in models
        if model.history is not None
    ]
    parts += [_TRAINING.format(name=model.name) for model in models if model.is_updatable]
    rows = "\n".join(f"| `{m.name}` | {count(golden[m.name]):,} |" for m in models)
    parts.append(_TESTS.format(rows=rows))
    return "".join(parts)


def _row(model: PackedModel) -> str:
    predictor = PACKAGE_FAMILIES[model.facts.family].predictor
    certificate = model.certificate
    return (
        f"| `{model.name}` | `{predictor}.{lower_camel(model.name)}()` "
        f"| {model.summary.replace('|', '/')} | {model.path.stat().st_size:,} "
        f"| {plural(certificate['rows'], 'row')} | {certificate['max_error']:.1e} |\n"
    )


def _decisions(model: PackedModel) -> str:
    """Return a sentence on a model's thresholds; an app can change all of them."""
    facts, said = model.facts, []
    if facts.offset is not None:
        learning = model.is_learning
        said.append(
            "still learning its home: nothing is an alarm"
            if learning
            else f"an alarm above an anomaly score of {-facts.offset:.4g}"
            + " by the forest, or by its other alarms" * (facts.family == MONITOR)
        )
    for label, threshold in facts.thresholds.items():
        said.append(f"{label} is an alarm from a probability of {threshold:.4g} on")
    if facts.abstain_below is not None:
        said.append(f'"don\'t know" below a best probability of {facts.abstain_below:.4g}')
    return f"- `{model.name}`: {'; '.join(said) or 'no thresholds of alarms'}.\n"


def _examples(models: Sequence[PackedModel]) -> str:
    """Return how the first classifier is used, and the first detector."""
    firsts = {
        (model.facts.offset is not None, model.facts.family == MONITOR): model
        for model in reversed(models)
    }
    return "\n\n".join(_example(firsts[kind]) for kind in sorted(firsts))


def _example(model: PackedModel) -> str:
    names = {
        "predictor": PACKAGE_FAMILIES[model.facts.family].predictor,
        "function": lower_camel(model.name),
    }
    if model.facts.family == MONITOR:
        return _MONITOR.format(**names)
    if model.facts.offset is not None:
        return _DETECTOR.format(**names)
    # What is alarming: a label that has a threshold, or that is not the absence of something.
    labels = [*model.facts.thresholds, *model.facts.labels]
    label = next((each for each in labels if not each.startswith("no_")), labels[0])
    features = model.facts.features()
    if takes_channels(features):
        channels = ", ".join(f"{swift_text(name)}: []" for name in features.feature_names_in_)
        return _SIGNALS.format(**names, label=swift_text(label), channels=channels)
    return _CLASSIFIER.format(**names, label=swift_text(label))
