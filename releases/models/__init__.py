"""What `releases` stores, one file a subject."""

from releases.models.deployments import Deployment as Deployment
from releases.models.settings import ReleaseSettings as ReleaseSettings
