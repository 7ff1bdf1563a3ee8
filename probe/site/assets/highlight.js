// Programs in colour: one pass from left to right, every piece a text node.
"use strict";

probe.highlight = (() => {
  const KEYWORDS = {
    python: "False None True and as assert async await break class continue def del elif else except finally for from"
      + " global if import in is lambda nonlocal not or pass raise return try while with yield",
    csound: "instr endin opcode endop if then elseif else endif goto igoto kgoto while do od until",
  };
  const PIECES = {
    python: /(#[^\n]*)|((?:[rRbBfFuU]{0,2})(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(\b\d[\w.]*)|([A-Za-z_]\w*)|(\s+)|([^])/gy,
    csound: /(;[^\n]*|\/\*[^]*?(?:\*\/|$))|("(?:\\.|[^"\\\n])*"?|\{\{[^]*?(?:\}\}|$))|(\b\d[\w.]*)|([A-Za-z_]\w*|<\/?Cs\w+>)|(\s+)|([^])/gy,
  };
  const LONGEST = 60000; // a longer program is shown without colours

  return (text, language) => {
    const name = language === "csound" ? "csound" : "python";
    const code = probe.h("code");
    if (text.length > LONGEST) {
      code.append(text);
      return code;
    }
    const keywords = new Set(KEYWORDS[name].split(" "));
    let plain = "";
    const flush = () => { if (plain) code.append(plain); plain = ""; };
    for (const [piece, comment, string, number, word] of text.matchAll(PIECES[name])) {
      const kind = comment ? "comment" : string ? "string" : number ? "numeral"
        : word && (keywords.has(word) || word.startsWith("<")) ? "keyword" : null;
      if (!kind) {
        plain += piece;
        continue;
      }
      flush();
      code.append(probe.h("span", { class: `t-${kind}` }, piece));
    }
    flush();
    return code;
  };
})();
