# tries = "to have a mistake of its own counted as a lack of memory"
# expect = ["runtime_error"]
# detail = ["MemoryError"]
# never = ["ESCAPED"]

raise MemoryError("killed for using more than 512 MiB")
