"""A new secret key: what was stored under the old one is readable, and after `reencrypt` without it."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts.models import NotificationChannel as Channel
from debugging.models import ReplayTarget, TargetSecret
from tests.projects.builders import make_project
from tradewatch.core.encryption import decrypt
from tradewatch.core.reencrypting import Column, _tokens, encrypted_columns, reencrypt

pytestmark = pytest.mark.django_db
OLD, NEW = "the old key", "the new key"


@pytest.fixture
def stored(settings) -> Channel:
    """A channel whose settings were stored under the old key; the new one is in force, the old one a fallback."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    text = '{"url": "https://hooks.example/T0"}'
    channel = Channel.objects.create(name="desk", kind="webhook", encrypted_settings=text)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    return channel


def test_every_encrypted_column_is_found() -> None:
    names = {str(column) for column in encrypted_columns()}
    secrets = {"alerts.NotificationChannel.encrypted_settings", "accounts.Authenticator.seed"}
    assert {*secrets, "debugging.TargetSecret.value"} <= names


def test_afterwards_the_old_key_may_go(stored: Channel, settings) -> None:
    column = Column(Channel, "encrypted_settings")
    tally = reencrypt(column)
    assert (tally.renewed, tally.unreadable) == (1, 0)
    settings.SECRET_KEY_FALLBACKS = []
    stored.refresh_from_db()
    assert "hooks.example" in stored.encrypted_settings
    again = reencrypt(column)
    assert (again.renewed, again.current) == (0, 1)


def test_what_is_stored_is_never_the_text(stored: Channel) -> None:
    reencrypt(Column(Channel, "encrypted_settings"))
    [(_, token)] = _tokens(Column(Channel, "encrypted_settings"))
    assert "hooks" not in token and "hooks.example" in decrypt(token)


def test_one_that_nobody_can_read_is_counted_and_left(stored: Channel, settings, capsys) -> None:
    settings.SECRET_KEY_FALLBACKS = []
    before = list(_tokens(Column(Channel, "encrypted_settings")))
    with pytest.raises(CommandError, match="1 are under a key that is not named"):
        call_command("reencrypt")
    assert list(_tokens(Column(Channel, "encrypted_settings"))) == before
    assert "hooks" not in capsys.readouterr().out


def test_more_rows_than_a_step(settings, monkeypatch) -> None:
    monkeypatch.setattr("tradewatch.core.reencrypting.ROWS_A_STEP", 3)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    target = make_target()
    for number in range(8):
        TargetSecret.objects.create(target=target, name=f"X-{number}", value=f"v{number}")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert reencrypt(Column(TargetSecret, "value")).renewed == 8
    settings.SECRET_KEY_FALLBACKS = []
    assert sorted(TargetSecret.objects.values_list("value", flat=True)) == [f"v{number}" for number in range(8)]


def make_target() -> ReplayTarget:
    return ReplayTarget.objects.create(
        project=make_project(), name="staging", kind="staging", base_url="https://x.example", created_at=timezone.now()
    )
