from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.projects.builders import make_project
from tradewatch.core import audit
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.models import AppendOnlyError, AuditEntry

pytestmark = pytest.mark.django_db


def an_entry(**fields: object) -> AuditEntry:
    audit.record(Actor("user", 7, "ann", "192.0.2.7"), "issue.resolve", make_project(), **fields)
    return AuditEntry.objects.latest("id")


def test_an_entry_says_who_did_what_to_what() -> None:
    moment = timezone.now()
    entry = an_entry(project_id=3, changes={"at": [None, moment]})
    assert (entry.actor_kind, entry.actor_id, entry.actor_label, entry.address) == ("user", 7, "ann", "192.0.2.7")
    assert (entry.action, entry.object_type, entry.object_label) == ("issue.resolve", "projects.project", "Default")
    entry.refresh_from_db()
    assert entry.changes["at"][0] is None and entry.changes["at"][1].startswith(str(moment.year))


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.update(action="x"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: AuditEntry.objects.all().delete(),
    ],
)
def test_code_can_neither_change_nor_delete_an_entry(change) -> None:
    entry = an_entry()
    with pytest.raises(AppendOnlyError):
        change(entry)
    assert AuditEntry.objects.get(pk=entry.pk).action == "issue.resolve"


def test_the_database_refuses_an_update_too() -> None:
    entry = an_entry()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditentry SET action = 'x' WHERE id = %s", [entry.pk])
    assert AuditEntry.objects.get(pk=entry.pk).action == "issue.resolve"


def test_what_is_older_than_the_retention_is_forgotten_and_nothing_else(settings) -> None:
    settings.AUDIT_RETENTION = timedelta(days=10)
    old, young = an_entry(), an_entry()
    assert audit.forget_old_entries(now=timezone.now() + timedelta(days=9)) == 0
    assert audit.forget_old_entries(now=young.at + timedelta(days=10)) == 1
    assert [entry.pk for entry in AuditEntry.objects.all()] == [young.pk]
    assert old.at < young.at


def test_a_label_of_any_length_fits() -> None:
    audit.record(Actor("token", 1, "x" * 500), "a.b", make_project())
    audit.record(SYSTEM, "a.b", make_project())
    assert [len(entry.actor_label) for entry in AuditEntry.objects.order_by("id")] == [200, 10]


def test_many_entries_are_what_one_by_one_would_be() -> None:
    actor, project = Actor("token", 3, "ci", "192.0.2.7"), make_project()
    audit.record(actor, "alert.open", project, project_id=5, changes={"state": ["firing", None]})
    audit.record_all([audit.entry(actor, "alert.open", project, project_id=5, changes={"state": ["firing", None]})])
    audit.record_all([])
    one, many = AuditEntry.objects.order_by("id").values()
    assert {**many, "id": 0, "at": 0} == {**one, "id": 0, "at": 0}
