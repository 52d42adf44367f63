import pytest
from django.db import transaction

from tests.performance.traces.builders import HOUR, NOW, count, count_spans, make_row, make_span
from tradewatch.performance.models import SpanGroup, TransactionGroup
from tradewatch.performance.traces import groups, queries, span_queries
from tradewatch.projects.models import Project

AROUND = (HOUR, HOUR + 3600)


@pytest.fixture
def project(db):
    return Project.objects.create(name="Desk", slug="desk-88")


def test_a_place_is_new_once(project):
    row = make_row(project_id=project.pk)
    assert row.place in count(row)
    assert count(row, row) == frozenset()
    assert TransactionGroup.objects.count() == 2  # itself, and all together


def test_past_the_bound_what_is_new_counts_as_other_and_what_is_known_goes_on(project, monkeypatch):
    monkeypatch.setattr(groups, "MOST_TRANSACTION_GROUPS", 4)
    count(make_row(project_id=project.pk, name="a"), make_row(project_id=project.pk, name="b"))
    count(*(make_row(project_id=project.pk, name="c", op=f"op-{number}") for number in range(9)))
    count(make_row(project_id=project.pk, name="a"))
    found = {(key.name, key.op): f.count for key, f in queries.by_transaction([project.pk], *AROUND).items()}
    assert found == {("a", "http.server"): 2, ("b", "http.server"): 1, ("c", "op-0"): 1, ("<other>", ""): 8}
    assert queries.overall([project.pk], *AROUND).count == 12


def test_releases_past_the_bound_are_one_and_all_together_stay_whole(project, monkeypatch):
    monkeypatch.setattr(groups, "MOST_TRANSACTION_GROUPS", 6)
    count(*(make_row(project_id=project.pk, release=f"2.0.{number}") for number in range(20)))
    releases = queries.by_release([project.pk], *AROUND)
    assert sum(figures.count for figures in releases.values()) == 20
    assert releases["<other>"].count >= 14
    assert queries.overall([project.pk], *AROUND).count == 20


def test_descriptions_past_the_bound_are_one_of_their_category(project, monkeypatch):
    monkeypatch.setattr(groups, "MOST_SPAN_GROUPS", 3)
    count_spans(*(make_span(project_id=project.pk, description=f"SELECT {n}x") for n in range(10)))
    count_spans(make_span(project_id=project.pk, category="http", op="http.client", description="GET /"))
    found = {(key.category, key.description): f.count for key, f in span_queries.slowest_spans([project.pk], *AROUND)}
    assert found[("db", "<other>")] == 7
    assert found[("http", "<other>")] == 1
    assert sum(found.values()) == 11


def test_the_bound_is_each_projects_own_and_what_was_met_long_ago_makes_room(project, monkeypatch):
    monkeypatch.setattr(groups, "MOST_SPAN_GROUPS", 3)
    other = Project.objects.create(name="Other", slug="other-88")
    count_spans(*(make_span(project_id=other.pk, description=f"SELECT {n}x") for n in range(3)))
    count_spans(*(make_span(HOUR - 5 * 86_400, project_id=project.pk, description=f"old {n}x") for n in range(3)))
    count_spans(*(make_span(project_id=project.pk, description=f"new {n}x") for n in range(3)))
    assert not SpanGroup.objects.filter(description="<other>").exists()


@pytest.mark.django_db(transaction=True)
def test_ids_are_remembered_once_they_are_there_for_good(django_assert_num_queries):
    project = Project.objects.create(name="Desk", slug="desk-89")
    place = make_row(project_id=project.pk).place
    today = int(NOW.timestamp()) // 86_400
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        groups.transaction_groups({place: today}, now=NOW)
        raise ZeroDivisionError
    with transaction.atomic():
        found = groups.transaction_groups({place: today}, now=NOW)
    assert found.new == {place}  # the first was undone
    with transaction.atomic(), django_assert_num_queries(0):
        again = groups.transaction_groups({place: today}, now=NOW)
    assert (again.ids, again.new) == (found.ids, frozenset())
    TransactionGroup.objects.all().delete()
    with transaction.atomic():  # a late one of a day that retention may have reached: looked up
        late = groups.transaction_groups({place: today - 2}, now=NOW)
    assert late.new == {place}
