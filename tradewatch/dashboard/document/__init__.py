"""An event's stored document (see `errors.normalise`) as the issue's page shows it: a document in, finished HTML out.

Pure: no database, no clock. Nothing is trusted to be there, and nothing to be small: each part of the page has a budget
of bytes, and says what it left to the raw JSON.
"""

from tradewatch.dashboard.document.view import EventView as EventView
from tradewatch.dashboard.document.view import read_document as read_document
