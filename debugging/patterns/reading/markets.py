"""Market sessions as classes of hours, from the calendars that know the time."""

from datetime import UTC, datetime
from functools import lru_cache

from debugging.patterns.hours import HOUR, Question, day_of
from debugging.patterns.reading.windows import Window
from tradewatch.calendars.models import MarketCalendar
from tradewatch.calendars.queries import market
from tradewatch.calendars.sessions import Market, state_at


def market_questions(window: Window) -> list[Question]:
    """Return one for each calendar with sessions. An hour is what the market does in its middle."""
    start = datetime.fromtimestamp(window.hours_from, UTC)
    codes = MarketCalendar.objects.filter(is_always_open=False).order_by("code").values_list("code", flat=True)
    known = [found for code in codes if (found := market(code, start, window.until)) is not None and found.sessions]
    return [_question(each) for each in known]


def _question(of: Market) -> Question:
    @lru_cache(maxsize=4096)
    def phase(start: int) -> str | None:
        state = state_at(of, datetime.fromtimestamp(start + HOUR // 2, UTC))
        return None if state is None else state.phase.value

    return Question(f"market {of.code}", phase, day_of, "day")
