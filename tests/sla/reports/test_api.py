import csv
import io
import os
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.utils import timezone

from sla.reports import forms
from sla.reports.apart import pdf_apart
from sla.reports.canonical import canonical, digest_of
from tests.projects.builders import bearer, make_project
from tests.sla.reports.builders import make_document
from tests.sla.reports.rows import count_minutes, make_target
from tradewatch.core.faults import Invalid

pytestmark = pytest.mark.django_db
PATH = "/sla/report"


def ask(client: Client, *, scopes: str = "sla:read", **query: Any) -> Any:
    return client.get(PATH, query, headers=bearer(scopes))


def counted() -> None:
    recent = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=2)
    count_minutes(make_target(), {recent: (2000, 1)})


def test_the_json_is_the_sealed_document(client: Client) -> None:
    counted()
    found = ask(client, period_days=7).json()
    assert found["sha256"] == digest_of(canonical(found))
    (target,) = found["targets"]
    assert (target["adjusted"]["valid"], target["adjusted"]["bad"], target["value"]) == ("2000", "1", "0.9995")
    assert (target["adjusted"]["received"], target["state"]) == (2000, "met")
    assert ask(client, period_days=7, format="json").json()["name"] == found["name"]


def test_html_comes_with_its_own_styles_allowed_and_nothing_else(client: Client) -> None:
    counted()
    answer = ask(client, format="html")
    assert answer["Content-Type"].startswith("text/html") and "1 / 2,000" in answer.content.decode()
    assert (
        "style-src 'sha256-" in answer["Content-Security-Policy"] and "unsafe" not in answer["Content-Security-Policy"]
    )


def test_csv_is_a_file(client: Client) -> None:
    counted()
    answer = ask(client, format="csv", period_days=7)
    assert answer["Content-Disposition"].startswith('attachment; filename="SLA-7d-')
    (row,) = csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff")))
    assert (row["valid"], row["bad"], row["state"]) == ("2000", "1", "met")


def test_the_pdf_is_drawn_in_a_process_of_its_own(client: Client) -> None:
    counted()
    answer = ask(client, format="pdf")
    assert answer["Content-Type"] == "application/pdf"
    pdf = pypdfium2.PdfDocument(answer.content)
    assert "1 / 2,000" in pdf[0].get_textpage().get_text_range()
    pdf.close()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"format": "xlsx"}, "format"),
        ({"period": "2026-13"}, "period"),
        ({"period": "2999"}, "period"),
        ({"period_days": "-1"}, "period_days"),
        ({"period": "2026-10", "period_days": "3"}, "period"),
    ],
)
def test_nonsense_is_refused_by_name(client: Client, query: dict[str, str], field: str) -> None:
    make_target()
    answer = ask(client, **query)
    assert answer.status_code == 400 and answer.json()["errors"].keys() == {field}


def test_it_needs_its_scope_and_a_visible_project(client: Client) -> None:
    make_target()
    assert client.get(PATH).status_code == 401
    assert ask(client, scopes="alerts:read").status_code == 403
    theirs = make_project("theirs")
    headers = bearer("*", projects=[make_project()])
    assert client.get(PATH, {"project": theirs.slug}, headers=headers).status_code == 404
    assert client.get(PATH + "/", headers=headers).status_code == 200
    assert client.post(PATH, headers=headers).status_code == 405


def test_a_pdf_that_fails_or_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    document = make_document()
    monkeypatch.setattr("sla.reports.apart.TIMEOUT_SECONDS", 0.01)
    with pytest.raises(Invalid, match="took over"):
        pdf_apart(document)
    monkeypatch.undo()
    with pytest.raises(Invalid, match="PDF failed"):
        pdf_apart({"name": os.name})


def test_files_are_named_after_report_project_and_version() -> None:
    file = forms.file_of(make_document(), "csv", edition="version 2")
    assert (file.name, file.content_type) == ("SLA-2026-11-trading-api-v2.csv", "text/csv; charset=utf-8")
    sealed = make_document()
    assert digest_of(forms.file_of(sealed, "json").content) == sealed["sha256"]
