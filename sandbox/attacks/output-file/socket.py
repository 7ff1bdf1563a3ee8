# tries = "a socket in the place of the output"
# expect = ["no_output", "runtime_error"]
# never = ["ESCAPED"]

import socket

listener = socket.socket(socket.AF_UNIX)
listener.bind("output.wav")
listener.listen()
