"""Pieces of a page. Everything that is not a `Safe` piece is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from novin_ml.texts import visible, without_invisible


class Safe(str):
    """HTML that this package made itself."""


def text(value: Any) -> Safe:
    """Return a text, escaped and without invisible characters; `Safe` pieces stay unchanged."""
    if isinstance(value, Safe):
        return value
    return Safe(escape(without_invisible(value), quote=True))


def name(value: Any, longest: int = 60) -> Safe:
    """Return a name from data: without invisible characters, cut to a length, and escaped.

    It may break after an underscore, so that it fits on a phone.
    """
    return Safe(text(visible(value, longest)).replace("_", "_<wbr>"))


def element(tag: str, content: Any, **attributes: str) -> Safe:
    """Return an element; ``class_`` is the attribute class."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return Safe(f"<{tag}{given}>{text(content)}</{tag}>")


def joined(pieces: Sequence[Any]) -> Safe:
    """Return pieces one after the other."""
    return Safe("\n".join(text(piece) for piece in pieces))


def paragraph(content: Any, class_: str = "") -> Safe:
    """Return a paragraph."""
    return element("p", content, class_=class_) if class_ else element("p", content)


def figure(svg: str, caption: Any) -> Safe:
    """Return a picture with its caption."""
    return element("figure", joined([Safe(svg), element("figcaption", caption)]))


def figures(found: Sequence[Safe]) -> Safe:
    """Return pictures beside each other, below each other on a phone."""
    return element("div", joined(found), class_="figures")


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    numeric: Sequence[int] = (),
    wide: Sequence[int] = (),
    few: Sequence[bool] | None = None,
) -> Safe:
    """Return a table that scrolls by itself where it is too wide.

    Parameters
    ----------
    caption : str
        Caption of the table.
    columns : sequence of str
        Headings of the columns.
    rows : sequence of sequences
        Cells; the first cell of each row is its heading.
    numeric, wide : sequence of int
        Columns of numbers, and of sentences.
    few : sequence of bool, default=None
        Rows with too little data, which are greyed.
    """

    def kind(place: int) -> dict[str, str]:
        if place in numeric:
            return {"class_": "n"}
        return {"class_": "text"} if place in wide else {}

    head = joined(
        [element("th", column, scope="col", **kind(i)) for i, column in enumerate(columns)]
    )
    body = []
    for place, row in enumerate(rows):
        first, *rest = row
        cells = [element("th", first, scope="row")]
        cells += [element("td", cell, **kind(i)) for i, cell in enumerate(rest, start=1)]
        greyed = {"class_": "few"} if few is not None and few[place] else {}
        body.append(element("tr", joined(cells), **greyed))
    whole = joined(
        [
            element("thead", element("tr", head)),
            element("tbody", joined(body)),
        ]
    )
    # Not a <caption>: that would scroll away with the table.
    scrolling = element(
        "div",
        element("table", whole, aria_label=caption),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
    return joined([paragraph(caption, "caption"), scrolling])


def stacked(above: Any, *below: Any) -> Safe:
    """Return a cell's content with smaller lines below it."""
    return Safe(text(above) + "".join(element("small", each) for each in below))


def items(found: Sequence[Any]) -> Safe:
    """Return a list, for sentences that are too long for a table on a phone."""
    return element("ul", joined([element("li", each) for each in found]))


def folded(summary: str, found: Sequence[Any]) -> Safe:
    """Return a list that opens when its summary is touched."""
    return element("details", joined([element("summary", summary), items(found)]))


def section(anchor: str, title: str, found: Sequence[Any]) -> Safe:
    """Return a section with its heading, that a list of contents can name."""
    heading = element("h2", title)
    return element("section", joined([heading, *found]), id=anchor)


def folded_section(anchor: str, title: str, found: Sequence[Any]) -> Safe:
    """Return a section that opens when its heading is touched, or when a link leads to it."""
    heading = element("summary", element("h2", title))
    return element("details", joined([heading, element("div", joined(found), id=anchor)]))


def contents(links: Sequence[tuple[str, str]]) -> Safe:
    """Return a list of contents: the anchor and the title of each section."""
    found = [element("a", title, href=f"#{anchor}") for anchor, title in links]
    heading = element("h2", "Contents")
    return element("nav", joined([heading, items(found)]), aria_label="Contents")


def bar(share: float) -> Safe:
    """Return a bar for a share, 0 to 1, with its number."""
    return Safe(f'<meter min="0" max="1" value="{share:.4f}">{100 * share:.1f} %</meter>')


def numbers(tiles: Sequence[tuple[str, ...]]) -> Safe:
    """Return the key numbers: name, number, interval and remark of each."""
    found = [
        element(
            "div",
            joined(
                [
                    element("dt", title),
                    element("dd", stacked(value, *below)),
                ]
            ),
        )
        for title, value, *below in tiles
    ]
    return element("dl", joined(found), class_="numbers")


def page(title: str, style: str, pieces: Sequence[Any]) -> str:
    """Return the whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
        '<link rel="icon" href="data:,">\n'
        f"<title>{text(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{joined(pieces)}\n</main>\n</body>\n</html>\n"
    )
