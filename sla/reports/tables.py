"""Tables and facts of a report as finished texts, whatever draws them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    text: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`sub` stands under the text, muted; `badge` names the style of a state."""

    text: str
    sub: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """`is_hot`: it stands out, as its figure is worse than the target."""

    cells: tuple[Cell, ...]
    is_hot: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    note: str = ""
    is_dense: bool = False

    @property
    def rows(self) -> list[tuple[Line, list[tuple[Head, Cell]]]]:
        """The lines, each cell with its head."""
        return [(line, list(zip(self.heads, line.cells, strict=True))) for line in self.lines]


@dataclass(frozen=True, slots=True)
class Facts:
    items: tuple[tuple[str, str], ...]
