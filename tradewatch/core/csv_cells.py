"""CSV that is safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator

# https://owasp.org/www-community/attacks/CSV_Injection: what makes a spreadsheet take a cell for a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UTF8_MARK = "\ufeff"  # tells Excel that a file is UTF-8


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a file line by line, each as soon as its row is made."""
    writer = csv.writer(_Echo())
    yield UTF8_MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def safe_cell(value: object) -> object:
    """Return text with an apostrophe before what a spreadsheet would run; numbers as they are."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text
