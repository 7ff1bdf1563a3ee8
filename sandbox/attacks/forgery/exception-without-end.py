# tries = "an exception whose text takes for ever to make"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }


class Error(Exception):
    def __str__(self):
        while True:
            pass


raise Error
