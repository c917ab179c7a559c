"""How many values are at most how large."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence


class Histogram:
    """Counts of values by their size.

    Attributes:
        bounds: The upper bounds of its buckets.
        counts: Values in each bucket, and in one more for larger ones.
        total: The sum of all values.
        largest: The largest value.

    Args:
        bounds: Ascending.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        self.largest = 0.0

    @property
    def count(self) -> int:
        """How many values there are."""
        return sum(self.counts)

    def add(self, values: Iterable[float], *, times: int = 1) -> None:
        """Count values, each as often as it is said."""
        ordered = sorted(values)
        if ordered:
            below = 0
            for bucket, bound in enumerate(self.bounds):
                upto = bisect_right(ordered, bound)
                self.counts[bucket] += (upto - below) * times
                below = upto
            self.counts[-1] += (len(ordered) - below) * times
            self.total += sum(ordered) * times
            self.largest = max(self.largest, ordered[-1])

    def percentile(self, share: float) -> float:
        """The value that a share of all are not above, as if those of a bucket were spread evenly."""
        sought = share * self.count
        below = 0.0
        for count, low, high in zip(self.counts, (0.0, *self.bounds), (*self.bounds, self.largest), strict=True):
            if count and below + count >= sought:
                return min(low + (high - low) * (sought - below) / count, self.largest)
            below += count
        return self.largest
