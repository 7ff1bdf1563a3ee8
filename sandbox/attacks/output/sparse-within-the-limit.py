# tries = "an output too large to take, without using any room"
# expect = ["output_limit"]
# detail = ["output.wav has"]
# never = ["ESCAPED"]
# limits = { audio_bytes = 4194304 }

with open("output.wav", "wb") as file:
    file.write(b"RIFF")
    file.truncate(32 << 20)
