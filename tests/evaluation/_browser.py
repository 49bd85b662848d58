"""A headless browser: what a page looks like, and what it says of itself."""

import html
import json
import re
import shutil
import subprocess

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)

# A window of a browser is at least 500 pixels wide; a frame is as wide as a phone.
_FRAME = """<!DOCTYPE html><html><body style="margin:0"><pre id="found">not loaded</pre>
<iframe id="page" style="border:0;width:{width}px;height:900px" src="{name}"></iframe><script>
const errors = [];
document.getElementById("page").addEventListener("load", () => {{
  const page = document.getElementById("page").contentDocument, view = page.defaultView;
  const pictures = [...page.querySelectorAll("img, svg")];
  const told = e => e.getAttribute("alt") || e.getAttribute("aria-label");
  const all = [...page.querySelectorAll("body *:not(svg *)")];
  const outside = all.filter(e => !e.closest(".scroll"));
  document.getElementById("found").textContent = JSON.stringify({{
    viewport: page.documentElement.clientWidth,
    width: page.documentElement.scrollWidth,
    sticking_out: outside.filter(e => e.getBoundingClientRect().right > {width} + 1)
      .map(e => e.tagName),
    scrolling: [...page.querySelectorAll(".scroll")].filter(e => e.scrollWidth > e.clientWidth)
      .map(e => e.getAttribute("aria-label")),
    pictures: pictures.length,
    without_alt: pictures.filter(e => !told(e)).length,
    scripts: page.querySelectorAll("script, iframe, object, [onerror], [onload]").length,
    headings: [...page.querySelectorAll("h1, h2")].map(e => e.textContent),
    paper: view.getComputedStyle(page.body).backgroundColor,
    ink: view.getComputedStyle(page.body).color,
    title: page.title,
  }});
}});
</script></body></html>"""


def _run(profile, *arguments):
    return subprocess.run(
        [
            *(BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            *("--disable-dev-shm-usage", "--no-first-run", "--enable-logging=stderr"),
            *("--allow-file-access-from-files", f"--user-data-dir={profile}", *arguments),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def _scheme(dark):
    return ["--blink-settings=preferredColorScheme=0"] if dark else []


def look(path, folder, *, width, dark=False):
    """Return what the page at a path is in a browser, with what its console said."""
    frame = path.with_name(f"frame_{width}.html")
    frame.write_text(_FRAME.format(width=width, name=path.name), encoding="utf-8")
    done = _run(
        folder / "profile",
        *(*_scheme(dark), "--window-size=1300,900", "--virtual-time-budget=4000", "--dump-dom"),
        frame.as_uri(),
    )
    (found,) = re.findall(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(found)) | {"console": console}


def photograph(path, picture, folder, *, width, height, dark=False):
    """Write a screenshot of the page, at the width of a phone or of a desk."""
    frame = path.with_name(f"photo_{width}.html")
    frame.write_text(
        f'<body style="margin:0"><iframe style="border:0;width:{width}px;height:{height}px" '
        f'src="{path.name}"></iframe>',
        encoding="utf-8",
    )
    _run(
        folder / "profile",
        *(*_scheme(dark), f"--window-size={max(width, 520)},{height}"),
        *("--virtual-time-budget=4000", f"--screenshot={picture}"),
        frame.as_uri(),
    )
