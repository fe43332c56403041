"""Simulates playback of arriving audio. Pure: the caller passes the time, in seconds on any clock."""


class Playback:
    """Plays from the first frame, without a buffer: audio that arrives after the previous frame is an underrun.

    The first frame begins at sample ``start``.
    """

    def __init__(self, sample_rate: int, start: int = 0) -> None:
        self._sample_rate = sample_rate
        self._received = start
        self._dry_at: float | None = None
        self.underruns = 0
        self.silent_s = 0.0

    def receive(self, now: float, end: int) -> None:
        """Add audio up to sample ``end`` (exclusive)."""
        goes_on = now if self._dry_at is None else max(now, self._dry_at)
        if self._dry_at is not None and now > self._dry_at:
            self.underruns += 1
            self.silent_s += now - self._dry_at
        self._dry_at = goes_on + (end - self._received) / self._sample_rate
        self._received = end

    def left_s(self, now: float) -> float:
        """Return the seconds of audio that arrived and were not played yet."""
        return 0.0 if self._dry_at is None else max(0.0, self._dry_at - now)

    def played(self, now: float) -> int:
        """Return the next sample to play."""
        return max(0, self._received - round(self.left_s(now) * self._sample_rate))
