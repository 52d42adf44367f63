import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from alerts.models import ContactAddress, ContactRule, FeedLink, Override
from tests.alerts.oncall.builders import make_schedule
from tests.calendars.builders import make_market
from tests.projects.builders import make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def jonas(client: Client):
    user = make_user("jonas", role=Role.RESPONDER, first_name="Jonas", last_name="Okafor", email="j@example.com")
    client.force_login(user)
    return user


def test_the_page_says_who_is_on_call_and_draws_two_weeks(client: Client, jonas) -> None:
    make_market()
    schedule = make_schedule(jonas, project=make_project(), calendar="XNYS")
    html = client.get("/oncall").content.decode()
    assert "Jonas Okafor" in html and '<span class="badge info">you</span>' in html
    assert "schedule Order path, New York" in html and 'class="cal-t"' in html and "XNYS" in html
    assert f"/oncall/{schedule.pk}/override" in html
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    later = client.get(f"/oncall/{schedule.pk}?from=2027-03-14").content.decode()
    assert "Sun 14 · 23 h" in later and "The clock changes here" in later
    assert client.get(f"/oncall/{schedule.pk}?from=nonsense").status_code == 200


def test_without_a_schedule_the_page_says_what_to_do(client: Client, jonas) -> None:
    assert "No schedule yet" in client.get("/oncall").content.decode()
    assert "No schedule yet" in client.get("/oncall/schedules").content.decode()


def test_a_gap_is_said_with_a_way_to_cover_it(client: Client, jonas) -> None:
    schedule = make_schedule(
        jonas, project=make_project(), restrictions=[{"times": ["00:00-24:00"], "weekdays": ["monday"]}]
    )
    html = client.get(f"/oncall/{schedule.pk}").content.decode()
    assert "nobody is on call" in html
    link = re.search(rf'href="(/oncall/{schedule.pk}/override\?start=[^"]+)"', html)[1]
    form = client.get(link.replace("&amp;", "&")).content.decode()
    assert 'type="datetime-local"' in form and 'value="20' in form


def test_another_projects_schedule_is_unknown(client: Client, jonas) -> None:
    schedule = make_schedule(project=make_project("theirs"))
    assert client.get(f"/oncall/{schedule.pk}").status_code == 404
    assert client.get(f"/oncall/{schedule.pk}/override").status_code == 404
    assert "Order path" not in client.get("/oncall/schedules").content.decode()


def test_an_override_is_made_on_the_schedules_clock_and_taken_back(client: Client, jonas) -> None:
    dana = make_user("dana", role=Role.RESPONDER)
    schedule = make_schedule(dana, project=make_project())
    body = {
        "user": jonas.pk,
        "instead_of": dana.pk,
        "start": "2036-12-02T18:00",
        "end": "2036-12-02T23:00",
        "reason": "concert",
    }
    answer = client.post(f"/oncall/{schedule.pk}/override", body, follow=True)
    made = Override.objects.get()
    assert (made.start_at.isoformat(), made.reason) == ("2036-12-02T23:00:00+00:00", "concert")
    assert "Override made" in answer.content.decode() and "Take back" in answer.content.decode()
    client.post(f"/oncall/actions/overrides/{made.pk}/end")
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"end": "2036-12-02T17:00"}, "must come after its start"),
        ({"user": "", "instead_of": ""}, "name who takes over"),
        ({"start": "soon"}, "Enter a valid date/time."),
        ({"user": "dana", "instead_of": ""}, "takes a manager"),
    ],
)
def test_a_refused_override_says_why_and_keeps_what_was_typed(client: Client, jonas, change, says) -> None:
    dana = make_user("dana", role=Role.RESPONDER)
    schedule = make_schedule(dana, jonas, project=make_project())
    body = {
        "user": jonas.pk,
        "instead_of": "",
        "start": "2036-12-02T18:00",
        "end": "2036-12-02T23:00",
        "reason": "concert",
    }
    body |= {name: dana.pk if value == "dana" else value for name, value in change.items()}
    if change.get("user") == "":
        client.force_login(make_user("mara", role=Role.MANAGER))
    answer = client.post(f"/oncall/{schedule.pk}/override", body)
    assert answer.status_code == 400
    assert says in answer.content.decode() and "concert" in answer.content.decode()
    assert not Override.objects.exists()


def test_a_viewer_sees_the_page_and_changes_nothing(client: Client, jonas) -> None:
    schedule = make_schedule(jonas, project=make_project())
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert "Override…" not in client.get(f"/oncall/{schedule.pk}").content.decode()
    body = {"user": jonas.pk, "start": "2036-12-02T18:00", "end": "2036-12-02T23:00"}
    assert client.post(f"/oncall/{schedule.pk}/override", body).status_code == 400
    now = timezone.now()
    made = Override.objects.create(schedule=schedule, start_at=now, end_at=now + timedelta(days=1), user=jonas)
    client.post(f"/oncall/actions/overrides/{made.pk}/end")
    made.refresh_from_db()
    assert made.end_at == now + timedelta(days=1)


def test_ones_own_part_contact_rules_addresses_and_links(client: Client, jonas) -> None:
    make_schedule(jonas, project=make_project())
    act = "/oncall/you/actions/"
    page = client.get("/oncall/you").content.decode()
    assert "Order path" in page and "E-mail to the account&#x27;s address at once" in page
    client.post(act + "add-rule", {"severity": "warning", "place": "email", "delay_minutes": "10"})
    assert "E-mail after 10 min" in client.get("/oncall/you").content.decode()
    client.post(act + "add-address", {"address": "night@example.com"})
    link = re.search(r"(/oncall/you/verify/\S+)", mail.outbox[0].body)[1]
    assert "verified" in client.get(link, follow=True).content.decode()
    address = ContactAddress.objects.get()
    client.post(act + "add-rule", {"severity": "", "place": f"address:{address.pk}", "delay_minutes": "0"})
    assert ContactRule.objects.filter(address=address).exists()
    refused = client.post(act + "add-rule", {"severity": "", "place": "email", "delay_minutes": "-1"}, follow=True)
    assert "Not done" in refused.content.decode()
    shown = client.post(act + "add-feed", follow=True).content.decode()
    path = re.search(rf"{re.escape(settings.PUBLIC_URL)}(/oncall/feed/\S+\.ics)", shown)[1]
    assert client.get(path).status_code == 200 and path not in client.get("/oncall/you").content.decode()
    client.post(act + "revoke-feed", {"id": FeedLink.objects.get().pk})
    assert client.get(path).status_code == 404
    for rule in ContactRule.objects.all():
        client.post(act + "remove-rule", {"id": rule.pk})
    client.post(act + "remove-address", {"id": address.pk})
    assert not ContactRule.objects.exists() and not ContactAddress.objects.exists()
    assert client.post(act + "nonsense").status_code == 404


def test_another_persons_rules_and_links_are_not_there(client: Client, jonas) -> None:
    mara = make_user("mara", role=Role.MANAGER)
    rule = ContactRule.objects.create(user=mara)
    feed = FeedLink.objects.create(person=mara, created_by=mara, prefix="a", digest="a")
    assert client.post("/oncall/you/actions/remove-rule", {"id": rule.pk}).status_code == 404
    assert client.post("/oncall/you/actions/revoke-feed", {"id": feed.pk}).status_code == 404
    assert client.get("/oncall/you/actions/remove-rule").status_code == 405
