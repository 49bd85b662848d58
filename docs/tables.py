"""The tables that the pages show, computed from the package, and the directive that shows them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.compute import read_hardware
from novin_ml.coreml.converters import taken_models
from novin_ml.estimators.learners import network_fit
from novin_ml.estimators.learners.boosting_defaults import (
    FEW_ROWS,
    MANY_ROWS,
    default_params,
    default_rounds,
)
from novin_ml.estimators.learners.forest.fit import DEFAULT_TREES
from novin_ml.estimators.learners.forest.fit import DEFAULTS as FOREST_DEFAULTS
from novin_ml.events import EVENT_FIELDS, KINDS, ZONES
from novin_ml.features import (
    BEHAVIOR_FEATURES,
    CHAIN_FEATURES,
    DELIVERY_FEATURES,
    MOTION_FEATURES,
    FeatureSpec,
)
from novin_ml.lifecycle.building.declaration import REQUIRED, declared_keys

Table = tuple[list[str], list[list[str]]]


def event_fields() -> Table:
    """Return the fields of an event and their limits."""
    rows = []
    for field in EVENT_FIELDS:
        names = ", ".join(f"``{name}``" for name in (field.path, *field.aliases))
        missing = _literal(field.default) if field.default is not None else "missing"
        if field.required:
            missing = "refused"
        elif field.type == "flag":
            missing = "``False``"
        elif field.is_label:
            missing = "not labelled"
        rows.append([f"``{field.name}``", names, field.meaning, field.expected, missing])
    return ["column", "in JSON", "meaning", "must be", "if absent"], rows


def models_taken() -> Table:
    """Return what is exported of other libraries: form, tolerance, and what is refused."""
    rows = [
        [f"``{row.name}``", row.form, row.tolerance, row.refused or "nothing"]
        for row in taken_models()
    ]
    return ["model", "becomes", "largest error allowed", "refused"], rows


def event_kinds() -> Table:
    """Return the kinds of event."""
    return ["kind"], [[f"``{kind}``"] for kind in (*KINDS, "other")]


def zones() -> Table:
    """Return the zones with their other names."""
    rows = [
        [f"``{zone.name}``", f"{zone.risk:.2f}", zone.kind, ", ".join(zone.aliases)]
        for zone in ZONES.values()
    ]
    return ["zone", "risk", "kind", "other names"], rows


def delivery_features() -> Table:
    """Return the features of a delivery, in the order of the model's inputs."""
    return _features(DELIVERY_FEATURES)


def motion_features() -> Table:
    """Return the features of a motion, in the order of the model's inputs."""
    return _features(MOTION_FEATURES)


def chain_features() -> Table:
    """Return the features of chains."""
    return _features(CHAIN_FEATURES)


def behavior_features() -> Table:
    """Return the features of the behavior baseline."""
    return _features(BEHAVIOR_FEATURES)


def boosting_defaults() -> Table:
    """Return the defaults of boosting."""
    sizes = (1, FEW_ROWS, MANY_ROWS)
    columns = []
    for n_rows in sizes:
        rounds = default_rounds(n_rows)
        columns.append({"rounds": rounds} | default_params(n_rows, 2, 16, rounds))
    names = dict.fromkeys(name for column in columns for name in column)
    header = [f"from {n_rows:,} rows" for n_rows in sizes[1:]]
    rows = [
        [f"``{name}``", *(_literal(column[name]) if name in column else "1" for column in columns)]
        for name in names
    ]
    return ["parameter", f"below {FEW_ROWS:,} rows", *header], rows


def mlp_defaults() -> Table:
    """Return the defaults of the network."""
    return _defaults({"passes": network_fit.DEFAULT_EPOCHS} | network_fit.DEFAULTS)


def forest_defaults() -> Table:
    """Return the defaults of a forest."""
    return _defaults({"trees": DEFAULT_TREES} | FOREST_DEFAULTS)


def build_keys() -> Table:
    """Return the keys of a novin.toml."""
    rows = []
    for place, name, rule, default in declared_keys():
        shown = "required" if default is REQUIRED else _toml(default)
        rows.append([f"``[{place}]``", f"``{name}``", shown, rule.expected, rule.purpose])
    return ["section", "key", "default", "must be", "meaning"], rows


def stages() -> Table:
    """Return the stages of the planner."""
    rows = []
    for stage in read_hardware().stages.values():
        low, high = stage.homes
        dollars = " to ".join(f"${each:,g}" for each in dict.fromkeys(stage.dollars))
        trained = ", ".join(f"{task} {n:,}" for task, n in stage.rows.items())
        homes = f"{low:,} or more" if high is None else f"{low:,} to {high:,}"
        updates = "send updates" if stage.federated else "send events"
        rows.append([stage.name, homes, dollars, stage.every, trained, updates, stage.gate])
    header = ["stage", "homes", "a month", "trained every", "rows (behavior: of a home)", "homes"]
    return [*header, "a model must be"], rows


def command(*names: str) -> Table:
    """Return the arguments and options of a command, or of one in a group."""
    found: Any = typer.main.get_command(app)
    for name in names:
        found = found.commands[name]
    rows = []
    for parameter in found.params:
        if parameter.name == "help":
            continue
        is_argument = parameter.param_type_name == "argument"
        if is_argument:
            names = (parameter.metavar or parameter.name).upper()
        else:
            names = ", ".join(sorted(parameter.opts + parameter.secondary_opts, key=len))
        default = "required" if parameter.required else _plain(parameter.default)
        rows.append([f"``{names}``", default, parameter.help])
    return ["argument or option", "default", "meaning"], rows


TABLES: dict[str, Callable[..., Table]] = {
    function.__name__: function
    for function in [
        models_taken,
        event_fields,
        event_kinds,
        zones,
        delivery_features,
        motion_features,
        chain_features,
        behavior_features,
        boosting_defaults,
        mlp_defaults,
        forest_defaults,
        build_keys,
        stages,
        command,
    ]
}


class GeneratedTable(SphinxDirective):
    """``.. generated-table:: NAME [ARGUMENTS]`` shows a table of `TABLES`."""

    required_arguments = 1
    optional_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        self.env.note_dependency(inspect.getfile(type(self)))
        header, rows = TABLES[self.arguments[0]](*self.arguments[1:])
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
        for row in [header, *rows]:
            for number, cell in enumerate(row):
                lines.append(f"   {'*' if number == 0 else ' '} - {cell}".rstrip())
        parent = nodes.Element()
        self.state.nested_parse(StringList(lines, self.arguments[0]), self.content_offset, parent)
        return parent.children


def _features(specs: Sequence[FeatureSpec]) -> Table:
    rows = [[f"``{spec.name}``", spec.unit, _range(spec), _text(spec)] for spec in specs]
    return ["feature", "unit", "range", "meaning"], rows


def _defaults(values: dict[str, Any]) -> Table:
    return ["parameter", "default"], [[f"``{k}``", _literal(v)] for k, v in values.items()]


def _literal(value: Any) -> str:
    return "none" if value is None else f"``{value!r}``"


def _toml(value: Any) -> str:
    if value is None or value in ({}, []):
        return "none"
    return f"``{value!r}``".replace("'", '"')


def _plain(value: Any) -> str:
    """Write what typer holds as a default as a user would type it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else f"``{value}``"


def _range(spec: FeatureSpec) -> str:
    if math.isinf(spec.high):
        return "any" if math.isinf(spec.low) else f"at least {spec.low:g}"
    return f"{spec.low:g} to {spec.high:g}"


def _text(spec: FeatureSpec) -> str:
    return spec.meaning.replace("*", "\\*").replace("|", "\\|")


class PrintedHelp(SphinxDirective):
    """What each command of the program prints for ``--help``, a section each."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        sections: list[nodes.Node] = []
        for names in _commands(typer.main.get_command(app)):
            title = " ".join(("novin-ml", *names))
            section = nodes.section(ids=[nodes.make_id(title)], names=[title])
            section += nodes.title(text=title)
            section += nodes.literal_block(text=_help(names), language="none")
            self.state.document.note_implicit_target(section)
            sections.append(section)
        return sections


def _commands(found: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the names of the program's commands and groups, groups before theirs."""
    yield names
    for name, command in getattr(found, "commands", {}).items():
        if not command.hidden:
            yield from _commands(command, (*names, name))


def _help(names: tuple[str, ...]) -> str:
    """Return what a command prints, 84 columns wide and without colours."""
    wide = {"COLUMNS": "84", "TERMINAL_WIDTH": "84", "NO_COLOR": "1", "TERM": "dumb"}
    done = CliRunner().invoke(app, [*names, "--help"], prog_name="novin-ml", env=wide)
    if done.exit_code:
        raise RuntimeError(f"{' '.join(names)} --help ends with {done.exit_code}: {done.output}")
    return "\n".join(line.rstrip() for line in done.output.strip("\n").splitlines())


def setup(application: Any) -> dict[str, Any]:
    """Register the directives."""
    application.add_directive("generated-table", GeneratedTable)
    application.add_directive("printed-help", PrintedHelp)
    return {"parallel_read_safe": True}
