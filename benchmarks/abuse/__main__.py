"""``python -m benchmarks.abuse FORM...``: measure a normal listener during attacks on connections."""

import argparse
import asyncio
import http.client
import sys
import time

import psutil

from benchmarks.abuse.attacks import FORMS
from benchmarks.abuse.sockets import CAP_MB, MB, SHAPE, SLOWER, watching
from benchmarks.clients.listener import listening
from benchmarks.report import Result, Row, Target, table
from benchmarks.server import HOST, ROOT, Server, serving
from benchmarks.summary import median
from benchmarks.texts import Texts

ALONE = 8
ATTACK_S = 20.0
EVERY_S = 1.0
"""Seconds between the normal listener's utterances, so that all of them stay within the default rate limits."""
RECOVERED_S = 10.0
GIVEN_UP_S = 60.0
LOST_S = 20.0
"""Seconds after which an utterance without audio counts as lost, with this duration as its latency."""


def main() -> int:
    """Run the attacks. Returns 0 if all targets were met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abuse", description=__doc__)
    parser.add_argument("forms", nargs="*", choices=[*FORMS, []], metavar="form", help=", ".join(FORMS))
    met = True
    for form in parser.parse_args().forms or FORMS:
        result = measure(form)
        sys.stdout.write(table(result) + "\n\n")
        sys.stdout.flush()
        met = met and all(row.verdict != "missed" for row in result.rows)
    return 0 if met else 1


def measure(form: str) -> Result:
    """Measure one attack against its own server. Raises ``NotMeasuredError``."""
    with serving() as server:
        return asyncio.run(_measure(server, form))


async def _measure(server: Server, form: str) -> Result:
    process, texts = psutil.Process(server.pid), Texts(seed=8)
    before, _ = await _listen(server, texts, ALONE, 0.0)
    idle = process.memory_info().rss / MB
    command = (sys.executable, "-m", "benchmarks.abuse.attacks", form, str(server.port), str(ATTACK_S))
    attack = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    health: list[float] = []
    async with watching(process) as largest:
        asking = asyncio.create_task(_ask(server, health))
        during, refused = await _listen(server, texts, int(ATTACK_S / EVERY_S), ATTACK_S)
        await attack.wait()
        ended = time.monotonic()
        recovered = await _recovered(server, texts, SLOWER * median(before), ended)
        asking.cancel()
    after, _ = await _listen(server, texts, ALONE, 0.0)
    alone, beside = Row("before: first audio", "ms", before), Row("during: first audio", "ms", during)
    rows = (
        alone,
        beside,
        Row("latency during, relative to before", "x", (beside.value / alone.value,), Target(SLOWER)),
        Row("after: first audio", "ms", after),
        Row("utterances without audio", "", (float(refused),), Target(0)),
        Row("/healthz during", "ms", tuple(health)),
        Row("memory before", "MB", (idle,)),
        Row("peak memory", "MB", (largest[0],), Target(CAP_MB, below=True)),
        Row("time to recovery", "s", (recovered,), Target(RECOVERED_S)),
    )
    return Result(f"abuse {form}", rows)


async def _recovered(server: Server, texts: Texts, wanted_ms: float, ended: float) -> float:
    """Return the seconds from the attack's end until an utterance meets the latency target, or until the timeout."""
    for _ in range(int(GIVEN_UP_S / EVERY_S)):
        begun = time.monotonic()
        if await _hear(server, texts) <= wanted_ms:
            break
        await asyncio.sleep(EVERY_S)
    return begun - ended


async def _listen(server: Server, texts: Texts, times: int, at_most_s: float) -> tuple[tuple[float, ...], int]:
    """Return milliseconds to the first audio of each utterance, and the number of utterances without audio."""
    began, first = time.monotonic(), []
    for number in range(times):
        if at_most_s:
            if time.monotonic() - began > at_most_s:
                break
            await asyncio.sleep(max(0.0, began + number * EVERY_S - time.monotonic()))
        first.append(await _hear(server, texts))
    return tuple(first), sum(heard >= LOST_S * 1000 for heard in first)


async def _hear(server: Server, texts: Texts) -> float:
    """Return milliseconds to the first audio of one utterance over a new socket."""
    try:
        async with asyncio.timeout(LOST_S), listening(server.socket_url) as listener:
            return (await listener.hear(texts.text(SHAPE))).first_s * 1000
    except Exception:  # noqa: BLE001 - any error means that no audio arrived
        return LOST_S * 1000


async def _ask(server: Server, health: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.to_thread(_healthz, server)
        health.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.5)


def _healthz(server: Server) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=LOST_S)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
