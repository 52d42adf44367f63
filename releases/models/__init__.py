"""What `releases` stores, one file a subject."""

from releases.models.commits import Commit as Commit
from releases.models.commits import CommitFile as CommitFile
from releases.models.commits import ReleaseCommit as ReleaseCommit
from releases.models.commits import Repository as Repository
from releases.models.deployments import Deployment as Deployment
from releases.models.details import ReleaseArtifact as ReleaseArtifact
from releases.models.details import ReleaseDetail as ReleaseDetail
from releases.models.details import UploadedChunk as UploadedChunk
from releases.models.gate import BudgetReading as BudgetReading
from releases.models.gate import DeploymentWindow as DeploymentWindow
from releases.models.gate import Freeze as Freeze
from releases.models.gate import GateAnswer as GateAnswer
from releases.models.gate import GateOverride as GateOverride
from releases.models.looks import DeploymentLook as DeploymentLook
from releases.models.rollbacks import Rollback as Rollback
from releases.models.settings import ReleaseSettings as ReleaseSettings
