# tries = "nothing: a mistake in the program"
# expect = ["runtime_error"]
# detail = ["ValueError: a pitch of -1 Hz"]
# never = ["ESCAPED"]


def pitch(hertz):
    if hertz < 0:
        raise ValueError(f"a pitch of {hertz} Hz")


pitch(-1)
