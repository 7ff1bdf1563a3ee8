"""Texts that would be something else if a page took them for more than text."""

from __future__ import annotations

INJECTIONS = (
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 1</script>",
    "<!--<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg/onload=window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    '<a href="javascript:window.pwned = 1">click</a>',
    "javascript:window.pwned=1",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href=https://evil.example/a.css>",
    "<style>*{background:url(https://evil.example/)}</style>",
    "<form action=https://evil.example/><input name=a autofocus onfocus=window.pwned=1>",
    "'); window.pwned = 1; ('",
    "\\'); window.pwned = 1; (\\'",
    '"); window.pwned = 1; ("',
    "\\u0027); window.pwned = 1; //",
    "\u2028window.pwned = 1\u2029",
    "${window.pwned = 1}",
    "{{constructor.constructor('window.pwned = 1')()}}",
    "]]><script>window.pwned = 1</script>",
    '{"__proto__": {"pwned": 1}}',
    "&lt;script&gt;window.pwned = 1&lt;/script&gt;",
    "\x00\x1b[31m\x1b]8;;https://evil.example\x07\u202egnp.exe",
    "```\n</pre><script>window.pwned = 1</script>\n```",
)
