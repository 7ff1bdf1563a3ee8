"""asyncio: its default loop, threads, pipes, subprocesses and signals."""

import asyncio
import os
import signal
import sys

import numpy as np
import soundfile as sf


async def run() -> np.ndarray:
    loop = asyncio.get_running_loop()
    caught = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, caught.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(caught.wait(), 10)

    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(440)", stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await asyncio.wait_for(child.communicate(), 20)

    async def voice(ratio: float) -> np.ndarray:
        await asyncio.sleep(0.01)
        phase = 2 * np.pi * int(printed) * ratio * np.arange(16000) / 16000
        return await asyncio.to_thread(np.sin, phase)

    return sum(await asyncio.gather(*map(voice, (1, 1.5, 2)))) / 4


sf.write("output.wav", asyncio.run(run()), 16000)
