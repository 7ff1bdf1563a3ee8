# tries = "nothing: a file in another folder"
# expect = ["no_output"]
# detail = ["ended without /out/output.wav"]
# never = ["ESCAPED"]

with open("/tmp/output.wav", "wb") as file:
    file.write(b"RIFF")
