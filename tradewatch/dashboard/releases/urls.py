"""The pages of releases. What programs ask is under `/release/`, in `releases.urls`."""

from django.urls import path

from tradewatch.core.routes import both
from tradewatch.dashboard.releases import notes_views, views
from tradewatch.dashboard.releases.detail import act_on_release
from tradewatch.dashboard.releases.gate import ci
from tradewatch.dashboard.releases.gate import views as gate
from tradewatch.dashboard.releases.rollback_actions import act_on_rollback, act_on_way_back

urlpatterns = [
    path("dashboard/actions/releases/<int:release_id>/<slug:action>", act_on_release, name="act-on-release"),
    path("dashboard/actions/way-back/<int:deployment_id>/<slug:action>", act_on_way_back, name="act-on-way-back"),
    path("dashboard/actions/rollbacks/<int:rollback_id>/<slug:action>", act_on_rollback, name="act-on-rollback"),
    *both("releases", views.releases, "releases"),
    *both("releases/<int:release_id>", views.release, "release"),
    *both("releases/<int:release_id>/notes", notes_views.release_notes, "release-notes-page"),
    *both("releases/compare", notes_views.compare, "compare-releases"),
    *both("releases/deployments/<int:deployment_id>", views.deployment, "deployment"),
    path(
        "dashboard/actions/deployments/<int:deployment_id>/<slug:action>",
        views.act_on_deployment,
        name="act-on-deployment",
    ),
    *both("releases/gate", gate.ask_gate, "release-gate-page"),
    *both("releases/freezes", gate.freezes, "release-freezes-page"),
    *both("releases/freezes/new", gate.new_freeze, "release-freeze-new"),
    *both("releases/ci", ci.snippets, "release-ci-page"),
    *both("releases/ci/tradewatch-deploy.sh", ci.script, "release-ci-script"),
    path("dashboard/actions/freezes/<int:freeze_id>/<slug:action>", gate.act_on_freeze, name="act-on-freeze"),
    path(
        "dashboard/actions/gate-overrides/<int:override_id>/<slug:action>",
        gate.act_on_override,
        name="act-on-override",
    ),
]
