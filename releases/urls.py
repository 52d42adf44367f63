from releases.commits.api import ReleaseCommits
from releases.deployments.api import CompleteDeployment, Deployments, OneDeployment, ReleaseStatus, StartDeployment
from releases.details.urls import urlpatterns as details
from releases.gate import api as gate
from releases.health.api import ReleaseHealth
from releases.notes.urls import urlpatterns as notes
from releases.rollbacks.urls import urlpatterns as rollback_patterns
from releases.sentry_cli.urls import urlpatterns as sentry_cli
from tradewatch.core.routes import both

urlpatterns = [
    *both("release/status", ReleaseStatus.as_view(), "release-status"),
    *both("release/deploy/start", StartDeployment.as_view(), "release-deploy-start"),
    *both("release/deploy/<int:deployment_id>/complete", CompleteDeployment.as_view(), "release-deploy-complete"),
    *both("release/commits", ReleaseCommits.as_view(), "release-commits"),
    *details,
    *both("release/health", ReleaseHealth.as_view(), "release-health"),
    *notes,
    *both("release/deployments", Deployments.as_view(), "release-deployments"),
    *both("release/deployments/<int:deployment_id>", OneDeployment.as_view(), "release-deployment"),
    *both("release/gate", gate.Gate.as_view(), "release-gate"),
    *both("release/gate/override", gate.OverrideGate.as_view(), "release-gate-override"),
    *both("release/gate/overrides", gate.Overrides.as_view(), "release-gate-overrides"),
    *both(
        "release/gate/overrides/<int:override_id>/withdraw",
        gate.WithdrawOverride.as_view(),
        "release-gate-override-withdraw",
    ),
    *both("release/freezes", gate.Freezes.as_view(), "release-freezes"),
    *both("release/freezes/<int:freeze_id>/cancel", gate.CancelFreeze.as_view(), "release-freeze-cancel"),
    *sentry_cli,
    *rollback_patterns,
]
