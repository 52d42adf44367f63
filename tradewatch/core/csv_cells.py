"""CSV that is safe to open in a spreadsheet."""

# https://owasp.org/www-community/attacks/CSV_Injection: what makes a spreadsheet take a cell for a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UTF8_MARK = "\ufeff"  # tells Excel that a file is UTF-8


class Echo:
    """A file that gives back what is written, so that a row is sent as soon as it is made."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: object) -> object:
    """Return text with an apostrophe before what a spreadsheet would run; numbers as they are."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value
