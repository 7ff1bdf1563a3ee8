"""Handlers, alarms, interval timers, masks, waiting for signals, and a traceback dumped on one."""

import faulthandler
import os
import signal
import tempfile
import threading
import wave

times = []
signal.signal(signal.SIGALRM, lambda *_: times.append("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
while len(times) < 3:
    signal.pause()
assert signal.setitimer(signal.ITIMER_REAL, 0)[1] == 0.01
assert signal.alarm(5) == 0
assert 0 < signal.alarm(0) <= 5

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
os.kill(os.getpid(), signal.SIGUSR1)
assert signal.SIGUSR1 in signal.sigpending()
assert signal.sigwait({signal.SIGUSR1}) == signal.SIGUSR1
assert signal.sigtimedwait({signal.SIGUSR1}, 0.01) is None

woken = threading.Event()
signal.signal(signal.SIGUSR2, lambda *_: woken.set())
signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2)
assert woken.wait(5)

with tempfile.TemporaryFile() as dump:
    faulthandler.enable(dump)
    faulthandler.dump_traceback(dump)
    assert dump.tell() > 0
    faulthandler.disable()

with wave.open("output.wav", "wb") as out:
    out.setparams((1, 1, 8000, 0, "NONE", ""))
    out.writeframes(bytes(n % 200 for n in range(8000)))
