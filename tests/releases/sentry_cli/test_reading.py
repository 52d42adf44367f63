from datetime import UTC, datetime
from typing import Any

import pytest

from releases.sentry_cli.reading import read_moment, read_names, read_objects, read_text, sentence_of
from tradewatch.core.faults import Invalid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-26T09:24:54.398365891Z", datetime(2026, 11, 26, 9, 24, 54, 398365, tzinfo=UTC)),
        ("2025-11-26T09:00:00Z", datetime(2025, 11, 26, 9, tzinfo=UTC)),
        ("2026-11-26T10:24:54+01:00", datetime(2026, 11, 26, 9, 24, 54, tzinfo=UTC)),
        ("2026-11-26T09:24:54", datetime(2026, 11, 26, 9, 24, 54, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_a_moment_comes_in_utc_with_microseconds(text: str | None, expected: datetime | None) -> None:
    assert read_moment({"at": text}, "at") == expected


@pytest.mark.parametrize("value", ["soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 17, {}, "2" * 99])
def test_what_is_no_moment_is_refused_by_name(value: Any) -> None:
    with pytest.raises(Invalid, match=r"^at is not a"):
        read_moment({"at": value}, "at")


@pytest.mark.parametrize(
    ("value", "expected"), [(None, []), ([], []), (["oms", 3, "oms"], ["oms", "3"]), (["a", "b"], ["a", "b"])]
)
def test_names_come_once(value: Any, expected: list[str]) -> None:
    assert read_names({"projects": value}, "projects") == expected


@pytest.mark.parametrize("value", ["oms", {"oms": 1}, [None], [True], [["oms"]], ["x"] * 101])
def test_what_is_no_list_of_names_is_refused(value: Any) -> None:
    with pytest.raises(Invalid, match=r"^projects (is|are) "):
        read_names({"projects": value}, "projects")


@pytest.mark.parametrize("value", [1, [], {}, True])
def test_what_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(Invalid, match="url is not a text"):
        read_text({"url": value}, "url")


@pytest.mark.parametrize("value", ["x", {}, [1], [{}, {}, {}]])
def test_what_is_no_list_of_objects_is_refused(value: Any) -> None:
    with pytest.raises(Invalid, match=r"^refs (is|are) "):
        read_objects({"refs": value}, "refs", most=2)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"detail": "no such release", "errors": {}}, "no such release"),
        (
            {"detail": "bad release", "errors": {"version": ["is empty"], "url": ["is long", "is odd"]}},
            "bad release: version is empty; url is long; url is odd",
        ),
        ({}, "request failure"),
    ],
)
def test_an_error_is_one_sentence(body: Any, sentence: str) -> None:
    assert sentence_of(body) == sentence
