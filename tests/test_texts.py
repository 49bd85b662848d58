"""Texts of users in a terminal, a page, a plot, a card and a list: each medium has one door."""

import ast
import csv
import io
import shlex
import unicodedata
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

import novin_ml
from novin_ml.cli.output import Output
from novin_ml.evaluation.report import _figures
from novin_ml.evaluation.report import html as h
from novin_ml.evaluation.report._parts import AlarmCurve, Curve
from novin_ml.evaluation.report.svg import svg
from novin_ml.events.files.report import Reject, to_table, write_rejects
from novin_ml.files import write_csv
from novin_ml.texts import in_markdown, in_shell, in_terminal, visible

PACKAGE = Path(novin_ml.__file__).parent
BENCHMARKS = PACKAGE.parent / "benchmarks"
#: What has a meaning to somebody's grammar.
NASTY = [
    *("[red]a[/red]", "[/]", "[link=x]", ":bomb:", "\\[b]", "$a_b$", "$5", "_quiet", "__init__"),
    *("<script>alert(1)</script>", "a|b", "`x`", "**b**", "# h", "![x](y)", "&amp;", '"q"', "'"),
    *("two\nlines", "tab\there", "\x1b[31mred\x1b[0m", "\x07", "\x9b1m", "\x00", "\u202eevil"),
    *(
        "\u200b",
        "\ud800",
        "\udcff",
        "\u623f\u5c4b",
        "\u0645\u06cc\u200c\u062e\u0648\u0627",
        "e\u0301",
    ),
    *("\U0001f469\u200d\U0001f680", "=1+1", "+1", "-2", "@sum(a)", "\t=1", "", " ", "{}", "%s"),
    *("a" * 200, "\U000e0041", "\ufeffx", "\u2028"),
]
LETTERS = st.characters(min_codepoint=0)
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(LETTERS, max_size=30),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=3).map("".join),
)
ENCODINGS = ["ascii", "cp1252", "utf-8"]
JOINERS = "\u200c\u200d"
#: Where a line of a table begins.
BORDERS = "\u250c\u250f\u2502\u2503\u2514\u2521+|"
SVG_TAGS = {"svg", "defs", "style", "g", "path", "text", "use", "clippath", "rect", "tspan"}
few = settings(max_examples=30)


def printed(encoding, say):
    """Return what a command prints to a pipe of an encoding, 80 columns wide."""
    stream = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        pipe = io.TextIOWrapper(stream, encoding, newline="", write_through=True)
        patch.setattr("sys.stdout", pipe)
        say(Output(as_json=False, quiet=False))
        return stream.getvalue().decode(encoding)


def check_shown(text):
    """No letter moves the cursor, hides or turns the line around."""
    for letter in text:
        kind = unicodedata.category(letter)
        assert letter in JOINERS or kind not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"), kind


@pytest.mark.parametrize("encoding", ENCODINGS)
@few
@given(text=TEXTS)
def test_a_line_in_a_terminal_is_the_text(encoding, text):
    out = printed(encoding, lambda output: output.line(f"saved to {text}"))
    assert out == f"saved to {in_terminal(text, encoding)}\n"
    check_shown(out[:-1])
    readable = [c for c in text if c.isascii() and c.isprintable()]
    left = iter(out)
    assert all(letter in left for letter in readable), "in their order"


@pytest.mark.parametrize("encoding", ENCODINGS)
@few
@given(
    title=TEXTS,
    columns=st.lists(TEXTS | TEXTS.map(" {}".format), min_size=1, max_size=9),
    data=st.data(),
)
def test_a_table_in_a_terminal_folds_no_word_within_80_columns(encoding, title, columns, data):
    cells = TEXTS | TEXTS.map("  {}".format)
    row = data.draw(st.lists(cells, min_size=len(columns), max_size=len(columns)))
    out = printed(encoding, lambda output: output.table(title, columns, [row]))
    wanted = [in_terminal(text, encoding).split() for text in (title, *columns, *row)]
    widest = max((cell_len(word) for words in wanted for word in words), default=0)
    # What is too wide for a table is a list of "column: text"; a column may begin as a border does.
    listed = tuple(f"{in_terminal(column, encoding)}:" for column in columns)
    for line in out.splitlines():
        check_shown(line)
        in_table = line[:1] in BORDERS and not line.lstrip().startswith(listed)
        assert cell_len(line) <= 80 or (widest > 30 and not in_table)
    for word in {word for words in wanted for word in words}:
        assert word in out


@given(text=TEXTS.filter(bool))
def test_a_path_in_a_shell_is_one_word_and_no_option(text):
    (word,) = shlex.split(in_shell(text))
    assert word.removeprefix("./") == text.removeprefix("./")
    assert not word.startswith("-")


def test_the_document_of_a_command_is_ascii(capsys):
    output = Output(as_json=True, quiet=False)
    output.add("labels", NASTY)
    output.finish()
    assert capsys.readouterr().out.isascii()


class Texts(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@few
@given(text=TEXTS)
def test_a_name_in_a_page_is_text(text):
    page = h.table(text, [text, "b"], [[h.name(text), text], [h.stacked(text), h.items([text])]])
    plain = h.table("t", ["a", "b"], [[h.name("c"), "d"], [h.stacked("e"), h.items(["f"])]])
    found = Texts(page)
    assert [tag for tag in found.tags if tag != "wbr"] == Texts(plain).tags
    assert visible(text) in found.text
    check_shown(found.text.replace("\n", ""))
    page.encode("utf-8")


@few
@given(text=TEXTS)
def test_a_name_in_a_card_is_one_cell(text):
    table = f"| a | b |\n| --- | --- |\n| {in_markdown(text, 300)} | {in_markdown(text, 300)} |\n"
    found = Texts(MarkdownIt("commonmark", {"html": True}).enable("table").render(table))
    assert found.tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]
    name = " ".join(visible(text, 300).split())
    assert " ".join(found.text.split()) == " ".join(f"a b {name} {name}".split())


@pytest.mark.parametrize("start", range(0, len(NASTY), 8))
def test_a_name_in_a_plot_is_drawn(start):
    names = NASTY[start : start + 8]
    ends = [0.0, 1.0]
    alarms = [AlarmCurve(name, 9, ends, [2.0, 1.0], ends, [], 0.5) for name in names]
    curves = [Curve(name, 9, 0.5, ends, ends) for name in names]
    counts = np.ones((len(names), len(names)), dtype=int).tolist()
    for draw in (
        lambda axes: _figures.false_alarms(axes, alarms),
        lambda axes: _figures.roc(axes, curves),
        lambda axes: _figures.precision_recall(axes, curves),
        lambda axes: _figures.confusion(axes, names, counts),
    ):
        drawn = svg(draw, names[0], "figure")
        shown = Texts(drawn)
        check_shown(shown.text.replace("\n", ""))
        assert {*shown.tags} <= SVG_TAGS
        drawn.encode("utf-8")
        for name in names:
            assert visible(name, 18).removesuffix("\u2026").strip() in shown.text


@few
@given(text=TEXTS)
@example(text="\r")
def test_a_list_of_rejects_has_no_formula(text, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "rejects.csv"
    write_rejects(to_table([Reject(text, 1, "label", text, text)]), path)
    (row,) = pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
    for cell in row.values():
        try:
            float(cell)
        except ValueError:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@few
@given(text=TEXTS)
@example(text="a\rb")
@example(text="\r")
def test_a_table_that_programs_read_keeps_each_text(text, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "table.csv"
    # Half a surrogate pair is no text of UTF-8.
    known = text.encode("utf-8", "backslashreplace").decode()
    texts = pd.Series([text, "next"], dtype=object)
    write_csv(pd.DataFrame({"name": texts, "n": [1, 2]}), path)
    with path.open(encoding="utf-8", newline="") as stream:
        assert [*csv.reader(stream)] == [["name", "n"], [known, "1"], ["next", "2"]]


@cache
def calls(source):
    """Return the calls of a module with the last part of what is called."""
    nodes = ast.walk(ast.parse(source.read_text(encoding="utf-8")))
    functions = [(node, node.func) for node in nodes if isinstance(node, ast.Call)]
    return [(node, getattr(f, "attr", getattr(f, "id", ""))) for node, f in functions]


def called(source, *names):
    return [node for node, name in calls(source) if name in names]


def sources(*doors):
    """Return the modules of the package besides those that are the doors."""
    return [
        path for path in sorted(PACKAGE.rglob("*.py")) if path not in {PACKAGE / d for d in doors}
    ]


def test_no_module_goes_around_the_doors():
    """Whatever writes to a medium is in the module that is its door."""
    doors = {
        ("Console", "Table", "Text"): [
            "cli/console.py",
            "estimators/progress.py",
            # Their Text is a phrase of ours.
            *(f"estimators/words/_{name}.py" for name in ("behavior", "chains", "events")),
            "estimators/words/phrases.py",
            "estimators/words/phrasebooks.py",
            "estimators/words/_factors.py",
            "estimators/words/_numbers.py",
        ],
        ("echo", "secho", "print"): ["cli/console.py", "cli/output.py", "cli/app.py"],
        ("quote",): ["texts.py"],
        # The second one looks for what the first has written.
        ("escape",): ["evaluation/report/html.py", "lifecycle/forgetting/places.py"],
        ("savefig",): ["evaluation/report/svg.py", "federated/plot.py", "compute/plot.py"],
        # Tables that programs read keep each text; lists for people are written by write_rejects.
        ("to_csv",): [
            "files.py",
            "events/files/report.py",
        ],
    }
    for names, modules in doors.items():
        for source in sources(*modules):
            lines = [node.lineno for node in called(source, *names)]
            assert not lines, f"{source}: {names} in lines {lines}"


def test_consoles_take_texts_for_texts():
    paths = [PACKAGE / "cli/console.py", PACKAGE / "estimators/progress.py"]
    consoles = [
        node for path in [*paths, *BENCHMARKS.glob("*.py")] for node in called(path, "Console")
    ]
    assert len(consoles) > 5
    for node in consoles:
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        assert given["markup"] == given["emoji"] == "False", f"line {node.lineno}"


def test_labels_of_curves_pass_the_door_of_plots():
    """A label is a constant, or begins with the door's text."""
    sources = [PACKAGE / f"{of}/_figures.py" for of in ("evaluation/report", "lifecycle/drift")]
    trees = [ast.parse(source.read_text(encoding="utf-8")) for source in sources]
    for node in [node for tree in trees for node in ast.walk(tree)]:
        if isinstance(node, ast.keyword) and node.arg in ("label", "name", "display_labels"):
            text = ast.unparse(node.value)
            known = isinstance(node.value, ast.Constant) or text in ("name", "names")
            assert known or text.startswith(("in_plot(", "f'{in_plot(")), text
