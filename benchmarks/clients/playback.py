"""A loudspeaker that is fed as sound arrives. Pure: it is told the time, in seconds on any clock."""


class Playback:
    """Plays from its first sound on, without a reserve: sound that comes after the last has ended is heard as a gap."""

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._received = 0
        self._dry_at: float | None = None
        self.underruns = 0
        self.silent_s = 0.0

    def receive(self, now: float, end: int) -> None:
        """Sound up to (not including) sample ``end`` has come."""
        goes_on = now if self._dry_at is None else max(now, self._dry_at)
        if self._dry_at is not None and now > self._dry_at:
            self.underruns += 1
            self.silent_s += now - self._dry_at
        self._dry_at = goes_on + (end - self._received) / self._sample_rate
        self._received = end

    def left_s(self, now: float) -> float:
        """Seconds of sound that have come and not been played yet."""
        return 0.0 if self._dry_at is None else max(0.0, self._dry_at - now)

    def played(self, now: float) -> int:
        """The next sample to sound."""
        return max(0, self._received - round(self.left_s(now) * self._sample_rate))
