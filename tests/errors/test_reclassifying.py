import pytest

from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import ClassificationRule, Event, Issue
from tradewatch.errors.reclassifying import Reclassification, reclassify
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def categories() -> dict[str, tuple[str, str]]:
    return {
        kind: (category, severity)
        for kind, category, severity in Issue.objects.values_list("exception_type", "category", "severity")
    }


def test_a_new_rule_reaches_the_issues_that_are_there() -> None:
    digest(make_event(make_exception("Odd", frames=[])), make_event(make_exception("MemoryError", frames=[])))
    assert categories() == {"Odd": ("order_execution", "error"), "MemoryError": ("system", "critical")}
    rule = ClassificationRule.objects.create(
        name="odd", category="security", severity="critical", exception_type="^Odd$", position=1
    )
    ClassificationRule.objects.filter(name="Out of memory").delete()
    result = reclassify(SYSTEM, make_project())
    assert result == Reclassification(examined=2, changed=2, next_below_id=None)
    # the level that the event itself had is back where a rule no longer says otherwise
    assert categories()["Odd"] == ("security", "critical")
    assert categories()["MemoryError"][1] == "error"
    odd = Issue.objects.get(exception_type="Odd")
    assert (odd.classified_by, odd.classified_why) == (rule, "exception type matches ^Odd$")
    assert AuditEntry.objects.get().changes == {"issues": [None, 2]}
    assert reclassify(SYSTEM, make_project()).changed == 0


def test_in_steps_from_the_newest_on() -> None:
    digest(*(make_event(make_exception(f"Fault{letter}")) for letter in "ABCDE"))
    first = reclassify(SYSTEM, make_project(), limit=2)
    second = reclassify(SYSTEM, make_project(), limit=2, below_id=first.next_below_id)
    third = reclassify(SYSTEM, make_project(), limit=2, below_id=second.next_below_id)
    assert [step.examined for step in (first, second, third)] == [2, 2, 1]
    assert third.next_below_id is None


def test_an_issue_without_stored_events_keeps_its_category() -> None:
    digest(make_event(make_exception("MemoryError", frames=[])))
    Event.objects.all().delete()
    ClassificationRule.objects.all().delete()
    assert reclassify(SYSTEM, make_project()).changed == 0
    assert categories() == {"MemoryError": ("system", "critical")}


def test_it_takes_a_manager() -> None:
    responder = make_user(role=Role.RESPONDER)
    with pytest.raises(NotAllowed):
        reclassify(Actor("user", responder.pk, "ann"), make_project())
