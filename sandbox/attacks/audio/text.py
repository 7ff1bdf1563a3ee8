# tries = "a sentence in the place of sound"
# expect = ["invalid_audio"]
# detail = ["does not begin with RIFF"]
# never = ["ESCAPED"]

with open("output.wav", "w") as file:
    file.write("This is a beautiful recording of a violin.\n" * 2000)
