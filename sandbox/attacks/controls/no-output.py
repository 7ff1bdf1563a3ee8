# tries = "nothing: a program that computes and forgets to write"
# expect = ["no_output"]
# detail = ["ended without /out/output.wav"]
# never = ["ESCAPED"]

sum(range(100_000))
