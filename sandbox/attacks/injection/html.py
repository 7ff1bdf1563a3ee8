# tries = "to be a web page wherever its words are shown"
# expect = ["runtime_error"]
# detail = ["onerror"]
# never = ["ESCAPED"]

raise ValueError("<script>alert(1)</script><img src=x onerror=alert(1)>")
