"""Check that each link inside of the built pages leads somewhere: ``python docs/links.py HTML``."""

from __future__ import annotations

import sys
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that name another file.
LINKS = {"href", "src", "data-thumbnail"}


class Page(HTMLParser):
    """The places of a page that a link can lead to, and its links."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note the places and the links of a tag."""
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.places.add(value)
            elif name in LINKS and value:
                self.links.append(value)
            elif name == "srcset" and value:
                self.links += [each.split()[0] for each in value.split(",")]


class Site:
    """The built pages of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @cached_property
    def pages(self) -> dict[Path, Page]:
        """Pages by path, without the theme's own templates."""
        paths = sorted(self.folder.rglob("*.html"))
        templates = self.folder / "_static"
        return {path: Page(path) for path in paths if templates not in path.parents}

    def broken(self) -> list[str]:
        """Return a line for each link that leads nowhere."""
        found = []
        for path, page in self.pages.items():
            for link in dict.fromkeys(page.links):
                fault = self._fault(path, link)
                if fault:
                    found.append(f"{path.relative_to(self.folder)}: {link}: {fault}")
        return found

    def _fault(self, path: Path, link: str) -> str | None:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return None
        target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
        if target.is_dir():
            target /= "index.html"
        if not target.is_file():
            return "no such file"
        place = unquote(parts.fragment)
        # A lone # is the top of a page.
        if place and target in self.pages and place not in self.pages[target].places:
            return "no such place in the page"
        return None


def main() -> None:
    """Print broken links; exit with 1 if there are any, and with 2 without pages."""
    site = Site(Path(sys.argv[1]))
    broken = site.broken()
    n_links = sum(len(page.links) for page in site.pages.values())
    told = f"{n_links:,} links in {len(site.pages):,} pages, {len(broken)} broken\n"
    sys.stdout.write("".join(f"{line}\n" for line in broken) + told)
    sys.exit(2 if not site.pages else bool(broken))


if __name__ == "__main__":
    main()
