"""What `debugging` stores, one file a subject."""

from debugging.models.contexts import ErrorContext as ErrorContext
from debugging.models.patterns import Pattern as Pattern
from debugging.models.patterns import PatternRun as PatternRun
from debugging.models.recordings import BrowserReplay as BrowserReplay
from debugging.models.recordings import BrowserReplayRef as BrowserReplayRef
from debugging.models.recordings import BrowserReplaySegment as BrowserReplaySegment
from debugging.models.replays import Replay as Replay
from debugging.models.replays import ReplayBatch as ReplayBatch
from debugging.models.sessions import DebugSession as DebugSession
from debugging.models.sessions import SessionEntry as SessionEntry
from debugging.models.sessions import SessionSnapshot as SessionSnapshot
from debugging.models.sessions import SessionStep as SessionStep
from debugging.models.simulations import Simulation as Simulation
from debugging.models.targets import ReplayTarget as ReplayTarget
from debugging.models.targets import TargetSecret as TargetSecret
