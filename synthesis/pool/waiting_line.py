"""The waiting line of admission control: resumed utterances go before new ones; accounts and addresses take turns."""

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """An utterance that waits."""

    person: Hashable
    """The account or address."""
    is_resumed: bool
    """Whether it was admitted before, in a process that has ended."""


W = TypeVar("W", bound=Waiting)
Lane = OrderedDict[Hashable, deque[W]]


class WaitingLine(Generic[W]):
    """Round robin over accounts and addresses, and by arrival for each of them; resumed utterances come first."""

    def __init__(self) -> None:
        self._resumed: Lane[W] = OrderedDict()
        self._new: Lane[W] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """Return the number of waiting utterances."""
        return self._count

    def __iter__(self) -> Iterator[W]:
        """Yield the waiting utterances in the order in which they are admitted."""
        for lane in (self._resumed, self._new):
            turns = [iter(queue) for queue in lane.values()]
            while turns:
                rest = []
                for turn in turns:
                    ticket = next(turn, None)
                    if ticket is not None:
                        yield ticket
                        rest.append(turn)
                turns = rest

    @property
    def first(self) -> W:
        """Return the utterance that is admitted next. Raises ``StopIteration`` if none waits."""
        return next(iter((self._resumed or self._new).values()))[0]

    @property
    def has_resumed(self) -> bool:
        """Return whether a resumed utterance waits."""
        return bool(self._resumed)

    def is_first(self, ticket: W) -> bool:
        """Return whether nothing that waits would go before ``ticket`` if it arrived now."""
        return not (self._resumed if ticket.is_resumed else self._count)

    def append(self, ticket: W) -> None:
        """Add an utterance behind those of its account or address."""
        self._lane(ticket).setdefault(ticket.person, deque()).append(ticket)
        self._count += 1

    def remove(self, ticket: W) -> bool:
        """Remove an utterance that need not wait any more. Returns whether it waited."""
        lane = self._lane(ticket)
        queue = lane.get(ticket.person)
        if queue is None or ticket not in queue:
            return False
        queue.remove(ticket)
        self._count -= 1
        if not queue:
            del lane[ticket.person]
        return True

    def end_turn(self, ticket: W) -> None:
        """Remove the first utterance because it is admitted: the others of its account or address come last."""
        self.remove(ticket)
        lane = self._lane(ticket)
        if ticket.person in lane:
            lane.move_to_end(ticket.person)

    def _lane(self, ticket: W) -> Lane[W]:
        return self._resumed if ticket.is_resumed else self._new
