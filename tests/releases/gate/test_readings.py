from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from releases.gate.budgets import budgets_of, read_budgets
from releases.gate.retention import forget_old_answers
from releases.models import BudgetReading, GateAnswer
from sla.choices import CorrectionKind
from sla.collecting import collect
from sla.minutes.values import UNIT, Sums
from sla.models import MinuteBlock, Target
from sla.services.corrections import add_correction
from tests.projects.builders import make_project
from tests.releases.builders import MINUTE, make_deployment
from tests.releases.gate.builders import HOUR
from tests.sla.figures.stored import add_version, make_target, measure_of, store
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
NOW = timezone.now()
AGO = timedelta(days=2)


def spent(**fields: object) -> Target:
    """A target whose budget went two days ago, in a project that deploys."""
    make_deployment(started_at=NOW - HOUR)
    target = make_target("orders", **fields)
    minute = int((NOW - AGO).timestamp()) // 60 * 60
    store(measure_of(target), {minute: Sums(1000 * UNIT, 20 * UNIT, 1000, 20, 1)})
    return target


def remaining(now: object = NOW) -> list[float | None]:
    return [each.remaining for each in budgets_of(make_project().pk, "production", now)]  # type: ignore[arg-type]


def forget_counts() -> None:
    """Take away what figures are made of: what still knows them has read them before."""
    MinuteBlock.objects.all().delete()


def test_what_the_tick_read_is_what_would_be_worked_out() -> None:
    spent()
    worked_out = budgets_of(make_project().pk, "production", NOW)
    assert read_budgets(NOW) == 1
    assert budgets_of(make_project().pk, "production", NOW) == worked_out
    forget_counts()
    assert remaining() == [-1.0] and worked_out[0].is_spent and worked_out[0].has_enough


def test_a_reading_holds_three_minutes() -> None:
    spent()
    read_budgets(NOW)
    forget_counts()
    assert remaining(NOW + 2 * MINUTE) == [-1.0]
    assert remaining(NOW + 3 * MINUTE) == [None]
    assert remaining(NOW - MINUTE) == [None]  # a clock that was set back


def test_no_reading_of_another_version_holds() -> None:
    target = spent()
    read_budgets(NOW)
    add_version(target, target_value=Decimal("0.9"), objective=Decimal("0.9"), measure=measure_of(target))
    assert remaining() == [0.8]


def test_no_reading_under_other_corrections_holds() -> None:
    spent()
    read_budgets(NOW)
    add_correction(
        SYSTEM,
        make_project(),
        kind=CorrectionKind.MAINTENANCE,
        starts_at=NOW - AGO - HOUR,
        ends_at=NOW - AGO + HOUR,
        reason="Disks",
    )
    assert remaining() == [None]


def test_only_projects_that_deploy_are_read() -> None:
    make_target("orders")
    make_deployment(project=make_project("other"), started_at=NOW - timedelta(days=31))
    make_target("orders", project=make_project("other"))
    assert read_budgets(NOW) == 0
    GateAnswer.objects.create(project=make_project(), environment="staging", asked_at=NOW, decision="go")
    assert (read_budgets(NOW), read_budgets(NOW), BudgetReading.objects.count()) == (1, 1, 1)


def test_archived_targets_are_left_alone() -> None:
    target = spent()
    read_budgets(NOW)
    Target.objects.filter(pk=target.pk).update(archived_at=NOW)
    assert remaining() == [] and read_budgets(NOW) == 0


def test_answers_go_at_their_age(settings) -> None:
    settings.GATE_ANSWER_RETENTION = timedelta(days=10)
    for days in (1, 9, 11, 300):
        asked_at = NOW - timedelta(days=days)
        GateAnswer.objects.create(project=make_project(), environment="x", asked_at=asked_at, decision="go")
    assert (forget_old_answers(NOW), GateAnswer.objects.count()) == (2, 2)


def test_collecting_the_minutes_reads_the_budgets() -> None:
    make_deployment(started_at=NOW - HOUR)
    make_target("orders")
    collect(NOW)
    assert BudgetReading.objects.get().read_at == NOW
