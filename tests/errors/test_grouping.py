from collections.abc import Mapping
from typing import Any

import pytest

from tests.errors.documents import make_event, make_exception, make_frame
from tradewatch.errors.grouping import GROUPING_VERSION, Mechanism, Variant, group, group_v1


def primary(document: Mapping[str, Any]) -> str:
    return next(iter(group(document).hashes))


def with_frames(*frames: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return make_event(make_exception(frames=frames), **fields)


LIBRARY = make_frame("app", "starlette.routing")
OURS = make_frame("check", "app.risk.limits")
OTHER = make_frame("route", "app.routing")
LOG_ONLY: dict[str, Any] = {"exception": {"values": []}}

SAME = {
    "another message": (make_event(), make_event(make_exception(value="another text altogether"))),
    "another line number": (with_frames({**OURS, "lineno": 10}), with_frames({**OURS, "lineno": 99})),
    "another indentation": (with_frames(OURS), with_frames({**OURS, "context_line": "check(order)  "})),
    "another library below us": (with_frames(LIBRARY, OURS), with_frames(make_frame("go", "uvloop"), OURS)),
    "deeper recursion": (with_frames(LIBRARY, OURS, OURS), with_frames(LIBRARY, OURS, OURS, OURS, OURS)),
    "another variable in the text": (
        make_event(make_exception(value="order 17 lost", frames=[])),
        make_event(make_exception(value="order 18 lost", frames=[])),
    ),
    "another value of a log template": (
        make_event(**LOG_ONLY, logentry={"message": "order %s lost", "formatted": "order a lost"}),
        make_event(**LOG_ONLY, logentry={"message": "order %s lost", "formatted": "order b lost"}),
    ),
    "another place, one fingerprint": (
        with_frames(OURS, fingerprint=["venue-down", "lmax"]),
        with_frames(OTHER, fingerprint=["venue-down", "lmax"]),
    ),
    "{{ default }} alone": (with_frames(OURS), with_frames(OURS, fingerprint=["{{ default }}"])),
    "a long line of a bundle": (
        with_frames({**OURS, "context_line": "x" * 300}),
        with_frames({**OURS, "context_line": "y" * 400}),
    ),
}
DIFFERENT = {
    "another type": (make_event(), make_event(make_exception("OrderRejected"))),
    "another function": (with_frames(OURS), with_frames({**OURS, "function": "check_all"})),
    "another source line": (with_frames(OURS), with_frames({**OURS, "context_line": "raise Breach()"})),
    "another module": (with_frames(OURS), with_frames({**OURS, "module": "app.risk.margin"})),
    "another cause": (make_event(make_exception()), make_event(make_exception("KeyError"), make_exception())),
    "another message without frames": (
        make_event(make_exception(value="order lost", frames=[])),
        make_event(make_exception(value="order found", frames=[])),
    ),
    "another fingerprint": (make_event(fingerprint=["lmax"]), make_event(fingerprint=["cme"])),
    "an extended fingerprint": (
        make_event(fingerprint=["{{ default }}", "lmax"]),
        make_event(fingerprint=["{{ default }}", "cme"]),
    ),
    "a default that differs in an extended fingerprint": (
        with_frames(OURS, fingerprint=["{{default}}", "lmax"]),
        with_frames(OTHER, fingerprint=["{{default}}", "lmax"]),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_one_cause(name: str) -> None:
    one, other = SAME[name]
    assert primary(one) == primary(other)


@pytest.mark.parametrize("name", DIFFERENT)
def test_two_causes(name: str) -> None:
    one, other = DIFFERENT[name]
    assert not set(group(one).hashes) & set(group(other).hashes)


def test_in_app_frames_come_first_and_all_frames_second() -> None:
    grouping = group(with_frames(LIBRARY, OURS))
    assert len(grouping.hashes) == 2
    assert grouping.components == ("RiskLimitExceeded", "app.risk.limits in check: check(order)")


def test_a_change_of_in_app_keeps_one_hash() -> None:
    before = group(with_frames(LIBRARY, OURS, OTHER))
    after = group(with_frames(LIBRARY, OURS, {**OTHER, "in_app": False}))
    assert primary(with_frames(LIBRARY, OURS, OTHER)) not in after.hashes
    assert set(before.hashes) & set(after.hashes)


def test_without_in_app_frames_all_frames_count() -> None:
    assert group(with_frames(LIBRARY)).components == ("RiskLimitExceeded", "starlette.routing in app: app(order)")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"exception": None},
        {"exception": {"values": [None]}},
        {"exception": {"values": [{"type": None, "stacktrace": {"frames": [None, {}]}}]}},
        {"exception": {"values": [{"stacktrace": None}]}},
        {"logentry": None, "fingerprint": []},
    ],
)
def test_the_emptiest_event_has_a_hash(document: dict[str, Any]) -> None:
    assert group(document).hashes


def group_by_function_alone(document: Mapping[str, Any]) -> list[Variant]:
    """A later mechanism: what it makes has nothing in common with the first one's."""
    frames = document["exception"]["values"][-1]["stacktrace"]["frames"]
    return [["v2", *(frame["function"] for frame in frames)]]


def test_a_better_mechanism_still_finds_what_the_old_one_made() -> None:
    document = make_event()
    mechanisms: dict[int, Mechanism] = {1: group_v1, 2: group_by_function_alone}
    old, new = group(document), group(document, mechanisms)
    assert (old.version, new.version) == (GROUPING_VERSION, 2)
    assert set(old.hashes) < set(new.hashes)
    assert list(new.hashes.values()) == [2, 1, 1]
