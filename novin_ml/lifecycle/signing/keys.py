"""Ed25519 keys of releases, as PEM files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from novin_ml.exceptions import SignatureError
from novin_ml.optional import import_optional
from novin_ml.plain import shown

_PURPOSE = "Signing releases"
_EXTRA = "signing"
#: A key file is small; a device or a log is not read whole.
_MOST_BYTES = 10_000


def generate_key(path: str | os.PathLike[str]) -> str:
    """Make an Ed25519 key to sign releases with.

    Parameters
    ----------
    path : path
        File of the private key, PEM (PKCS 8) without a password, mode 0600. The public key goes
        beside it, ``PATH.pub``. Neither may exist.

    Returns
    -------
    key_id : str
        The first 16 digits of the SHA-256 of the public key, as manifests name it.

    Raises
    ------
    FileExistsError
        If one of the files exists: a lost key cannot be had again.
    OSError
        If a file cannot be written.
    ExtraNotInstalledError
        If cryptography is missing: install the extra ``signing``.

    References
    ----------
    Josefsson and Liusvaara, "Edwards-Curve Digital Signature Algorithm (EdDSA)", RFC 8032.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import generate_key
    >>> len(generate_key(tempfile.mkdtemp() + "/release.key"))
    16
    """
    path = Path(path)
    beside = public_place(path)
    if os.path.lexists(beside):
        raise FileExistsError(17, "File exists", str(beside))
    serialization = _module("serialization")
    private = _ed25519().Ed25519PrivateKey.generate()
    text = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = private.public_key()
    _write_new(path, text, 0o600)
    _write_new(
        beside,
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        0o644,
    )
    return key_id(public)


def public_place(private: Path) -> Path:
    """Return where the public key of a private one lies."""
    return private.with_name(f"{private.name}.pub")


def key_id(public: Any) -> str:
    """Return the name of a public key: the beginning of its SHA-256.

    Parameters
    ----------
    public : path or Ed25519PublicKey
        The public key, or its file.

    Returns
    -------
    key_id : str
        16 hexadecimal digits.

    Raises
    ------
    SignatureError
        If the file is no public key.
    """
    return hashlib.sha256(raw_public(public)).hexdigest()[:16]


def raw_public(public: Any) -> bytes:
    """Return the 32 bytes of a public key, which an app carries."""
    serialization = _module("serialization")
    if isinstance(public, str | os.PathLike):
        public = read_public(public)
    raw: bytes = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw


def read_private(path: str | os.PathLike[str]) -> Any:
    """Read a private key; SignatureError if it is none."""
    content = _content(path)
    try:
        key = _module("serialization").load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:  # TypeError: it has a password
        raise _no_key(path, "private", f"{error}".splitlines()[0][:80]) from None
    if not isinstance(key, _ed25519().Ed25519PrivateKey):
        raise _no_key(path, "private", f"a key of another kind, {type(key).__name__}")
    return key


def read_public(path: str | os.PathLike[str]) -> Any:
    """Read a public key; SignatureError if it is none."""
    content = _content(path)
    if b"PRIVATE" in content:
        raise _no_key(path, "public", "a private key")
    try:
        key = _module("serialization").load_pem_public_key(content)
    except ValueError as error:
        raise _no_key(path, "public", f"{error}".splitlines()[0][:80]) from None
    if not isinstance(key, _ed25519().Ed25519PublicKey):
        raise _no_key(path, "public", f"a key of another kind, {type(key).__name__}")
    return key


def is_valid(public: Any, signature: bytes, message: bytes) -> bool:
    """Whether a signature is that of a message by the owner of a key."""
    exceptions = import_optional("cryptography.exceptions", extra=_EXTRA, purpose=_PURPOSE)
    try:
        public.verify(signature, message)
    except exceptions.InvalidSignature:
        return False
    return True


def _content(path: str | os.PathLike[str]) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(_MOST_BYTES)


def _no_key(path: Any, kind: str, got: str) -> SignatureError:
    return SignatureError(
        f"{shown(str(path))} must be a {kind} Ed25519 key in PEM form, without a password. "
        f"Got {got}. novin-ml keygen makes both."
    )


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _module(name: str) -> ModuleType:
    return import_optional(f"cryptography.hazmat.primitives.{name}", extra=_EXTRA, purpose=_PURPOSE)


def _ed25519() -> ModuleType:
    return _module("asymmetric.ed25519")
