"""What a target's budget was spent on: by release and by issue, adding up to the whole. The rule stands in docs/sla.md.

`splitting` is pure; `releases` and `issues` read who may have spent it; `reading` puts both together for a target.
"""

from sla.costs.reading import by_issue as by_issue
from sla.costs.reading import by_release as by_release
