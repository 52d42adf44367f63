"""What `sla` stores, one file a subject."""

from sla.models.corrections import Correction as Correction
from sla.models.measures import Measure as Measure
from sla.models.measures import MinuteBlock as MinuteBlock
from sla.models.targets import Target as Target
from sla.models.targets import TargetVersion as TargetVersion
