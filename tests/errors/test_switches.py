import re

from django.conf import settings

from tradewatch.errors.status import sentry_options
from tradewatch.errors.switches import LATER, PARTLY, switches


def test_every_option_of_the_seed_is_shown_with_its_value() -> None:
    assert len(sentry_options()) == 12
    shown = switches({name: getattr(settings, name) for name in sentry_options()})
    assert list(shown) == sorted(sentry_options())
    assert shown["SENTRY_TRACES_SAMPLE_RATE"] == {"value": 0.2, "takes_effect": True}


def test_what_comes_later_says_so_in_a_sentence() -> None:
    assert set(LATER) | set(PARTLY) <= set(sentry_options())
    for name, switch in switches(dict.fromkeys([*LATER, *PARTLY], True)).items():
        assert switch["takes_effect"] is (name in PARTLY)
        assert re.fullmatch(r"[A-Z].*later version.*\.", switch["note"]), name


def test_the_upstreams_key_is_not_shown() -> None:
    shown = switches({"SENTRY_DSN": "https://secret@sentry.example/1"})
    assert shown["SENTRY_DSN"]["value"] is True and "secret" not in str(shown)
    assert switches({"SENTRY_DSN": ""})["SENTRY_DSN"]["value"] is False
