"""The pages of releases. What programs ask is under `/release/`, in `releases.urls`."""

from django.urls import path

from tradewatch.core.routes import both
from tradewatch.dashboard.releases import views

urlpatterns = [
    *both("releases", views.releases, "releases"),
    *both("releases/<int:release_id>", views.release, "release"),
    *both("releases/deployments/<int:deployment_id>", views.deployment, "deployment"),
    path(
        "dashboard/actions/deployments/<int:deployment_id>/<slug:action>",
        views.act_on_deployment,
        name="act-on-deployment",
    ),
]
