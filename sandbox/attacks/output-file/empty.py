# tries = "nothing: an output without a single byte"
# expect = ["invalid_audio"]
# detail = ["empty"]
# never = ["ESCAPED"]

with open("output.wav", "wb"):
    pass
