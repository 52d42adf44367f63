import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail

from alerts.contacts import Contact, contacts_of, rule_words
from alerts.models import ContactAddress, ContactRule, NotificationChannel
from alerts.services.contacts import add_address, remove_contact_rule, save_contact_rule, verify_address
from tests.alerts.oncall.builders import make_person
from tests.calendars.oracle import utc
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed

pytestmark = pytest.mark.django_db
NO_DELAY, TEN = timedelta(0), timedelta(minutes=10)


def actor(user: User) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.get_username())


def own_channel(user: User | None, **fields: object) -> NotificationChannel:
    return NotificationChannel.objects.create(owner=user, name="Pager of Jonas", kind="webhook", **fields)


def test_without_rules_a_person_is_mailed_at_once() -> None:
    jonas = make_person("jonas")
    assert contacts_of([jonas.pk], "warning").contacts == (Contact(jonas.pk, NO_DELAY, "jonas@example.com"),)


def test_rules_of_the_severity_replace_those_for_all_and_the_soonest_comes_first() -> None:
    jonas = make_person("jonas")
    channel = own_channel(jonas)
    ContactRule.objects.create(user=jonas, method="email", delay_seconds=600)
    ContactRule.objects.create(user=jonas, severity="critical", method="email", delay_seconds=300)
    ContactRule.objects.create(user=jonas, severity="critical", method="channel", channel=channel)
    critical = contacts_of([jonas.pk], "critical").contacts
    assert [(one.channel_id, one.address, one.delay.total_seconds()) for one in critical] == [
        (channel.pk, "", 0),
        (None, "jonas@example.com", 300),
    ]
    assert contacts_of([jonas.pk], "error").contacts == (Contact(jonas.pk, TEN, "jonas@example.com"),)


def test_rules_that_lead_nowhere_fall_back_to_the_accounts_address() -> None:
    jonas, other = make_person("jonas"), make_person("other")
    switched_off = own_channel(jonas, is_enabled=False)
    ContactRule.objects.create(user=jonas, method="channel", channel=switched_off)
    assert contacts_of([jonas.pk], "error").contacts == (Contact(jonas.pk, NO_DELAY, "jonas@example.com"),)
    unverified = ContactAddress.objects.create(user=other, address="new@example.com")
    ContactRule.objects.create(user=other, method="email", address=unverified)
    assert contacts_of([other.pk], "error").contacts == (Contact(other.pk, NO_DELAY, "other@example.com"),)


def test_a_person_who_cannot_be_reached_is_named() -> None:
    nobody, gone = make_person("nobody", email=""), make_person("gone", is_active=False)
    assert contacts_of([nobody.pk, gone.pk], "error").unreachable == (nobody.pk, gone.pk)


def test_contact_rules_are_their_persons_own() -> None:
    jonas, mara = make_person("jonas"), make_person("mara")
    with pytest.raises(NotAllowed):
        save_contact_rule(actor(mara), ContactRule(user=jonas))
    rule = save_contact_rule(actor(jonas), ContactRule(user=jonas, delay_seconds=600))
    assert rule_words(rule) == "E-mail after 10 min"
    with pytest.raises(NotAllowed):
        remove_contact_rule(actor(mara), rule)
    chief = make_person("chief", is_superuser=True)
    remove_contact_rule(actor(chief), rule)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"method": "channel"}, "channel"),
        ({"method": "smoke"}, "method"),
        ({"severity": "awful"}, "severity"),
        ({"delay_seconds": 90_000}, "delay_seconds"),
    ],
)
def test_a_bad_rule_names_its_field(fields: dict[str, object], field: str) -> None:
    jonas = make_person("jonas")
    with pytest.raises(Invalid) as fault:
        save_contact_rule(actor(jonas), ContactRule(user=jonas, **fields))
    assert field in fault.value.errors


def test_another_persons_channel_or_address_is_refused() -> None:
    jonas, mara = make_person("jonas"), make_person("mara")
    theirs = ContactAddress.objects.create(user=mara, address="m@example.com", verified_at=utc("2026-01-01T00:00"))
    for fields in ({"method": "channel", "channel": own_channel(mara)}, {"address": theirs}):
        with pytest.raises(Invalid):
            save_contact_rule(actor(jonas), ContactRule(user=jonas, **fields))


def test_an_address_counts_once_its_owner_opened_the_mailed_link() -> None:
    jonas, mara = make_person("jonas"), make_person("mara")
    row = add_address(actor(jonas), jonas, " night@example.com ")
    with pytest.raises(Conflict):
        add_address(actor(jonas), jonas, "night@example.com")
    with pytest.raises(Invalid):
        save_contact_rule(actor(jonas), ContactRule(user=jonas, address=row))
    assert mail.outbox[0].to == ["night@example.com"]
    token = re.search(r"/oncall/you/verify/(\S+)", mail.outbox[0].body)[1]
    with pytest.raises(NotAllowed):
        verify_address(actor(mara), token)
    with pytest.raises(Invalid):
        verify_address(actor(jonas), token + "x")
    assert verify_address(actor(jonas), token).verified_at
    row.refresh_from_db()
    save_contact_rule(actor(jonas), ContactRule(user=jonas, address=row))
    assert contacts_of([jonas.pk], "error").contacts[0].address == "night@example.com"
    with pytest.raises(Invalid):
        add_address(actor(jonas), jonas, "no address")
