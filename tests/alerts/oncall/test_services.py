from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from alerts.models import FeedLink, Override
from alerts.oncall.feeds import feed_of
from alerts.services.oncall import OverrideWish, add_override, create_feed, remove_override, revoke_feed
from tests.alerts.oncall.builders import make_schedule
from tests.calendars.oracle import utc
from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
START, END = utc("2026-12-02T23:00"), utc("2026-12-03T04:00")


def actor(user: User) -> Actor:
    return Actor(kind="user", id=user.pk, label=user.get_username())


def wish(user: User | None, **fields: object) -> OverrideWish:
    values = {"start_at": START, "end_at": END, "user_id": user.pk if user else None, "reason": "school concert"}
    return OverrideWish(**{**values, **fields})


def people() -> tuple[User, User, User, User]:
    return (
        make_user("mara", role=Role.MANAGER),
        make_user("jonas", role=Role.RESPONDER),
        make_user("dana", role=Role.RESPONDER),
        make_user("vera", role=Role.VIEWER),
    )


def test_who_may_override_whom() -> None:
    manager, jonas, dana, viewer = people()
    schedule = make_schedule(jonas, dana, project=make_project())
    assert add_override(actor(manager), schedule, wish(jonas, instead_of_id=dana.pk)).created_by == "mara"
    add_override(actor(jonas), schedule, wish(jonas, instead_of_id=dana.pk))  # takes over
    add_override(actor(dana), schedule, wish(jonas, instead_of_id=dana.pk))  # gives away
    add_override(actor(dana), schedule, wish(None, instead_of_id=dana.pk))  # is away
    with pytest.raises(NotAllowed, match="takes a manager"):
        add_override(actor(jonas), schedule, wish(manager, instead_of_id=dana.pk))
    with pytest.raises(NotAllowed, match="role responder"):
        add_override(actor(viewer), schedule, wish(viewer))
    assert AuditEntry.objects.filter(action="override.create").count() == 4


def test_a_schedule_for_all_projects_takes_responders_of_any_and_a_superuser_manages_it() -> None:
    manager, jonas, _, viewer = people()
    schedule = make_schedule(jonas)
    add_override(actor(jonas), schedule, wish(jonas))
    with pytest.raises(NotAllowed):
        add_override(actor(manager), schedule, wish(jonas))
    with pytest.raises(NotAllowed):
        add_override(actor(viewer), schedule, wish(viewer))
    chief = make_user("chief", is_superuser=True)
    add_override(actor(chief), schedule, wish(jonas))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"end_at": START}, "end_at"),
        ({"end_at": START + timedelta(days=401)}, "end_at"),
        ({"user_id": None}, "user"),
        ({"user_id": 99999}, "user"),
        ({"instead_of_id": 99999}, "instead_of"),
    ],
)
def test_a_bad_override_names_its_field(fields: dict[str, object], field: str) -> None:
    manager, jonas, *_ = people()
    schedule = make_schedule(jonas, project=make_project())
    with pytest.raises(Invalid) as fault:
        add_override(actor(manager), schedule, wish(jonas, **fields))
    assert list(fault.value.errors) == [field]


def test_taking_an_override_back_keeps_what_has_been() -> None:
    manager, jonas, dana, _ = people()
    schedule = make_schedule(jonas, dana, project=make_project())
    now = timezone.now()
    ahead = add_override(
        actor(dana),
        schedule,
        wish(jonas, instead_of_id=dana.pk, start_at=now + timedelta(days=1), end_at=now + timedelta(days=2)),
    )
    running = add_override(
        actor(manager), schedule, wish(jonas, start_at=now - timedelta(hours=1), end_at=now + timedelta(days=1))
    )
    with pytest.raises(NotAllowed):
        remove_override(actor(dana), running)
    remove_override(actor(dana), ahead)
    remove_override(actor(jonas), running)
    assert list(Override.objects.all()) == [running]
    running.refresh_from_db()
    assert abs(running.end_at - now) < timedelta(minutes=1)


def test_a_feed_is_found_by_its_secret_alone_until_it_is_revoked() -> None:
    manager, jonas, dana, _ = people()
    schedule = make_schedule(jonas, project=make_project())
    feed, secret = create_feed(actor(jonas), schedule=schedule)
    assert secret not in str(FeedLink.objects.values().get()) and len(secret) >= 32
    assert feed_of(secret, now=START) == feed and FeedLink.objects.get().last_read_at == START
    assert feed_of(secret[:-1], now=START) is None
    with pytest.raises(NotAllowed):
        revoke_feed(actor(dana), feed)
    revoke_feed(actor(manager), feed)
    assert revoke_feed(actor(jonas), feed).revoked_at
    assert feed_of(secret, now=START) is None
    own, secret = create_feed(actor(jonas))
    assert own.person == jonas and feed_of(secret, now=START)
    User.objects.filter(pk=jonas.pk).update(is_active=False)
    assert feed_of(secret, now=START) is None
    with pytest.raises(NotAllowed):
        create_feed(Actor(kind="token", id=make_token("*")[0].pk, label="ci"))
