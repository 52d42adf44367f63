from datetime import timedelta

from django.apps import apps

from tradewatch.performance.disk.kinds import KINDS as SAMPLED
from tradewatch.processes.clearing.kinds import KINDS
from tradewatch.processes.clearing.plan import ORDER, plan

HOUR = timedelta(hours=1)


def test_all_kinds_lose_what_is_older_than_a_week_before_any_loses_what_is_younger() -> None:
    steps = list(plan())
    assert [kind for kind, _ in steps] == list(ORDER) * 3
    floors = [floor for _, floor in steps]
    assert floors == sorted(floors, reverse=True) and floors[0] == timedelta(days=7) and floors[-1] == HOUR


def test_every_kind_of_the_plan_can_go_and_its_tables_are_there() -> None:
    assert set(KINDS) == set(ORDER)
    tables = {model._meta.db_table for model in apps.get_models()}
    assert all(set(kind.tables) <= tables for kind in KINDS.values())
    assert {"logs", "traces", "events", "attachments"} <= set(SAMPLED)
