# tries = "nothing: an event loop with tasks, a subprocess and an executor"
# expect = ["ok"]
# never = ["ESCAPED"]

import asyncio
import sys
import wave


async def main():
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(4)", stdout=-1)
    printed, _ = await process.communicate()
    await asyncio.gather(*(asyncio.sleep(0.01) for _ in range(10)))
    step = await asyncio.get_running_loop().run_in_executor(None, int, printed)
    with wave.open("output.wav", "wb") as file:
        file.setparams((1, 2, 44100, 0, "NONE", ""))
        file.writeframes(bytes(range(0, 50 * step, step)) * 1764)


asyncio.run(main())
