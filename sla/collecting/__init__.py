"""Brings minutes from where they are counted into the blocks of measures, again and again, by overwriting.

plans     which stretches are read when          pure
writing   what was read, into blocks             writes
ticks     each minute, and back in time          writes
keeping   what goes at its age                   writes
"""

from sla.collecting.ticks import backfill as backfill
from sla.collecting.ticks import collect as collect
from sla.collecting.ticks import when_collected as when_collected
