"""Sphinx settings; ``make docs`` builds the pages."""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from novin_ml import __version__

project = "novin_ml"
author = "The novin_ml developers"
copyright = author
release = version = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "myst_parser",  # for the tables in measured/, which are Markdown
    "numpydoc",
    "tables",
]
exclude_patterns = ["_build", "measured"]
templates_path = ["_templates"]
# Docstrings put names between single backticks.
default_role = "py:obj"
add_module_names = False

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say the types
autodoc_default_options = {
    # What scikit-learn adds to every estimator, and a table that the guide shows.
    "exclude-members": "set_fit_request, set_predict_request, set_score_request, "
    "set_transform_request, get_metadata_routing, set_output, family_specs",
}
numpydoc_show_class_members = False
numpydoc_attributes_as_param_list = True

html_theme = "alabaster"
html_theme_options = {
    "description": "Smart-home event models, proven equal on the phone",
    "fixed_sidebar": True,
    "page_width": "1080px",
}
html_sidebars = {"**": ["about.html", "navigation.html", "searchbox.html"]}
html_show_sourcelink = False


def quote_shapes(application: Any, what: str, name: str, of: Any, options: Any, lines: Any) -> None:
    """Quote names such as ``n_features_in_`` in shapes, which reStructuredText takes for links."""
    lines[:] = [re.sub(r"shape \((\w+_),", r"shape (``\1``,", line) for line in lines]


def setup(application: Any) -> None:
    """Register the hook, before numpydoc's."""
    application.connect("autodoc-process-docstring", quote_shapes, priority=100)
