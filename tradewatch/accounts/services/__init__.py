"""Changes to accounts. Each takes its `actor`: oneself, or a superuser for somebody else; all are audited."""

from tradewatch.accounts.services.passwords import change_password, confirm_password, reset_password
from tradewatch.accounts.services.profiles import change_own_profile
from tradewatch.accounts.services.second_factor import (
    check_code,
    confirm_authenticator,
    disable_authenticator,
    renew_recovery_codes,
    reset_authenticator,
    start_enrolment,
)
from tradewatch.accounts.services.sessions import end_other_sessions, end_session

__all__ = [
    "change_own_profile",
    "change_password",
    "check_code",
    "confirm_authenticator",
    "confirm_password",
    "disable_authenticator",
    "end_other_sessions",
    "end_session",
    "renew_recovery_codes",
    "reset_authenticator",
    "reset_password",
    "start_enrolment",
]
