"""What changes alerts: news comes in, rules judge it, people answer. Each in a transaction of its own.

Deciding and its outbox rows commit together; `alerts.delivery` sends them.
"""

from alerts.services.handling import acknowledge_alert as acknowledge_alert
from alerts.services.handling import acknowledge_group as acknowledge_group
from alerts.services.handling import raise_alert as raise_alert
from alerts.services.handling import resolve_alert as resolve_alert
from alerts.services.handling import resolve_group as resolve_group
from alerts.services.handling import unacknowledge_alert as unacknowledge_alert
from alerts.services.judging import judge_occurrences as judge_occurrences
from alerts.services.judging import observe as observe
from alerts.services.judging import observe_end as observe_end
from alerts.services.judging_measures import judge_measures as judge_measures
from alerts.services.judging_rates import judge_error_rates as judge_error_rates
from alerts.services.owning import assign_alert as assign_alert
from alerts.services.owning import note_on_alert as note_on_alert
from alerts.services.silencing import change_silence as change_silence
from alerts.services.silencing import expire_silence as expire_silence
from alerts.services.silencing import open_silence as open_silence
from alerts.services.snoozing import snooze_alert as snooze_alert
