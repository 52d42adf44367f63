import pytest

from tradewatch.errors.parameterise import parameterise


@pytest.mark.parametrize(
    ("message", "parameterised"),
    [
        ("no change", "no change"),
        ("", ""),
        ("order 7b6f0a4e-9d7c-4f6e-8f0a-5d1f2c3b4a59 lost", "order <uuid> lost"),
        ("order 8f21ac77 lost", "order <number> lost"),
        ("order 12345678 lost", "order <number> lost"),  # a hex id that happens to be all digits
        ("order ord-8f21ac77 lost", "order ord-<number> lost"),
        ("limit=2500000.00 USD, observed -3", "limit=<number> USD, observed -<number>"),
        ("limit 2,500,000 and 1_000", "limit <number> and <number>"),
        ("took 12.5s, 30ms or 5%", "took <number>, <number> or <number>%"),
        ("1e-5 too small", "<number> too small"),
        ("object at 0x7f3a00ff1c", "object at <address>"),
        ("connect to 10.0.0.17:5432 failed", "connect to <ip> failed"),
        ("connect to 2001:db8:0:0:0:0:0:1 failed", "connect to <ip> failed"),
        ("connect to fe80:0:0::1 failed", "connect to <ip> failed"),
        ("at 2026-11-23T09:30:15.123Z", "at <time>"),
        ("at 2026-11-23 09:30:15,123+01:00", "at <time>"),
        ("at 2026-11-23", "at <time>"),
        ("at 09:30", "at <time>"),
        ("mail ann.lee@desk.example bounced", "mail <email> bounced"),
        ("KeyError: 'BTC-USD'", "KeyError: <quoted>"),
        ('unexpected "x y" here', "unexpected <quoted> here"),
        ("could not convert string to float: ''", "could not convert string to float: <quoted>"),
        ("can't reach 'lmax', won't retry", "can't reach <quoted>, won't retry"),
        ("book7 and std::vector and deadbeef", "book7 and std::vector and deadbeef"),
        ("Größe 17 überschritten", "Größe <number> überschritten"),
    ],
)
def test_what_differs_between_reports_is_marked(message: str, parameterised: str) -> None:
    assert parameterise(message) == parameterised


def test_long_messages_take_no_time_to_speak_of() -> None:
    hostile = "'" * 5000 + "1.1.1." * 5000 + "a" * 5000 + "@"
    assert parameterise(hostile)


def test_marks_stay_as_they_are() -> None:
    once = parameterise("order 8f21ac77 at 09:30 for 'ann' 7b6f0a4e-9d7c-4f6e-8f0a-5d1f2c3b4a59 10.0.0.1")
    assert parameterise(once) == once
