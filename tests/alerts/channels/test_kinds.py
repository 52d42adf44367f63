from typing import Any

import pytest

from alerts.channels import CHANNELS
from alerts.channels.kinds import faults_in
from alerts.channels.webhook import new_secret

GOOD: dict[str, dict[str, Any]] = {
    "email": {"to": ["ann@example.com", "ben@example.com"]},
    "slack": {"url": "https://hooks.slack.com/services/T/B/X"},
    "pagerduty": {"routing_key": "0" * 32},
    "webhook": {"url": "https://example.com/hook", "secret": new_secret()},
    "apprise": {"url": "json://example.com/hook"},
}


@pytest.mark.parametrize("name", CHANNELS)
def test_good_settings_have_no_fault(name: str) -> None:
    assert faults_in(CHANNELS[name], GOOD[name]) == {}


@pytest.mark.parametrize(
    ("name", "settings", "field", "says"),
    [
        ("email", {}, "to", "is needed"),
        ("email", {"to": ["ann@example.com", "x"]}, "to", "x is no e-mail address"),
        ("email", {"to": ["ann@example.com\nBcc: eve@example.com"]}, "to", "no e-mail address"),
        ("slack", {"url": "hooks.slack.com"}, "url", "must begin with"),
        ("pagerduty", {"routing_key": "short"}, "routing_key", "32 letters and digits"),
        ("pagerduty", {"routing_key": "0" * 32, "url": "x"}, "url", "must begin with"),
        ("webhook", {"url": "https://example.com", "secret": "abc"}, "secret", "expected whsec_"),
        ("webhook", {"url": "https://example.com", "secret": "whsec_YWJj"}, "secret", "24 to 64 bytes"),
        ("webhook", {"url": "https://example.com", "secret": "whsec_!!"}, "secret", "Base64"),
        ("apprise", {"url": "nothing"}, "url", "expected service://"),
        ("apprise", {"url": "syslog://"}, "url", "this machine"),
        ("apprise", {"url": "tgram://"}, "url", "cannot read it as a tgram URL"),
        ("slack", {"url": "https://x.example.com", "colour": "red"}, "colour", "no setting of this kind"),
    ],
)
def test_bad_settings_are_refused_with_the_field_and_the_reason(
    name: str, settings: dict[str, Any], field: str, says: str
) -> None:
    faults = faults_in(CHANNELS[name], settings)
    assert says in " ".join(faults[field]), faults


def test_secrets_are_known_for_each_kind() -> None:
    secrets = {name: kind.secret_names for name, kind in CHANNELS.items()}
    assert secrets == {
        "email": (),
        "slack": ("url",),
        "pagerduty": ("routing_key",),
        "webhook": ("secret", "previous_secret"),
        "apprise": ("url",),
    }
