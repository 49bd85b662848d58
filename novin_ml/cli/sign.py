"""keygen and sign: a release that phones can trust."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting


def keygen_command(
    key: Annotated[
        Path, typer.Argument(help="File of the private key to write; it must not exist.")
    ],
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Make a key to sign releases with: FILE, for you alone, and FILE.pub."""
    from novin_ml.lifecycle import generate_key
    from novin_ml.lifecycle.signing.keys import public_place

    with reporting(json, quiet) as output:
        name = generate_key(key)
        output.document |= {"key": key, "public_key": public_place(key), "key_id": name}
        output.line(f"wrote {key} (mode 0600): keep it secret, and keep a copy")
        output.line(f"wrote {public_place(key)}: key {name}")


def sign_command(
    release: Annotated[
        Path,
        typer.Argument(
            help="Folder of a build, or of a version in a registry, whose gates all passed.",
            metavar="RELEASE",
        ),
    ],
    key: Annotated[Path, typer.Option(help="Private key, of novin-ml keygen.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write, for any file server; default: signed.")
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(help="Number that phones compare; default: that of the registry."),
    ] = None,
    min_app_version: Annotated[str, typer.Option(help="Oldest app that may use it.")] = "0",
    days: Annotated[int, typer.Option(help="Days that phones may install it.")] = 180,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Sign the models of a release, with golden rows that phones compare."""
    from novin_ml.lifecycle import sign_release
    from novin_ml.plain import plural

    with reporting(json, quiet) as output:
        with output.step("signing"):
            signed = sign_release(
                release, key, out, version=version, min_app_version=min_app_version, days=days
            )
        manifest = signed.manifest
        output.document |= {
            "signed": signed.folder,
            "name": manifest.name,
            "version": manifest.version,
            "expires": manifest.expires,
            "files": manifest.files,
            "key_id": signed.key_id,
            "public_key": signed.public_key,
        }
        output.line(
            f"signed version {manifest.version} of {manifest.name}: "
            f"{plural(len(manifest.files), 'file')}, {plural(manifest.n_bytes, 'byte')}, until "
            f"{manifest.expires}"
        )
        for name, entry in manifest.files.items():
            output.line(f"  {name}: SHA-256 {entry[1]}")
        output.line(f"wrote {signed.folder}; the app carries the key {signed.public_key}")
