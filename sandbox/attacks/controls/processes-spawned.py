# tries = "nothing: a spawned process that imports this program again"
# expect = ["ok"]
# never = ["ESCAPED"]

import multiprocessing
import wave


def tone(path):
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 44100, 0, "NONE", ""))
        file.writeframes(bytes(range(0, 200, 4)) * 1764)


if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=tone, args=("output.wav",))
    process.start()
    process.join()
