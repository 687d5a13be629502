"""Summary of all runs as lines; the last one is the total."""

from collections import Counter


class Summary:
    """Count verdicts."""

    def __init__(self):
        self.runs, self.bytes_lost, self.lost, self.unreasoned = 0, 0, 0, 0
        self.outcomes, self.causes = Counter(), Counter()

    def add(self, verdict, causes):
        """Add a run with the troubles in its plan."""
        self.runs += 1
        self.bytes_lost += verdict.bytes_lost
        self.lost += bool(verdict.lost)
        self.unreasoned += bool(verdict.unreasoned)
        self.outcomes[verdict.outcome] += 1
        self.causes.update((cause, verdict.outcome) for cause in causes)

    @property
    def is_good(self):
        """Check that nothing was lost, and no refusal had no reason."""
        return not self.lost and not self.unreasoned

    def lines(self, seconds):
        """Yield readable lines; the last one is the total."""
        for cause in sorted({cause for cause, _ in self.causes}):
            stopped, refused = (self.causes[cause, outcome] for outcome in ("stopped", "refused"))
            yield f"{cause:24} {stopped:5} stopped {refused:5} refused"
        yield f"chaos: {self.sum(seconds)}"

    def sum(self, seconds):
        """Return the total as one line."""
        return (
            f"{self.runs} runs, {self.outcomes['stopped']} stopped, "
            f"{self.outcomes['refused'] - self.unreasoned} refused with a reason, {self.bytes_lost} bytes lost, "
            f"{self.unreasoned} refusals without a reason, {seconds:.1f} s"
        )
