"""Texts of users in the grammars of others: one function for each medium.

A label, a path, an id or a location holds what somebody else wrote: brackets of rich's markup,
letters that the terminal's encoding lacks, a dollar or an underscore that matplotlib takes for its
own, tags, pipes, formulas, and characters that nobody sees. Every text passes one of these
functions where it enters a medium; a test finds the places that go around them. Pages add HTML's
escapes in ``evaluation/report/html.py``, and lists of rejects the apostrophes of spreadsheets in
``events/files/report.py``.
"""

from __future__ import annotations

import shlex
import unicodedata
import urllib.parse
from typing import Any

_LONGEST = 60
#: Control, format, surrogate, private and unassigned characters.
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
#: Joiners are invisible too, but scripts and emoji are written with them.
_JOINERS = "\u200c\u200d"
_MARKDOWN = "\\`*_{}[]()#+!|~>$"


def in_terminal(text: Any, encoding: str | None = "utf-8") -> str:
    r"""Return a text for one line of a terminal, with escapes for what it cannot show.

    Control characters are escaped, so that no text moves the cursor or breaks the line; so are
    characters that change the direction of writing, and letters that the encoding lacks.

    Examples
    --------
    >>> from novin_ml.texts import in_terminal
    >>> print(in_terminal("\x1b[31m[bold]\n"))
    \x1b[31m[bold]\n
    >>> print(in_terminal("caf\u00e9 \u623f", "cp1252"), in_terminal("\u623f", "ascii"))
    café \u623f \u623f
    """
    seen = "".join(
        letter
        if letter in _JOINERS or not _is_invisible(letter, also=("Zl", "Zp"))
        else letter.encode("unicode_escape").decode("ascii")
        for letter in str(text)
    )
    known = encoding or "ascii"
    return seen.encode(known, "backslashreplace").decode(known)


def in_shell(path: Any) -> str:
    """Return a path as one word of a command that a user copies into a shell.

    Examples
    --------
    >>> from novin_ml.texts import in_shell
    >>> print("novin-ml verify", in_shell("my $models/a.mlmodel"), in_shell("-a"))
    novin-ml verify 'my $models/a.mlmodel' ./-a
    """
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def in_url(path: str) -> str:
    """Return a path with slashes for the end of an address.

    Examples
    --------
    >>> from novin_ml.texts import in_url
    >>> in_url("models/front door#2.mlmodel")
    'models/front%20door%232.mlmodel'
    """
    return urllib.parse.quote(path)


def visible(text: Any, longest: int = _LONGEST) -> str:
    """Return a name without invisible or direction-changing characters, cut to a length.

    Examples
    --------
    >>> from novin_ml.texts import visible
    >>> visible("front\u202edoor"), visible(""), visible("a" * 9, longest=5)
    ('frontdoor', '(no name)', 'aaaa…')
    """
    name = without_invisible(text).strip(" " + _JOINERS) or "(no name)"
    return name if len(name) <= longest else name[: longest - 1] + "…"


def without_invisible(text: Any) -> str:
    """Return a text without the characters that `visible` leaves out, at its whole length."""
    return "".join(
        " " if letter.isspace() else letter
        for letter in str(text)
        if letter.isspace() or letter in _JOINERS or not _is_invisible(letter)
    )


def in_plot(text: Any, longest: int = _LONGEST) -> str:
    """Return a name for matplotlib, which leaves a label with a leading underscore out of legends.

    Dollars are no mathematics where the setting ``text.parse_math`` is off.

    Examples
    --------
    >>> from novin_ml.texts import in_plot
    >>> in_plot("_quiet"), in_plot("$5")
    (' _quiet', '$5')
    """
    name = visible(text, longest)
    return f" {name}" if name.startswith("_") else name


def in_markdown(text: Any, longest: int = 40) -> str:
    r"""Return a name for Markdown, with escapes for its marks and for those of HTML.

    Examples
    --------
    >>> from novin_ml.texts import in_markdown
    >>> print(in_markdown("a|b <i> *c*"))
    a\|b &lt;i\> \*c\*
    """
    name = "".join(f"\\{c}" if c in _MARKDOWN else c for c in visible(text, longest))
    return name.replace("&", "&amp;").replace("<", "&lt;")


def _is_invisible(letter: str, also: tuple[str, ...] = ()) -> bool:
    return unicodedata.category(letter) in (*_INVISIBLE, *also)
