from tradewatch.core.routes import both
from tradewatch.performance.checks.api import CheckResults, Checks, OneCheck, PauseCheck, ResumeCheck, RunCheck

urlpatterns = [
    *both("performance/checks", Checks.as_view(), "performance-checks"),
    *both("performance/checks/<int:check_id>", OneCheck.as_view(), "performance-check"),
    *both("performance/checks/<int:check_id>/results", CheckResults.as_view(), "performance-check-results"),
    *both("performance/checks/<int:check_id>/run", RunCheck.as_view(), "performance-check-run"),
    *both("performance/checks/<int:check_id>/pause", PauseCheck.as_view(), "performance-check-pause"),
    *both("performance/checks/<int:check_id>/resume", ResumeCheck.as_view(), "performance-check-resume"),
]
