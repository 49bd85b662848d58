"""Files of skops: a zip file of a JSON tree and of arrays."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from novin_ml.arrays import ZIP_ERRORS
from novin_ml.exceptions import SavedModelError
from novin_ml.optional import import_optional
from novin_ml.plain import plural, shown

_SCHEMA = "schema.json"
_MOST_BYTES = 1_000_000_000
_MOST_SCHEMA = 100_000_000
#: Parts that hold data. Others hold functions, methods, or ways to construct an object.
_DATA = frozenset(
    {
        *("BytearrayNode", "BytesNode", "CachedNode", "DTypeNode", "DefaultDictNode", "DictNode"),
        *("FunctionNode", "JsonNode", "ListNode", "LossNode", "MaskedArrayNode", "NdArrayNode"),
        *("ObjectNode", "RandomGeneratorNode", "RandomStateNode", "SGDNode", "SetNode"),
        *("SliceNode", "SparseMatrixNode", "TreeNode", "TupleNode", "TypeNode"),
        "_DictWithDeprecatedKeysNode",
    }
)
#: Libraries whose types are data or models; all types of a model are of one of them.
_TRUSTED = ("builtins", "collections", "numpy", "scipy", "sklearn")


def require_plain_skops(path: Path) -> None:
    """Raise SavedModelError unless a file holds data alone, of trusted types; runs nothing of it.

    Parameters
    ----------
    path : Path
        A file of skops.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            others = [
                m.filename
                for m in members
                if m.filename != _SCHEMA and not m.filename.endswith((".npy", ".npz"))
            ]
            if others or total > _MOST_BYTES:
                got = shown(others[0]) if others else plural(total, "byte")
                raise _not_plain(path, got)
            if archive.getinfo(_SCHEMA).file_size > _MOST_SCHEMA:
                raise _not_plain(path, f"a {_SCHEMA} of more than {_MOST_SCHEMA:,} bytes")
            tree = json.loads(archive.read(_SCHEMA))
    except (*ZIP_ERRORS, KeyError, RecursionError) as error:
        if isinstance(error, SavedModelError):
            raise
        raise _not_plain(path, repr(error)) from None
    for node in _nodes(tree):
        _require_data(path, node)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    open_ = [tree]
    while open_:
        each = open_.pop()
        if isinstance(each, dict):
            if "__loader__" in each:
                yield each
            open_.extend(each.values())
        elif isinstance(each, list):
            open_.extend(each)


def _require_data(path: Path, node: dict[str, Any]) -> None:
    loader, module, name = (node.get(k) for k in ("__loader__", "__module__", "__class__"))
    if loader not in _DATA:
        raise _not_plain(path, f"a part of kind {shown(loader)}")
    if not isinstance(module, str) or module.partition(".")[0] not in _TRUSTED:
        raise _not_plain(path, f"the type {shown(f'{module}.{name}')}")


def _not_plain(path: Path, got: str) -> SavedModelError:
    return SavedModelError(
        f"{path} must be a file of skops with arrays and trusted types alone, those of "
        f"scikit-learn, numpy and scipy. Got {got}. Save a model of scikit-learn by skops.io.dump, "
        "and put code of your own into the app."
    )


def open_skops(path: Path) -> Any:
    """Return the model of a file, if skops trusts its types, or they are of scikit-learn."""
    skops = import_optional("skops.io", extra="skops", purpose="A model of skops")
    unknown = skops.get_untrusted_types(file=path)
    others = [name for name in unknown if not name.startswith("sklearn.")]
    if others:
        raise _not_plain(path, f"the type {shown(others[0])}")
    return skops.load(path, trusted=unknown)
