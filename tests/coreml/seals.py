"""Exports that somebody changed, with hashes that fit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from novin_ml.coreml.interface import CERTIFICATE_HASH, content_hash, set_metadata
from novin_ml.coreml.runtime.source import read_spec


def sealed(
    model: Path,
    spoil: Callable[[Any], None] = lambda spec: None,
    spoil_certificate: Callable[[dict[str, Any]], None] = lambda certificate: None,
) -> None:
    """Change the spec and the certificate of a ``.mlmodel`` and make all hashes anew."""
    spec = read_spec(model)
    spoil(spec)
    file = model.with_suffix(".certificate.json")
    certificate = json.loads(file.read_text(encoding="utf-8"))
    is_old = "model_sha256" in certificate
    if is_old:
        certificate["model_sha256"] = content_hash(spec)
    else:
        model.write_bytes(spec.SerializeToString(deterministic=True))
        certificate["file_sha256"] = hashlib.sha256(model.read_bytes()).hexdigest()
    spoil_certificate(certificate)
    text = json.dumps(certificate, indent=2) + "\n"
    file.write_text(text, encoding="utf-8")
    if is_old:
        set_metadata(spec, {CERTIFICATE_HASH: hashlib.sha256(text.encode()).hexdigest()})
        model.write_bytes(spec.SerializeToString(deterministic=True))
