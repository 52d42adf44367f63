"""The four forms of a document carry the same figures."""

import csv
import html
import io
import json
import re
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest

from sla.reports.canonical import canonical, digest_of
from sla.reports.csv_file import csv_of
from sla.reports.html import html_of, style_source
from sla.reports.pdf import pdf_of
from sla.reports.sheet import sheet_of
from tests.sla.reports.builders import make_document, make_entry, make_exclusion, make_version

DOCUMENT = make_document()
NAMES = ["order_availability", "error_rate", "settlement_uptime"]


def text_of_pdf(document: dict[str, Any]) -> str:
    pdf = pypdfium2.PdfDocument(pdf_of(document, edition="version 1"))
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


def text_of_html(document: dict[str, Any]) -> str:
    body = re.sub(r"<style>.*?</style>", "", html_of(document, edition="version 1"), flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", "\n", body))


@pytest.fixture(scope="module", params=[text_of_pdf, text_of_html], ids=["pdf", "html"])
def text(request) -> str:
    return re.sub(r"\s+", " ", request.param(DOCUMENT))


def after(text: str, start: str) -> str:
    return text[text.index(start) :]


@pytest.mark.parametrize("entry", DOCUMENT["targets"], ids=NAMES)
def test_counts_and_verdicts_read_back_are_those_of_the_json(text: str, entry: dict[str, Any]) -> None:
    overview = after(text, "Targets")
    row = after(overview, entry["metric_name"])
    if entry["value"] is None:
        assert re.search(r"no data", row) and entry["adjusted"]["bad"] == "0"
        return
    bad, valid = (number.replace(",", "") for number in re.search(r"([\d,]+) / ([\d,]+)", row).groups())
    assert (bad, valid) == (entry["adjusted"]["bad"], entry["adjusted"]["valid"])
    left = re.search(r"([−\d.]+)% (?:Met|Missed)", row)[1].replace("−", "-")
    assert Decimal(left) == round(Decimal(entry["adjusted"]["budget_left"]) * 100, 1)
    reached = Decimal(re.search(r"([\d.]+)%(?= [\d,]+ /)", row)[1])
    assert reached == round(Decimal(entry["value"]) * 100, 3)


def test_every_day_reads_back(text: str) -> None:
    part = after(text, "order_availability, over time")
    for row in DOCUMENT["targets"][0]["rows"]:
        found = re.search(rf"{row['label']} ([\d,]+) / ([\d,]+) ([\d.]+)% ([−\d.]+)%", part)
        assert found, row["label"]
        assert (found[1].replace(",", ""), found[2].replace(",", "")) == (row["bad"], row["valid"])
        assert Decimal(found[4].replace("−", "-")) == round(Decimal(row["left"]) * 100, 1)


def test_exclusions_say_who_and_why(text: str) -> None:
    part = after(text, "order_availability, exclusions")
    assert re.search(r"4 Nov 15:30 to 15:50 Maintenance Elena Park: “announced by the venue” 7,702 988", part)


def test_the_seal_and_the_finding_stand_in_each(text: str) -> None:
    assert DOCUMENT["sha256"] in text.replace(" ", "")
    for sentence in DOCUMENT["lede"]:
        assert sentence in text
    assert "1 Nov 2026, 1 h back" in text and "721 h" in text


def test_csv_holds_the_exact_figures() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(DOCUMENT).removeprefix("\ufeff"))))
    assert [row["metric_name"] for row in rows] == NAMES
    for row, entry in zip(rows, DOCUMENT["targets"], strict=True):
        for name in ("value", "valid", "bad", "received", "budget_left", "allowed"):
            expected = entry["adjusted"][name]
            assert row[name] == ("" if expected is None else str(expected)), name
        assert (row["state"], row["sha256"]) == (entry["state"], DOCUMENT["sha256"])
        assert (row["raw_bad"], row["version"]) == (entry["raw"]["bad"], str(entry["version"]["number"]))


def test_no_cell_of_the_csv_is_a_formula_and_negative_figures_stay_figures() -> None:
    version = make_version("order_availability", actor='=HYPERLINK("http://x")', definition={"transaction": "x"})
    document = make_document(make_entry(version, {3: 70_000}))
    (row,) = csv.DictReader(io.StringIO(csv_of(document).removeprefix("\ufeff")))
    assert row["version_by"].startswith("'=") and Decimal(row["budget_left"]) < 0


def test_markup_in_names_stays_text_and_nothing_runs() -> None:
    nasty = "<script>alert(1)</script>"
    entry = make_entry(make_version(actor=nasty), {}, exclusions=(make_exclusion(reason=nasty),))
    page = html_of(make_document(entry)).partition("</style>")[2]
    assert "<script" not in page and "&lt;script&gt;" in page
    assert not re.search(r"\son\w+=|\sstyle=", page)
    assert style_source(DOCUMENT).startswith("'sha256-")


def test_letters_that_the_font_lacks_are_boxes_and_the_rest_is_there() -> None:
    entry = make_entry(make_version(actor="田中 Zoë Łukasz"), {})
    assert "□□ Zoë Łukasz" in text_of_pdf(make_document(entry))


def test_a_report_without_targets_has_all_forms() -> None:
    document = make_document() | {"targets": [], "lede": ["There is no target."]}
    assert "There is no target." in text_of_pdf(document) and "no target" in text_of_html(document)
    assert csv_of(document).count("\n") == 1


def test_the_seal_is_that_of_the_canonical_bytes() -> None:
    content = canonical(DOCUMENT)
    assert digest_of(content) == DOCUMENT["sha256"]
    assert canonical(json.loads(json.dumps(DOCUMENT))) == content
    assert digest_of(canonical(DOCUMENT | {"name": "SLA-2026-12"})) != DOCUMENT["sha256"]


def test_what_is_bad_enough_to_miss_is_never_rounded_to_the_target() -> None:
    entry = make_entry(make_version(target_value=Decimal("0.999"), objective=Decimal("0.999")), {1: 7501})
    (verdict,) = sheet_of(make_document(entry)).verdicts
    assert (verdict.reached, verdict.state) == ("99.89999%", "Missed")
