"""Admin of debugging: sessions, what code captured, replays and their targets, simulations."""

from debugging.admin.contexts import ErrorContextAdmin as ErrorContextAdmin
from debugging.admin.patterns import PatternAdmin as PatternAdmin
from debugging.admin.patterns import PatternRunAdmin as PatternRunAdmin
from debugging.admin.recordings import BrowserReplayAdmin as BrowserReplayAdmin
from debugging.admin.replays import ReplayAdmin as ReplayAdmin
from debugging.admin.replays import ReplayBatchAdmin as ReplayBatchAdmin
from debugging.admin.sessions import DebugSessionAdmin as DebugSessionAdmin
from debugging.admin.simulations import SimulationAdmin as SimulationAdmin
from debugging.admin.targets import ReplayTargetAdmin as ReplayTargetAdmin
