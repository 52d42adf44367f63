"""Which group each series of a bucket belongs to, by its attributes."""

from collections.abc import Mapping, Sequence

from tradewatch.metrics.models import MetricSeries
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.cells import Columns
from tradewatch.metrics.points.grouping import Members, Placing

LEFT_OUT = "\0"  # the group of what the filter leaves out; no attribute has that value


class Groups:
    """The groups of a question, numbered. `labels[0]` is what is left out; `of` says where series belong."""

    def __init__(self, question: Question, metric_ids: Sequence[int]) -> None:
        self.is_whole = not question.group_by and not question.filters
        self.labels = [LEFT_OUT]
        self._numbers: dict[tuple[int, int], int] = {}
        self._known: dict[tuple[int, bytes], Placing] = {}
        if self.is_whole:
            return
        number_of = {LEFT_OUT: 0}
        rows = MetricSeries.objects.filter(metric_id__in=metric_ids).values_list("metric_id", "key", "attributes")
        for metric_id, key, attributes in rows.iterator():
            label = _label(attributes, question)
            if label not in number_of:
                number_of[label] = len(self.labels)
                self.labels.append(label)
            self._numbers[metric_id, key] = number_of[label]

    @property
    def wanted(self) -> range:
        return range(1) if self.is_whole else range(1, len(self.labels))

    @property
    def all(self) -> Members:
        return Members((0,)) if self.is_whole else Members((0,), is_rest=True)

    def of(self, metric_id: int, bucket: Columns) -> Placing | None:
        """Return where the bucket's series belong; None: they are all of group 0, the only one."""
        if self.is_whole:
            return None
        raw_keys = bucket.raw_keys()
        if (known := self._known.get((metric_id, raw_keys))) is None:
            groups = [self._numbers.get((metric_id, key), 0) for key in bucket.series_keys()]
            known = self._known[metric_id, raw_keys] = Placing(groups, len(self.labels))
        return known


def _label(attributes: Mapping[str, str], question: Question) -> str:
    for name, accepted in question.filters.items():
        if attributes.get(name, "") not in accepted:
            return LEFT_OUT
    return attributes.get(question.group_by, "") if question.group_by else ""
