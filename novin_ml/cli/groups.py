"""Groups of commands: their order, and suggestions for a wrong name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from typer.core import TyperGroup

#: The commands in the order of work, then the kinds of models and the
#: commands of groups, with what others call them.
OTHER_NAMES = {
    "import": ["read", "load", "ingest"],
    "home": ["tonight", "evening", "first-evening"],
    "generate": ["simulate", "synthesize", "sample", "data"],
    "split": ["divide", "partition", "holdout"],
    "features": ["transform", "preprocess", "prepare", "featurize"],
    "train": ["fit", "learn"],
    "evaluate": ["test", "validate", "benchmark", "metrics", "accuracy"],
    "compare": ["diff", "versus", "vs", "ab"],
    "drift": ["shift", "psi", "monitor-drift"],
    "threshold": ["tune", "calibrate", "conformalize", "abstain", "budget"],
    "report": ["card", "model-card", "page", "html", "plot"],
    "score": ["predict", "predict-proba", "classify", "infer", "inference", "detect", "apply"],
    "explain": ["why", "reasons", "shap", "importance", "attribute"],
    "export": ["convert", "save", "coreml", "deploy", "compile"],
    "verify": ["check", "certify", "certificate", "prove"],
    "ios": ["swift", "xcode", "package", "app"],
    "init": ["new", "scaffold", "draft"],
    "build": ["make", "pipeline", "ci"],
    "registry": ["versions", "models", "store"],
    "keygen": ["key", "keys", "keypair"],
    "sign": ["signature", "seal"],
    "retrain": ["refresh", "update", "challenger"],
    "answers": ["feedback", "label", "annotate"],
    "forget": ["erase", "delete", "remove", "gdpr"],
    "rollout": ["canary", "experiment", "a-b"],
    "federated": ["federate", "fedavg", "flower", "fl"],
    "plan": ["cost", "price", "hardware", "capacity", "share"],
    "doctor": ["diagnose", "info", "env", "versions-of"],
    "demo": ["example", "tutorial", "quickstart"],
    "delivery": ["parcel", "package"],
    "motion": ["activity"],
    "chains": ["sequence"],
    "behavior": ["behaviour", "baseline", "fleet"],
    "auto": ["detect-format", "any", "file"],
    "home-assistant": ["hass", "homeassistant"],
    "frigate": ["nvr", "camera"],
    "ha-history": ["history", "logbook", "states"],
    "casas": ["ambient", "wsu"],
    "ring": [],
    "nest": ["sdm", "google"],
    "zigbee2mqtt": ["zigbee", "z2m", "mqtt"],
    "add": ["publish", "push", "register"],
    "list": ["ls"],
    "show": ["info", "describe"],
    "diff": [],
    "promote": ["serve", "release"],
    "rollback": ["revert", "undo"],
    "gc": ["prune", "clean", "collect"],
    "mlflow": ["track", "tracking"],
    "shadow": ["side-by-side"],
    "assign": ["bucket", "variant"],
    "look": ["stop", "status", "monitor"],
    "simulate": ["try", "run"],
    "server": ["superlink", "coordinator"],
    "client": ["supernode", "node", "join"],
    "aggregate": ["average", "fedavg"],
    "prior": ["habits", "cold-start"],
}

#: What a group of commands is for.
GROUP_HELP = {
    "import": "Read events from what another program keeps.",
    "generate": "Simulate homes.",
    "features": "Compute the features of a kind of model.",
    "train": "Train a kind of model.",
    "registry": "Keep versions of models, and serve one of them.",
    "federated": "Improve one model by homes whose events stay at home.",
    "rollout": "Give homes a new version step by step, and say when to stop.",
}


class CommandGroup(TyperGroup):
    """Commands in the order of work; a wrong name gets suggestions."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands; typer lists commands before groups."""
        if not any(isinstance(command, TyperGroup) for command in self.commands.values()):
            return list(self.commands)
        place = {name: number for number, name in enumerate(OTHER_NAMES)}
        return sorted(self.commands, key=lambda name: place.get(name, len(place)))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is called."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            ctx.fail(f"No such command {name!r}. {self._remedy(ctx, name)}")
        return super().resolve_command(ctx, args)

    def _remedy(self, ctx: Any, name: str) -> str:
        shown = [each for each in self.list_commands(ctx) if not self.commands[each].hidden]
        wanted = name.lower().replace("_", "-")
        meant = [each for each in shown if wanted in OTHER_NAMES.get(each, [])]
        meant = meant or get_close_matches(wanted, shown)
        if meant:
            return f"Did you mean {' or '.join(map(repr, meant))}?"
        return f"Pass one of {', '.join(shown)}."
