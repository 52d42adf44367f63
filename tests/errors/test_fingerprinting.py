"""A project's own fingerprint rules: what they match, what they make, what is refused, what a preview shows."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception, make_frame
from tests.projects.builders import make_project
from tradewatch.errors.fingerprint_book import patterns_of, read_fingerprint_rules
from tradewatch.errors.fingerprint_preview import preview_rules
from tradewatch.errors.fingerprinting import (
    FingerprintPattern,
    FingerprintRules,
    fault_in_matcher,
    fault_in_template,
)
from tradewatch.errors.grouping import group
from tradewatch.errors.models import FingerprintRule, Issue


def pattern(fingerprint: str = "joined", *, project_id: int | None = None, **matchers: str) -> FingerprintPattern:
    return FingerprintPattern(7, project_id, "Orders", fingerprint, matchers)


def parts(rule: FingerprintPattern, event: dict[str, Any], project_id: int = 1) -> tuple[str, ...] | None:
    found = FingerprintRules([rule]).fingerprint_of(event, project_id)
    return found.parts if found else None


EVENT = make_event(
    make_exception("KeyError", "'ACC-1'", frames=[make_frame("load", "app.accounts")]),
    make_exception(
        "OrderRejected",
        "order 12 refused",
        frames=[make_frame("send", "app.orders.gateway"), make_frame("run", "asyncio.events")],
    ),
    logger="app.orders",
)


@pytest.mark.parametrize(
    ("matchers", "matches"),
    [
        ({"exception_type": "^OrderRejected$"}, True),
        ({"exception_type": "^orderrejected$"}, True),  # any case
        ({"exception_type": "KeyError"}, True),  # the cause counts too
        ({"exception_type": "TypeError"}, False),
        ({"exception_type": "KeyError", "message": "refused"}, False),  # two exceptions
        ({"exception_type": "OrderRejected", "message": "order .* refused"}, True),
        ({"module": r"^app\.orders", "function": "^send$"}, True),
        ({"module": r"^app\.orders", "function": "^run$"}, False),  # two frames
        ({"path": "gateway.py$"}, True),
        ({"logger": "^app"}, True),
        ({"level": "^warning$"}, False),
        ({"environment": "^production$", "release": "^oms@4"}, True),
        ({"transaction": "orders"}, True),
        ({"tag": "venue=^lmax$"}, True),
        ({"tag": "venue"}, True),
        ({"tag": "desk"}, False),
    ],
)
def test_matchers(matchers: dict[str, str], matches: bool) -> None:
    assert (parts(pattern(**matchers), EVENT) is not None) is matches


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("rejected", ("rejected",)),
        ("rejected, {{ tags.venue }}", ("rejected", "lmax")),
        ("{{tags.desk}}", ("<none>",)),
        ("{{ default }}, {{ environment }}", ("{{ default }}", "production")),
        ("{{ type }} in {{ function }}", ("OrderRejected in send",)),
        (
            "{{ message }}, {{ module }}, {{ path }}",
            ("order <number> refused", "app.orders.gateway", "app/orders/gateway.py"),
        ),
    ],
)
def test_templates(template: str, made: tuple[str, ...]) -> None:
    assert parts(pattern(template, exception_type="OrderRejected"), EVENT) == made


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("", "at least one part"),
        (" , ", "at least one part"),
        ("{{ default }}", "alone changes nothing"),
        ("a, {{ venue }}", "part 2, {{ venue }}: unknown value venue"),
        ("{{ tags. }}", "a tag's name"),
        ("x {{ default }}", "a part of its own"),
        ("{{ type", "open or closed alone"),
        (",".join("abcdefghijk"), "at most 10 parts"),
    ],
)
def test_templates_that_are_refused_name_the_part(template: str, says: str) -> None:
    assert says in fault_in_template(template)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("message", "(", "missing )"),
        ("module", "(?=x)", "invalid perl operator"),
        ("tag", "=x", "key=pattern"),
        ("tag", "venue=[", "missing ]"),
        ("message", "fine.*", ""),
        ("message", "", ""),
    ],
)
def test_patterns_that_are_refused_say_why(name: str, text: str, says: str) -> None:
    fault = fault_in_matcher(name, text)
    assert says in fault and bool(fault) is bool(says)


def test_the_first_rule_of_the_project_wins_and_says_so() -> None:
    other = pattern("theirs", project_id=2, exception_type=".")
    rules = FingerprintRules([other, pattern("first", message="refused"), pattern("second", exception_type=".")])
    found = rules.fingerprint_of(EVENT, 1)
    assert found is not None
    assert (found.parts, found.why) == (("first",), "rule Orders: message matches refused")


def test_a_rule_that_cannot_be_used_is_left_out() -> None:
    bad = [pattern(exception_type="("), pattern("{{ nope }}", exception_type="x"), pattern()]
    assert FingerprintRules(bad).refused == bad


def test_a_rule_stands_above_the_client_s_fingerprint_and_default_is_the_computed_one() -> None:
    event = {**EVENT, "fingerprint": ["client"]}
    computed = group(EVENT)
    assert group(event, fingerprint=("x",)).components == ("fingerprint", "x")
    assert group(event, fingerprint=("{{ default }}", "x")).components == ("fingerprint", *computed.components, "x")


# --- in the digest -----------------------------------------------------------------------------------------------


def make_rule(fingerprint: str, **fields: Any) -> FingerprintRule:
    return FingerprintRule.objects.create(name="Orders", fingerprint=fingerprint, **fields)


@pytest.mark.django_db
def test_a_new_rule_regroups_what_comes_and_leaves_what_was() -> None:
    event = lambda venue: make_event(make_exception("OrderRejected"), tags={"venue": venue})  # noqa: E731
    digest(event("lmax"), event("xnys"))
    rule = make_rule("rejected, {{ tags.venue }}", exception_type="OrderRejected")
    digest(event("lmax"), event("xnys"), event("xnys"))
    assert list(Issue.objects.order_by("number").values_list("event_count", flat=True)) == [2, 1, 2]
    assert [bool(issue.grouped_why) for issue in Issue.objects.order_by("number")] == [False, True, True]
    assert Issue.objects.get(number=2).grouped_why == "rule Orders: exception type matches OrderRejected"
    rule.delete()
    digest(event("lmax"))  # as before the rule
    assert list(Issue.objects.order_by("number").values_list("event_count", flat=True)) == [3, 1, 2]


@pytest.mark.django_db
def test_rules_of_one_project_do_not_touch_another() -> None:
    other = make_project("other")
    make_rule("joined", exception_type=".", project=other)
    digest(make_event(make_exception("A")), make_event(make_exception("B")))
    digest(make_event(make_exception("A")), make_event(make_exception("B")), project=other)
    assert Issue.objects.filter(project__slug="default").count() == 2
    assert Issue.objects.get(project=other).event_count == 2


@pytest.mark.django_db
def test_a_rule_is_checked_before_it_is_saved() -> None:
    with pytest.raises(ValidationError) as refused:
        FingerprintRule(name="x", fingerprint="{{ nope }}", message="(").full_clean()
    assert set(refused.value.message_dict) == {"fingerprint", "message"}
    with pytest.raises(ValidationError) as refused:
        FingerprintRule(name="x", fingerprint="all").full_clean()
    assert "at least one matcher" in str(refused.value)


@pytest.mark.django_db
def test_a_preview_shows_what_splits_and_what_comes_together_and_changes_nothing() -> None:
    digest(
        *(make_event(make_exception("OrderRejected"), tags={"venue": venue}) for venue in ("lmax", "lmax", "xnys")),
        make_event(make_exception("TimeoutA"), logger="net"),
        make_event(make_exception("TimeoutB"), logger="net"),
        make_event(make_exception("Other")),
    )
    project = make_project()
    drafts = [
        FingerprintRule(name="v", fingerprint="rejected, {{ tags.venue }}", exception_type="OrderRejected"),
        FingerprintRule(name="t", fingerprint="timeouts", logger="^net$"),
    ]
    preview = preview_rules(project.pk, read_fingerprint_rules(), patterns_of(drafts))
    assert (preview.tried, preview.is_all, preview.moved) == (6, True, 5)
    rejected = next(split for split in preview.splits if split.issue.exception_type == "OrderRejected")
    assert [(part.issue, part.parts, part.events) for part in rejected.parts] == [
        (None, "rejected, lmax", 2),
        (None, "rejected, xnys", 1),
    ]
    (joined,) = preview.joins
    assert (joined.into.parts, joined.into.events) == ("timeouts", 2)
    assert {issue.exception_type for issue, _ in joined.issues} == {"TimeoutA", "TimeoutB"}
    assert Issue.objects.count() == 4
    few = preview_rules(project.pk, (), patterns_of(drafts), limit=2)
    assert (few.tried, few.is_all) == (2, False)


@pytest.mark.django_db
def test_a_preview_of_a_rule_that_stands_already_moves_nothing() -> None:
    make_rule("rejected", exception_type="OrderRejected")
    digest(make_event(make_exception("OrderRejected")))
    rules = read_fingerprint_rules()
    preview = preview_rules(make_project().pk, rules, rules)
    assert (preview.moved, preview.splits, preview.joins) == (0, [], [])
