"""What is wrong with a query, and where."""

from tradewatch.core.faults import Invalid


class BadQuery(Invalid):
    """`at` counts the characters before the fault; `expected` says what would be right there."""

    def __init__(self, at: int, expected: str, *, found: str = "") -> None:
        detail = f"expected {expected}" + (f", found {found}" if found else "") + f", at character {at + 1}"
        super().__init__(detail, errors={"q": [detail]})
        self.at = at
        self.expected = expected
