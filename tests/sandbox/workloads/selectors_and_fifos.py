"""Waiting for descriptors in every way: select, poll, epoll; pipes, socket pairs, events, FIFOs."""

import os
import select
import selectors
import socket
import threading
import wave
from pathlib import Path

left, right = socket.socketpair()
left.settimeout(5)
left.sendall(b"ping")
assert right.recv(4) == b"ping"
right.sendmsg([b"po", b"ng"])
assert left.recvmsg(4)[0] == b"pong"
assert left.family == socket.AF_UNIX
left.shutdown(socket.SHUT_WR)
assert right.recv(1) == b""

read_end, write_end = os.pipe()
os.write(write_end, b"x")
assert select.select([read_end], [], [], 5)[0] == [read_end]
waiting = select.poll()
waiting.register(read_end, select.POLLIN)
assert waiting.poll(5000) == [(read_end, select.POLLIN)]

event = os.eventfd(0)
with selectors.EpollSelector() as selector:
    selector.register(read_end, selectors.EVENT_READ, "pipe")
    selector.register(event, selectors.EVENT_READ, "event")
    os.eventfd_write(event, 1)
    assert {key.data for key, _ in selector.select(5)} == {"pipe", "event"}

os.mkfifo("/tmp/fifo")
frames = bytes(range(200)) * 80


def feed():
    with open("/tmp/fifo", "wb") as fifo:
        fifo.write(frames)


threading.Thread(target=feed).start()
with open("/tmp/fifo", "rb") as fifo, wave.open("output.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    out.writeframes(fifo.read())
assert Path("output.wav").stat().st_size == 44 + len(frames)
