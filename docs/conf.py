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
    "names",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "tables",
]
exclude_patterns = ["_build", "gallery", "measured"]
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

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_gallery",
    "subsection_order": "pictures.SECTIONS",
    "within_subsection_order": "FileNameSortKey",
    "filename_pattern": "/",  # each script runs
    "reset_modules": ("matplotlib", "pictures.apply_style"),
    "reference_url": {"novin_ml": None},
    "doc_module": ("novin_ml",),
    "backreferences_dir": "auto_gallery/uses",
    "image_srcset": ["2x"],
    "remove_config_comments": True,
    "capture_repr": ("_repr_html_",),  # tables and pipelines, not what matplotlib returns
    "minigallery_sort_order": "pictures.start_first",
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 3_600,  # times go to the benchmarks
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = f"novin_ml {version}"
# Pages without neighbours in their section.
html_sidebars = {
    name: [] for name in ("index", "architecture", "contributing", "glossary", "versions")
}
html_static_path = ["_static"]
html_css_files = ["novin.css"]
html_theme_options = {
    "logo": {"text": "novin_ml"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navbar_persistent": ["search-button"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "show_nav_level": 1,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_show_sourcelink = False


def quote_shapes(application: Any, what: str, name: str, of: Any, options: Any, lines: Any) -> None:
    """Quote names such as ``n_features_in_`` in shapes, which reStructuredText takes for links."""
    lines[:] = [re.sub(r"shape \((\w+_),", r"shape (``\1``,", line) for line in lines]


def setup(application: Any) -> None:
    """Register the hook, before numpydoc's."""
    application.connect("autodoc-process-docstring", quote_shapes, priority=100)
