"""Each fact as what it says about going: warn, no go, or go where it is only said. Pure.

docs/gate.md has the table; the tests hold it. A rollback that was requested is let through what it is to cure: budgets,
alerts and the verdict warn about its version, and do not stop it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from alerts.words import clock_words, counted, duration_words, number_words, one_line
from releases.choices import Decision, Verdict, WindowRule
from releases.gate import timed
from releases.gate.values import BudgetFact, Facts, Reason, WindowFact
from releases.gate.words import few, margin_words, share_words, until_words
from sla.figures.pairs import PAGE, TICKET
from tradewatch.calendars.sessions import Session

LOW_BUDGET = 0.25
THIN_COVERAGE = 0.5
GO, WARN, NO_GO = Decision.GO, Decision.WARN, Decision.NO_GO


def freeze_reasons(facts: Facts) -> Iterator[Reason]:
    for each in timed.freezes_in_force(facts.freezes, facts.at):
        why = f": {each.reason}" if each.reason else ""
        until = until_words(each.ends_at, each.zone, now=facts.at)
        of_all = " of all projects" if each.is_of_all_projects else ""
        text = f"Freeze{of_all} “{each.name}” {until}{why}"
        yield Reason("freeze", NO_GO, text, f"freeze “{each.name}”", until=each.ends_at, is_timed=True)


def window_reasons(facts: Facts) -> Iterator[Reason]:
    for each in facts.windows:
        if timed.forbids(each):
            yield from _in_session(each, facts)
        yield from _unknown_market(each, facts)
    yield from _outside_all([each for each in facts.windows if not timed.forbids(each)], facts)


def _in_session(window: WindowFact, facts: Facts) -> Iterator[Reason]:
    free = timed.first_outside(lambda start, end: timed.forbidden_spans(window, start, end), facts.at, facts.horizon)
    if free == facts.at:
        return
    session = next((each for each in _sessions(window) if facts.at < each.closes_at + window.after), None)
    half = " (a half day)" if session and session.is_early_close else ""
    hours = f", {session.opens_at:%H:%M} to {session.closes_at:%H:%M} UTC{half}" if session else ""
    margins = margin_words(window.before, window.after)
    text = f"{window.name}: only outside the session of {window.calendar}{hours}{margins}"
    yield Reason("in_session", window.decision, text, f"session of {window.calendar}", until=free, is_timed=True)


def _outside_all(allowing: Sequence[WindowFact], facts: Facts) -> Iterator[Reason]:
    free = timed.first_outside(lambda start, end: timed.closed_spans(allowing, start, end), facts.at, facts.horizon)
    if free == facts.at:
        return
    text = "; or ".join(f"{each.name}: {_when(each)}" for each in allowing)
    since = f", next from {clock_words(free, now=facts.at)}" if free else ""
    decision = timed.gravest(allowing)
    yield Reason("outside_window", decision, text + since, "outside its deployment window", until=free, is_timed=True)


def _when(window: WindowFact) -> str:
    if window.rule == WindowRule.TIMES:
        return "only at its times of the week"
    return f"only inside the session of {window.calendar}{margin_words(window.before, window.after)}"


def _unknown_market(window: WindowFact, facts: Facts) -> Iterator[Reason]:
    if window.rule == WindowRule.TIMES or (window.market is not None and window.market.knows(facts.at)):
        return
    missing = "no data for that day" if window.market else "no sessions here"
    text = f"{window.name}: the calendar {window.calendar} has {missing}, so whether its session is open is unknown"
    yield Reason("market_unknown", WARN, text, f"sessions of {window.calendar} unknown")


def _sessions(window: WindowFact) -> Sequence[Session]:
    return window.market.sessions if window.market else ()


def budget_reasons(facts: Facts) -> Iterator[Reason]:
    spent = [each for each in facts.budgets if each.is_spent]
    stops = [each for each in spent if each.has_enough and each.is_of_service]
    paging = [each for each in facts.budgets if each.burn == PAGE]
    yield from _about("budget_spent", _unless_back(facts), stops, "budget spent", _left)
    yield from _about("burn_page", _unless_back(facts), [each for each in paging if each.is_of_service], *_PAGE)
    yield from _about("burn_page", WARN, [each for each in paging if not each.is_of_service], *_PAGE)
    yield from _about("budget_spent", WARN, [each for each in spent if each not in stops], _SPENT_FEW, _left)
    low = [each for each in facts.budgets if _is_low(each)]
    yield from _about("budget_low", WARN, low, f"budget below {LOW_BUDGET:.0%}", _left)
    ticket = [each for each in facts.budgets if each.burn == TICKET]
    yield from _about("burn_ticket", WARN, ticket, "budget burns at ticket pace", _burn)
    without = [each for each in facts.budgets if not each.has_data]
    yield from _about("budget_no_data", GO, without, "no data for SLA targets", lambda each: each.name)
    thin = [each for each in facts.budgets if each.has_data and _is_thin(each)]
    yield from _about("coverage", GO, thin, f"data in less than {THIN_COVERAGE:.0%} of the minutes", _coverage)


def _about(
    code: str, decision: Decision, budgets: Sequence[BudgetFact], short: str, words: Callable[[BudgetFact], str]
) -> Iterator[Reason]:
    if budgets:
        named = few([words(each) for each in budgets])
        text = f"{short[0].upper()}{short[1:]}: {named}"
        yield Reason(code, decision, text, f"{short}: {budgets[0].name}", link="/sla")


def _is_low(each: BudgetFact) -> bool:
    return not each.is_spent and each.remaining is not None and each.remaining < LOW_BUDGET


def _is_thin(each: BudgetFact) -> bool:
    return each.coverage is not None and each.coverage < THIN_COVERAGE


def _left(each: BudgetFact) -> str:
    return f"{each.name} ({share_words(each.remaining)})"


def _burn(each: BudgetFact) -> str:
    return f"{each.name} ({number_words(each.burn_rate)}x)" if each.burn_rate is not None else each.name


def _coverage(each: BudgetFact) -> str:
    return f"{each.name} ({each.coverage or 0:.0%})"


_PAGE = ("budget burns at page pace", _burn)
_SPENT_FEW = "budget spent, but by few events or not of the service"


def alert_reasons(facts: Facts) -> Iterator[Reason]:
    if facts.critical_alerts:
        short = f"{counted(facts.critical_alerts, 'critical alert')} open"
        text = f"{short}: {few([each.title for each in facts.alerts], facts.critical_alerts)}"
        link = f"/alerts/{facts.alerts[0].alert_id}" if facts.critical_alerts == 1 else "/alerts"
        yield Reason("critical_alert", _unless_back(facts), text, short, link=link)


def deployment_reasons(facts: Facts) -> Iterator[Reason]:
    for each in facts.running:
        age = duration_words(max(facts.now - each.started_at, timedelta()))
        version = each.version or "a version that nothing has named yet"
        text = f"{version} is going out for {age}, started by {one_line(each.deployed_by, limit=80)}"
        link = f"/releases/deployments/{each.deployment_id}"
        yield Reason("deployment_in_progress", NO_GO, text, f"{version} in progress", link=link)


def verdict_reasons(facts: Facts) -> Iterator[Reason]:
    current = facts.current
    if current is None or current.verdict in (None, Verdict.HEALTHY):
        return
    version, link = current.version or "what runs there", f"/releases/deployments/{current.deployment_id}"
    if current.verdict == Verdict.INSUFFICIENT:
        text = f"Too little traffic to tell how {version} does"
        yield Reason("verdict_insufficient", GO, text, f"{version}: insufficient data", link=link)
    elif current.kept_by:
        text = f"{version} is unhealthy, and stays: {current.kept_by} said so"
        yield Reason("verdict_kept", WARN, text, f"{version} is unhealthy", link=link)
    else:
        text = f"{version}, which runs there, is unhealthy: roll it back, or say that it stays"
        yield Reason("verdict_unhealthy", _unless_back(facts), text, f"{version} is unhealthy", link=link)


def notes(facts: Facts) -> Iterator[Reason]:
    if facts.is_way_back:
        text = f"{facts.version} is what a rollback brings back: what it is to cure does not stop it"
        yield Reason("way_back", GO, text, "the way back")
    if not facts.is_known_environment:
        text = f"Nothing was ever met in or deployed to {facts.environment}"
        yield Reason("environment_unknown", GO, text, "an environment never met before")
    if facts.is_simulated:
        text = (
            f"Freezes, windows, sessions and overrides as of {clock_words(facts.at, now=facts.now)}; all else as of now"
        )
        yield Reason("simulated", GO, text, "simulated")


def _unless_back(facts: Facts) -> Decision:
    return WARN if facts.is_way_back else NO_GO
