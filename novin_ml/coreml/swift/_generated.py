"""The Swift file that names the models of a package, and other texts made of their names."""

from __future__ import annotations

from collections.abc import Sequence

from novin_ml.coreml.exported_features import MONITOR
from novin_ml.coreml.swift._families import PACKAGE_FAMILIES
from novin_ml.coreml.swift._model import PackedModel
from novin_ml.coreml.swift.names import lower_camel, upper_camel

_HEAD = """\
// swift-format-ignore-file
// Written by novin-ml ios with the models that this package has; do not edit.

import NovinFeatures

extension BundledModel {{
    /// The models of this package.
    public static let all: [BundledModel] = [{models}]
}}
"""

_PREDICTOR = """
extension {predictor} {{
    /// The model `{name}`: {summary}.
    public static func {function}() throws -> {predictor} {{
        try {predictor}(try BundledModel.named("{name}").open())
    }}
}}
"""

_BEHAVIOR = """
extension {predictor} {{
    /// The model `{name}`: {summary}.
    ///
    /// - Parameter history: What the home reported until now: keep it between launches of the app.
    ///   By default what the package was written with, or else nothing.
    public static func {function}(history: BehaviorHistory? = nil) throws -> {predictor} {{
        let model = try BundledModel.named("{name}")
        let known = try history ?? model.history() ?? BehaviorHistory()
        return try {predictor}(try model.open(), history: known)
    }}
}}
"""

_MONITOR = """
extension {predictor} {{
    /// The model `{name}`: {summary}.
    ///
    /// - Parameters:
    ///   - history: What the home reported until now: keep it between launches of the app. By
    ///     default what the package was written with, or else nothing.
    ///   - activity: What went on in the home until now, with the same default.
    public static func {function}(
        history: BehaviorHistory? = nil, activity: ActivityHistory? = nil
    ) throws -> {predictor} {{
        let model = try BundledModel.named("{name}")
        return try {predictor}(
            try model.open(),
            history: try history ?? model.history() ?? BehaviorHistory(),
            activity: try activity ?? model.activity() ?? ActivityHistory())
    }}
}}
"""

_LABELS = """
/// The labels of `{name}`, to be switched over: `{type}Label(rawValue: prediction.label)`.
public enum {type}Label: String, CaseIterable, Sendable {{
{cases}
}}
"""


def bundled_models_swift(models: Sequence[PackedModel]) -> str:
    """Return ``BundledModels.swift``."""
    entries = "".join(
        f"\n        BundledModel(\n            name: {swift_text(model.name)}, "
        f"family: {swift_text(model.facts.family)},\n            "
        f"sha256: {swift_text(model.sha256)}),"
        for model in models
    )
    parts = [_HEAD.format(models=f"{entries}\n    " if entries else "")]
    for model in models:
        family = PACKAGE_FAMILIES[model.facts.family]
        template = _BEHAVIOR if model.facts.offset is not None else _PREDICTOR
        if model.facts.family == MONITOR:
            template = _MONITOR
        parts.append(
            template.format(
                predictor=family.predictor,
                name=model.name,
                function=lower_camel(model.name),
                summary=model.summary,
            )
        )
        parts.append(_labels_of(model))
    return "".join(parts)


def _labels_of(model: PackedModel) -> str:
    """Return the enumeration of a classifier's labels; nothing if two would have one name."""
    names = [lower_camel(label) for label in model.facts.labels]
    if not names or len(set(names)) < len(names):
        return ""
    cases = "\n".join(
        f"    case {name}" if name.strip("`") == label else f"    case {name} = {swift_text(label)}"
        for name, label in zip(names, model.facts.labels, strict=True)
    )
    return _LABELS.format(name=model.name, type=upper_camel(model.name), cases=cases)


def swift_text(text: str) -> str:
    """Return a Swift string literal."""
    escaped = (
        f"\\u{{{ord(each):x}}}" if ord(each) < 32 or each in "\x7f\u2028\u2029" else each
        for each in text.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{"".join(escaped)}"'
