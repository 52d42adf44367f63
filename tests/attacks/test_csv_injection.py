"""No cell of any export is one that a spreadsheet would run: whoever writes CSV does it by one of two writers.

What leaves by each export: tests/dashboard/issue_list/test_export.py, tests/dashboard/logs,
tests/admin/test_audit_export.py, tests/sla/reports/test_forms.py.
"""

import ast
import csv
import io
from pathlib import Path

import pytest

from tests.core.test_public_routes import ROUTES
from tradewatch.core.csv_cells import FORMULA_STARTS, csv_lines

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
FORMULAS = (
    '=cmd|"/C calc"!A0',
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    '","=1',
    "a\n=2,b",
    '=HYPERLINK("//e")',
)
# Each makes its cells safe: the one for all streamed files, and that of reports, whose figures may be negative.
WRITERS = {"tradewatch/core/csv_cells.py", "sla/reports/csv_file.py"}
EXPORTS = {"issues/export.csv", "logs/export.<slug:kind>"}


def cells_of(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for cell in row]


def test_nobody_else_writes_csv() -> None:
    found = set()
    for package in ("tradewatch", "alerts", "sla", "releases", "debugging"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            if "csv" in text and any(_writes_csv(node) for node in ast.walk(ast.parse(text))):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == WRITERS
    assert {route for route in ROUTES if "csv" in route or "export" in route if not route.endswith("/")} == EXPORTS


def _writes_csv(node: ast.AST) -> bool:
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return name in ("csv.writer", "csv.DictWriter", "writer", "DictWriter")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_line_has_no_formula(text: str) -> None:
    cells = cells_of("".join(csv_lines(["a", "b"], [[text, 1], [f"x{text}", text]])))
    assert len(cells) == 6  # a text that holds quotes and line ends opens no cell of its own
    assert not [cell for cell in cells if cell.startswith(FORMULA_STARTS)]
