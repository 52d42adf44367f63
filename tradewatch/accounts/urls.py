from django.urls import path

from tradewatch.accounts.views import account, enrolment, login, reset
from tradewatch.core.routes import both

urlpatterns = [
    # Before the admin's own, under the same paths: whatever asks for a login comes here.
    path("admin/login/", login.Login.as_view()),
    path("admin/logout/", login.Logout.as_view()),
    path("admin/password_change/", account.to_account),
    path("admin/password_change/done/", account.to_account),
    *both("login/code", login.second_step, "second-step"),
    *both("login/second-factor", enrolment.enrol, "enrol"),
    *both("login/reset", reset.ask, "password-reset"),
    *both("login/reset/sent", reset.sent, "password-reset-sent"),
    *both("login/reset/done", reset.done, "password-reset-done"),
    *both("login/reset/<uidb64>/<token>", reset.Confirm.as_view(), "password-reset-confirm"),
    *both("account", account.account, "account"),
    *both("account/profile", account.profile, "account-profile"),
    *both("account/password", account.password, "account-password"),
    *both("account/second-factor/disable", account.disable_second_factor, "disable-second-factor"),
    *both("account/second-factor/codes", account.recovery_codes, "recovery-codes"),
    *both("account/sessions/end-others", account.end_others, "end-other-sessions"),
    *both("account/sessions/<int:record_id>/end", account.end_one_session, "end-session"),
]
