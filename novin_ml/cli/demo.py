"""demo: the whole path, once for each family and algorithm."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import Algorithm
from novin_ml.cli.output import Output, fail_gate, reporting

_TEST_FRACTION = 0.2


def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for all outputs.")] = Path("demo"),
    samples: Annotated[
        int, typer.Option(help="Number of labelled rows for each family.", min=200)
    ] = 50_000,
    algorithm: Annotated[
        list[Algorithm] | None,
        typer.Option(help="Learner; may be repeated. Default: boosting and mlp."),
    ] = None,
    min_accuracy: Annotated[
        float,
        typer.Option(
            help="Exit with code 1 below this accuracy on clean labels (delivery, motion).",
            min=0,
            max=1,
        ),
    ] = 0.95,
    min_gain: Annotated[
        float,
        typer.Option(
            help="Exit with code 1 if the recall of a model of chains does not exceed the rules' "
            "by this much, at as many false alarms, averaged over labels.",
            min=-1,
            max=1,
        ),
    ] = 0.10,
    seed: opt.SeedOption = 0,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Simulate homes, train, evaluate beside the rules, export, certify, and make a package."""
    from novin_ml.cli import demo_steps as steps
    from novin_ml.cli.reading import read
    from novin_ml.cli.show.exports import show_package
    from novin_ml.cli.training import train_and_save
    from novin_ml.coreml.swift import write_swift_package
    from novin_ml.estimators.families import classifier_families
    from novin_ml.lifecycle import fault_of
    from novin_ml.texts import in_shell

    failed = []
    with reporting(json, quiet) as output:
        started = time.perf_counter()
        results: list[dict[str, Any]] = []
        models: dict[str, Any] = {}
        for family in classifier_families().values():
            file = steps.simulate_family(family, out, samples, seed, output)
            table = read(family.rows, file, output, timezone="UTC", strict=False, rejects=None)
            for learner in algorithm or (Algorithm.BOOSTING, Algorithm.MLP):
                name = f"{family.name}_{learner}"
                part = Output(json, quiet)
                trained = train_and_save(
                    family,
                    table,
                    out / name,
                    part,
                    test_fraction=_TEST_FRACTION,
                    random_state=seed,
                    algorithm=str(learner),
                )
                tested = steps.tune_saved(out / name, trained.held_back, seed, part)
                models[name] = steps.publish_saved(out / name, tested, part)
                results.append(part.document)
                fault = fault_of(family, trained.headline, min_accuracy, min_gain)
                if fault is not None:
                    failed.append(f"{name} {fault}")
        shared = Output(json, quiet)
        steps.demo_federation(out, seed, shared)
        output.add("federation", shared.document)
        results.append(steps.demo_home(out, seed, Output(json, quiet)))
        output.add("models", results)
        models["behavior"] = out / "behavior.mlmodel"
        with output.step("writing the Swift package"):
            package = write_swift_package(models, out / "NovinModels")
        show_package(package, output)
        released = Output(json, quiet)
        steps.demo_release(out, out / "delivery_events.jsonl", released)
        output.add("release", released.document)
        output.add("passed", not failed)
        output.line("")
        output.line(f"wrote everything to {out}/ in {time.perf_counter() - started:.0f} s")
        for path in sorted(out.glob("*.mlmodel")):
            command = f"novin-ml verify {in_shell(path)}"
            output.line(f"  {path}: open it in Xcode; verify it with: {command}")
        for path in sorted(out.glob("*.html")):
            output.line(f"  {path}: scores of the model, for a browser")
    if failed:
        fail_gate("; ".join(failed))
