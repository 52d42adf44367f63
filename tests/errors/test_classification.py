from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.errors.documents import make_event, make_exception, make_frame
from tests.projects.builders import make_project
from tradewatch.errors.choices import ErrorCategory
from tradewatch.errors.classification import UNCLASSIFIED, Rule, RuleSet
from tradewatch.errors.facts import facts_of
from tradewatch.errors.models import ClassificationRule
from tradewatch.errors.rulebook import current_rules, forget_rules, read_rules


def make_rule(number: int = 1, *, project_id: int | None = None, category: str = "risk", **patterns: str) -> Rule:
    return Rule(id=number, project_id=project_id, category=category, **patterns)


def category_of(*rules: Rule, project_id: int = 1, **event: Any) -> str:
    exceptions = event.pop("exceptions", ())
    return RuleSet(rules).classify(facts_of(make_event(*exceptions, **event)), project_id).category


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [
        ({"exception_type": "^RiskLimit"}, True),
        ({"exception_type": "^risklimit"}, True),  # any case
        ({"exception_type": "Exceeded"}, True),  # anywhere
        ({"exception_type": "^Limit"}, False),
        ({"module": r"^app\.risk"}, True),
        ({"module": "^starlette"}, False),  # a frame that is not the innermost of ours
        ({"transaction": "/orders$"}, True),
        ({"message": "breached"}, True),
        ({"message": "accepted"}, False),
        ({"tag": "venue=^lmax$"}, True),
        ({"tag": "venue=^cme$"}, False),
        ({"tag": "venue"}, True),
        ({"tag": "desk"}, False),
        ({"tag": "environment=production"}, True),
        ({"exception_type": "Risk", "tag": "venue=lmax"}, True),
        ({"exception_type": "Risk", "tag": "venue=cme"}, False),  # all of a rule's patterns must match
        ({}, True),  # an empty pattern matches everything
    ],
)
def test_patterns(patterns: dict[str, str], matches: bool) -> None:
    assert (category_of(make_rule(**patterns)) == "risk") is matches


def test_a_category_that_the_application_named_beats_every_rule() -> None:
    event = make_event(make_exception("RiskLimitExceeded"), tags={"tradewatch.category": "settlement"})
    said = RuleSet([make_rule(exception_type="Risk")]).classify(facts_of(event), 1)
    assert (said.category, said.rule_id, said.why) == ("settlement", None, "named by the application")


def test_a_category_that_does_not_exist_leaves_it_to_the_rules() -> None:
    event = make_event(make_exception("RiskLimitExceeded"), tags={"tradewatch.category": "weather"})
    assert RuleSet([make_rule(exception_type="Risk")]).classify(facts_of(event), 1).category == "risk"


def test_the_first_match_wins_and_says_why() -> None:
    rules = RuleSet(
        [
            make_rule(1, exception_type="^Nothing"),
            make_rule(2, category="order_execution", severity="critical", exception_type="^Risk", tag="venue=lmax"),
            make_rule(3, exception_type="^Risk"),
        ]
    )
    found = rules.classify(facts_of(make_event()), 1)
    assert (found.category, found.severity, found.rule_id) == ("order_execution", "critical", 2)
    assert found.why == "exception type matches ^Risk and tag venue matches lmax"


def test_no_rule_is_named_when_none_matches() -> None:
    assert RuleSet([]).classify(facts_of(make_event()), 1) == UNCLASSIFIED
    assert RuleSet([make_rule(message="no such")]).classify(facts_of(make_event()), 1) == UNCLASSIFIED


def test_a_rule_of_another_project_does_not_count() -> None:
    assert category_of(make_rule(project_id=1, exception_type="Risk"), project_id=1) == "risk"
    assert category_of(make_rule(project_id=2, exception_type="Risk"), project_id=1) == "unknown"


def test_the_cause_decides_when_nothing_is_known_of_what_was_caught() -> None:
    chain = (make_exception("DeadlockDetected", "deadlock"), make_exception("Wrapped", "failed", frames=[]))
    rules = RuleSet([make_rule(category="database", exception_type="Deadlock")])
    found = rules.classify(facts_of(make_event(*chain)), 1)
    assert found.category == "database"
    assert found.why == "of the cause: exception type matches Deadlock"


def test_what_was_caught_beats_its_cause_whatever_the_positions() -> None:
    chain = (make_exception("DeadlockDetected"), make_exception("OrderRejected"))
    database, order = make_rule(1, category="database", exception_type="Deadlock"), make_rule(2, exception_type="Order")
    assert category_of(database, order, exceptions=chain) == "risk"


def test_a_rule_that_cannot_be_compiled_is_left_out_and_named() -> None:
    rules = RuleSet([make_rule(1, exception_type="(?=Risk)"), make_rule(2, exception_type="Risk")])
    assert [rule.id for rule in rules.refused] == [1]
    assert rules.classify(facts_of(make_event()), 1).rule_id == 2


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("exception_type", "(Order", "missing )"),
        ("message", "(?=lookahead)", "invalid perl operator"),
        ("tag", "venue=[", "missing ]"),
        ("tag", "=lmax", "expected key=pattern"),
    ],
)
def test_a_bad_pattern_is_refused_at_its_field(field: str, value: str, reason: str) -> None:
    rule = ClassificationRule(name="bad", category="risk", **{field: value})
    with pytest.raises(ValidationError) as refused:
        rule.clean()
    assert reason in str(refused.value.message_dict[field])


def test_good_patterns_are_not_refused() -> None:
    ClassificationRule(name="good", category="risk", exception_type="^Order", tag="venue=^lmax$").clean()


@pytest.mark.django_db
def test_the_compiled_rules_follow_the_table() -> None:
    forget_rules()
    facts = facts_of(make_event(make_exception("Unheard", "of", frames=[]), transaction="job"))
    assert current_rules().classify(facts, make_project().pk).rule_id is None
    mine = ClassificationRule.objects.create(name="mine", category="security", exception_type="^Unheard$", position=1)
    forget_rules()
    assert current_rules().classify(facts, make_project().pk).rule_id == mine.pk
    ClassificationRule.objects.update(is_enabled=False)
    forget_rules()
    assert current_rules().classify(facts, make_project().pk).rule_id is None


SOMEWHERE = make_frame("run", "app.main")
DEFAULTS = [
    ("OrderRejected", None, "Venue lmax rejected order: INSUFFICIENT_MARGIN", "order_execution", ""),
    ("DuplicateClientOrderId", "app.ids", "clOrdId already live", "order_execution", ""),
    ("RiskLimitExceeded", None, "gross notional limit breached", "risk", ""),
    ("MarginCheckError", None, "no margin account", "risk", ""),
    ("KillSwitchTripped", None, "all trading stopped", "risk", "critical"),
    ("StaleQuoteError", None, "top of book is old", "market_data", ""),
    ("SettlementMismatch", None, "positions differ", "settlement", ""),
    ("SuspiciousOperation", "django.core.exceptions", "host", "security", ""),
    ("PermissionDenied", None, "no", "authentication", ""),
    ("Failure", None, "answered 401 Unauthorized", "authentication", ""),
    ("OperationalError", "sqlalchemy.exc", "server closed the connection unexpectedly", "database", ""),
    ("OperationalError", None, "no such table", "database", ""),
    ("DeadlockDetected", "psycopg.errors", "deadlock detected", "database", ""),
    ("Failure", None, "duplicate key value violates unique constraint", "database", ""),
    ("ValidationError", "pydantic_core._pydantic_core", "1 validation error for Order", "validation", ""),
    ("JSONDecodeError", "json.decoder", "Expecting value", "validation", ""),
    ("ValueError", None, "could not convert string to float: ''", "validation", ""),
    ("TimeoutError", None, "", "network", ""),
    ("ConnectionResetError", None, "[Errno 104] Connection reset by peer", "network", ""),
    ("Error", None, "connect ECONNREFUSED 10.0.0.1:443", "network", ""),
    ("HTTPStatusError", "httpx", "Server error '503 Service Unavailable'", "external_api", ""),
    ("VenueTimeout", None, "Timed out waiting for cme order gateway", "external_api", ""),
    ("SlowRequest", None, "quote took 2 s", "performance", ""),
    ("SoftTimeLimitExceeded", "billiard.exceptions", "", "performance", ""),
    ("InsufficientFunds", None, "balance too low", "business_logic", ""),
    ("AssertionError", None, "position and fills disagree", "business_logic", ""),
    ("MemoryError", None, "", "system", "critical"),
    ("RecursionError", None, "maximum recursion depth exceeded", "system", ""),
    ("KeyError", None, "'acc'", "unknown", ""),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "module", "message", "category", "severity"), DEFAULTS)
def test_default_rules(kind: str, module: str | None, message: str, category: str, severity: str) -> None:
    event = make_event(make_exception(kind, message, module=module, frames=[SOMEWHERE]), transaction="job")
    found = RuleSet(read_rules()).classify(facts_of(event), 1)
    assert (found.category, found.severity) == (category, severity), found.why


@pytest.mark.django_db
def test_default_rules_are_sound_and_know_every_category() -> None:
    rules = list(ClassificationRule.objects.all())
    for rule in rules:
        rule.full_clean()
    assert {rule.category for rule in rules} == set(ErrorCategory.values) - {"unknown"}
    assert len({rule.position for rule in rules}) == len(rules)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("module", "category"),
    [
        ("app.risk.limits", "risk"),
        ("app.marketdata.book", "market_data"),
        ("app.settlement.worker", "settlement"),
        ("app.venues.base", "order_execution"),
        ("app.auth", "authentication"),
    ],
)
def test_where_it_came_from_decides_when_its_name_tells_nothing(module: str, category: str) -> None:
    event = make_event(make_exception("KeyError", "'x'", frames=[make_frame("run", module)]), transaction="job")
    assert RuleSet(read_rules()).classify(facts_of(event), 1).category == category
