"""Tables that fit a console and fold no word: columns without room come below the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from rich.cells import cell_len

# A column has a space on both sides and a line; the table has one line more.
_BESIDE, _EDGE = 3, 1


def longest_word(text: str) -> int:
    """Return how many cells the longest word of a text takes."""
    return max(map(cell_len, text.split()), default=0)


def column_blocks(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> list[dict[int, int]] | None:
    """Divide the columns of a table into blocks that fit a width without folding a word.

    Parameters
    ----------
    columns : sequence of str
        The headings.
    rows : sequence of sequence of str
        The cells of each row.
    width : int
        Cells in a line.

    Returns
    -------
    blocks : list of dict or None
        For each block the numbers of its columns and how wide each is; the first column leads
        each block. None if a word is too long for any block.

    Examples
    --------
    >>> from novin_ml.cli.layout import column_blocks
    >>> rows = [["front door", "12", "3"]]
    >>> column_blocks(["", "found", "lost"], rows, width=30)
    [{0: 10, 1: 5, 2: 4}]
    >>> column_blocks(["", "found", "lost"], rows, width=19)
    [{0: 7, 1: 5}, {0: 8, 2: 4}]
    >>> column_blocks(["", "found", "lost"], rows, width=9) is None
    True
    """
    texts = [[heading, *(cells[j] for cells in rows)] for j, heading in enumerate(columns)]
    # A column of nothing takes a cell too.
    least = [max(1, *map(longest_word, column)) for column in texts]
    whole = [max(1, *map(cell_len, column)) for column in texts]

    def lacks(block: Sequence[int], sizes: Sequence[int]) -> int:
        return sum(sizes[j] for j in block) + _BESIDE * len(block) + _EDGE - width

    blocks = [[0]]
    for j in range(1, len(texts)):
        if len(blocks[-1]) > 1 and lacks([*blocks[-1], j], least) > 0:
            blocks.append([0])
        blocks[-1].append(j)
    if any(lacks(block, least) > 0 for block in blocks):
        return None
    found = []
    for block in blocks:
        sizes = list(whole)
        while lacks(block, sizes) > 0:
            sizes[max(block, key=lambda j: (sizes[j] > least[j], sizes[j]))] -= 1
        found.append({j: sizes[j] for j in block})
    return found


def as_records(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    r"""Return the cells of a table as lines, each with its heading.

    Examples
    --------
    >>> from novin_ml.cli.layout import as_records
    >>> print("\n".join(as_records(["", "found", "lost"], [["front door", "12", "3"]])))
    front door
      found: 12
      lost: 3
    """
    return list(chain.from_iterable(_record(columns, cells) for cells in rows))


def _record(columns: Sequence[str], cells: Sequence[str]) -> list[str]:
    first, *rest = (
        f"{heading}: {cell}" if heading else cell
        for heading, cell in zip(columns, cells, strict=True)
    )
    return [first, *(f"  {each}" for each in rest)]
