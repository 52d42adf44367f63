from releases.dora.api import DoraNumbers
from releases.rollbacks.api import (
    KeepDeployment,
    OneRollback,
    RequestRollback,
    Rollbacks,
    StopKeeping,
    WithdrawRollback,
)
from tradewatch.core.routes import both

_DEPLOYMENT, _ROLLBACK = "release/deployments/<int:deployment_id>", "release/rollbacks/<int:rollback_id>"
urlpatterns = [
    *both("release/dora", DoraNumbers.as_view(), "release-dora"),
    *both(f"{_DEPLOYMENT}/rollback", RequestRollback.as_view(), "release-deployment-rollback"),
    *both(f"{_DEPLOYMENT}/keep", KeepDeployment.as_view(), "release-deployment-keep"),
    *both(f"{_DEPLOYMENT}/keep/undo", StopKeeping.as_view(), "release-deployment-keep-undo"),
    *both("release/rollbacks", Rollbacks.as_view(), "release-rollbacks"),
    *both(_ROLLBACK, OneRollback.as_view(), "release-rollback"),
    *both(f"{_ROLLBACK}/withdraw", WithdrawRollback.as_view(), "release-rollback-withdraw"),
]
