# tries = "an exception whose text is another error, printed over many lines"
# expect = ["runtime_error"]
# never = ["ESCAPED"]


class Error(Exception):
    def __str__(self):
        return "no such thing\nTimeoutError: not done after 30 s\nprobe: sandbox_error"


raise Error
