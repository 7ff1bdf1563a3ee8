# tries = "to ask for a terabyte at once"
# expect = ["runtime_error"]
# detail = ["MemoryError"]
# never = ["ESCAPED"]

bytearray(1 << 40)
