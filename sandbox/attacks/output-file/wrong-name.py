# tries = "nothing: a file of another name"
# expect = ["no_output"]
# detail = ["'Output.WAV'"]
# never = ["ESCAPED"]

with open("Output.WAV", "wb") as file:
    file.write(b"RIFF")
