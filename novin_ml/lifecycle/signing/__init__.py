"""Signed releases: a manifest of what a phone downloads, with an Ed25519 signature."""

from novin_ml.lifecycle.signing.check import ReleaseManifest, verify_release
from novin_ml.lifecycle.signing.download import download_release
from novin_ml.lifecycle.signing.keys import generate_key, key_id
from novin_ml.lifecycle.signing.sign import SignedRelease, promote_signed, sign_release

__all__ = [
    "ReleaseManifest",
    "SignedRelease",
    "download_release",
    "generate_key",
    "key_id",
    "promote_signed",
    "sign_release",
    "verify_release",
]
