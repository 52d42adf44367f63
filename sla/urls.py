from sla.api.corrections import Corrections, WithdrawCorrection
from sla.api.status import SlaStatus
from sla.api.targets import ArchiveTarget, OneTarget, RestoreTarget, TargetBurn, Targets, UpdateTarget
from tradewatch.core.routes import both

urlpatterns = [
    *both("sla/status", SlaStatus.as_view(), "sla-status"),
    *both("sla/targets", Targets.as_view(), "sla-targets"),
    *both("sla/targets/<slug:metric_name>", OneTarget.as_view(), "sla-target-read"),
    *both("sla/targets/<slug:metric_name>/update", UpdateTarget.as_view(), "sla-target-update"),
    *both("sla/targets/<slug:metric_name>/archive", ArchiveTarget.as_view(), "sla-target-archive"),
    *both("sla/targets/<slug:metric_name>/restore", RestoreTarget.as_view(), "sla-target-restore"),
    *both("sla/targets/<slug:metric_name>/burn", TargetBurn.as_view(), "sla-target-burn"),
    *both("sla/corrections", Corrections.as_view(), "sla-corrections"),
    *both("sla/corrections/<int:correction_id>/withdraw", WithdrawCorrection.as_view(), "sla-correction-withdraw"),
]
