"""Clocks, sleeping, dates and time zones."""

import datetime
import time
import wave

began = time.monotonic()
time.sleep(0.02)
assert 0.02 <= time.monotonic() - began < 5
assert time.perf_counter_ns() > 0
assert time.process_time() > 0
assert time.thread_time() > 0
assert time.clock_getres(time.CLOCK_MONOTONIC) > 0
assert time.tzname == ("UTC", "UTC")
assert datetime.datetime.now(datetime.UTC).year > 2020

with wave.open("output.wav", "wb") as out:
    out.setparams((1, 1, 8000, 0, "NONE", ""))
    out.writeframes(bytes(100 + (n // 20) % 2 * 50 for n in range(8000)))
