from typing import Any

import pytest

from sla.models import Correction
from sla.queries import corrections_of
from sla.services.corrections import add_correction, withdraw_correction
from tests.projects.builders import make_project, make_user
from tests.sla.promises import DAY, HOUR, NOW, make_correction, make_target
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def test_a_correction_says_who_why_and_is_found_where_it_touches() -> None:
    row = make_correction()
    assert (row.actor, row.reason, row.target, row.withdrawn_at) == ("TradeWatch", "database moved", None, None)
    ids = [row.project_id]
    touched = [(NOW - 3 * HOUR, NOW - 2 * HOUR), (NOW - 3 * HOUR, NOW - HOUR), (NOW - HOUR, NOW)]
    assert [list(corrections_of(ids, *times)) for times in touched] == [[], [row], []]


def test_a_withdrawn_correction_counts_no_more_and_stays_on_record() -> None:
    row, project = make_correction(), make_project()
    gone = withdraw_correction(SYSTEM, row, now=NOW)
    assert (gone.withdrawn_at, gone.withdrawn_by) == (NOW, "TradeWatch")
    assert withdraw_correction(SYSTEM, row, now=NOW + DAY).withdrawn_at == NOW
    assert not corrections_of([project.pk], NOW - DAY, NOW).exists() and Correction.objects.count() == 1
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "correction.add",
        "correction.withdraw",
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_at": NOW - 2 * HOUR}, "ends_at"),
        ({"ends_at": NOW + 366 * DAY}, "ends_at"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"kind": "luck"}, "kind"),
        ({"environment": "x" * 65}, "environment"),
    ],
)
def test_each_fault_names_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as fault:
        make_correction(**wrong)
    assert list(fault.value.errors) == [field]
    assert not Correction.objects.exists()


def test_a_target_of_another_project_is_refused() -> None:
    with pytest.raises(Invalid) as fault:
        make_correction(target=make_target(project=make_project("other")))
    assert list(fault.value.errors) == ["target"]


def test_what_is_pushed_again_by_its_key_is_one_correction_that_moves() -> None:
    first = make_correction(source_key="deployment:7")
    again = make_correction(source_key="deployment:7")
    moved = make_correction(source_key="deployment:7", ends_at=NOW)
    assert first.pk == again.pk == moved.pk and Correction.objects.get().ends_at == NOW
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["correction.add", "correction.move"]
    make_correction()
    make_correction()
    assert Correction.objects.count() == 3  # without a key each is one of its own


def test_what_a_person_withdrew_is_not_pushed_back() -> None:
    withdraw_correction(SYSTEM, make_correction(source_key="deployment:7"), now=NOW)
    make_correction(source_key="deployment:7", ends_at=NOW)
    assert Correction.objects.get().withdrawn_at == NOW
    assert Correction.objects.get().ends_at == NOW - HOUR


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_less_than_a_manager_corrects_nothing(role: Role) -> None:
    row, user = make_correction(), make_user(role=role)
    actor = Actor(kind="user", id=user.pk, label=user.username)
    with pytest.raises(NotAllowed):
        make_correction(actor=actor)
    with pytest.raises(NotAllowed):
        withdraw_correction(actor, row, now=NOW)
    assert Correction.objects.get().withdrawn_at is None


def test_a_managers_name_stands_on_it() -> None:
    user = make_user("elena", role=Role.MANAGER)
    values = {"kind": "other", "starts_at": NOW - HOUR, "ends_at": NOW, "reason": "auction halted"}
    row = add_correction(Actor(kind="user", id=user.pk, label="elena"), make_project(), **values)
    assert (row.actor, row.user_id) == ("elena", user.pk)
