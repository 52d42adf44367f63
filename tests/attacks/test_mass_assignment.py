"""Fields that no body should set, in each body that the document knows: named after every column of every table."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from tests.attacks.bodies import body_of, properties_of, writes
from tests.hostile.rows import Side, differences, dump
from tests.projects.builders import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow, pytest.mark.usefixtures("inbox")]
MARK = 987_654_321
# What no endpoint writes at all: who may do what.
OF_RIGHTS = {"auth.User", "projects.Membership", "projects.ApiToken", "projects.Project", "projects.ProjectKey"}
# These keep what was sent as it was sent: a document that is anybody's to fill.
KEPT_WHOLE = {"alerts.TakenIn", "alerts.Occurrence", "alerts.Alert", "debugging.ErrorContext", "core.IdempotentAnswer"}


class _TakenBackError(Exception):
    pass


@contextmanager
def taken_back() -> Iterator[None]:
    around = transaction.atomic()
    around._from_testcase = True
    try:
        with around:
            yield
            raise _TakenBackError
    except _TakenBackError:
        pass


def columns() -> set[str]:
    """Return the names of all. `project` may stand in any body: it is looked up among those that one may write to."""
    fields = (each for model in apps.get_models() for each in model._meta.concrete_fields)
    names = {name for each in fields for name in (each.name, each.attname)}
    return (names | {"pk", "role", "is_admin", "scopes"}) - {"project"}


def is_set(table: str, row: dict[str, Any] | None) -> bool:
    has_mark = row is not None and any(str(MARK) in str(value) for value in row.values())
    return table in OF_RIGHTS or (has_mark and table not in KEPT_WHOLE)


def path_to(path: str, side: Side) -> str:
    named = path.replace("{metric_name}", side.word).replace("{version}", side.word)
    return re.sub(r"\{\w+\}", str(side.number), named)


def test_no_body_sets_what_it_does_not_document(client: Client, settings: Any) -> None:
    settings.API_TOKEN_RATE_PER_MINUTE = settings.API_ADDRESS_RATE_PER_MINUTE = 1_000_000
    side, names, headers = Side("zebra4242", 4242).fill(), columns(), bearer("*")
    assert len(names) > 500
    client.get("/alerts/active", headers=headers)  # its use is noted once a minute
    before, done, wrong = dump(), [], []
    for method, path, schema in writes():

        def send(body: dict[str, Any], method: str = method, path: str = path) -> Any:
            said = json.dumps(body)
            return client.generic(method.upper(), path_to(path, side), said, "application/json", headers=headers)

        body = body_of(schema, side)
        with taken_back():
            expected = send(body).status_code
        with taken_back():
            answer = send({**dict.fromkeys(names - properties_of(schema).keys(), MARK), **body})
            changed = differences(before, dump()) if answer.status_code < 300 else []
        if answer.status_code != expected:
            wrong.append((path, expected, answer.status_code, answer.content[:200]))
        wrong += [(path, table, new) for table, _, new in changed if is_set(table, new)]
        done += [path] if changed else []
    assert wrong == []
    assert len(done) > 15, done
