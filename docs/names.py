"""Short names of public objects are links to their pages; a full name without a page is wrong."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

_LOGGER = logging.getLogger(__name__)


class ShortNames:
    """Link a name such as ``export_coreml``, if an object of a package has it."""

    def __init__(self) -> None:
        self._full_names: dict[str, list[str]] = {}

    def __call__(
        self, application: Any, environment: Any, node: Any, content: Any
    ) -> nodes.reference | None:
        """Return the link, or None where there is nothing to link to."""
        if node.get("refdomain") != "py":
            return None
        name = node["reftarget"]
        if name.startswith("novin_ml."):
            _LOGGER.warning("%s has no page", name, location=node)
            return None
        objects = environment.domaindata["py"]["objects"]
        if not self._full_names:
            self._full_names = _by_short_name(objects)
        found = self._full_names.get(name, [])
        if not found or any(full.split(".")[-2][0].isupper() for full in found):
            return None  # a method or an attribute: of which class?
        # Of an object that several packages hand on, the page is that of the shortest name.
        full = min(found, key=len)
        entry = objects[full]
        return make_refnode(
            application.builder, node["refdoc"], entry.docname, entry.node_id, content, full
        )


def _by_short_name(objects: Any) -> dict[str, list[str]]:
    found = defaultdict(list)
    for full in objects:
        if full.startswith("novin_ml."):
            found[full.rpartition(".")[2]].append(full)
    return found


def setup(application: Any) -> dict[str, Any]:
    """Register the hook."""
    application.connect("missing-reference", ShortNames())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
