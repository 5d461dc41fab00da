/// What the three spellings call the same thing.
enum MathSpelling {
  /// Characters that are a token by themselves.
  static let symbols: [Character: Token.Symbol] = [
    "+": .plus, "-": .minus, "−": .minus, "–": .minus, "·": .dot, "⋅": .dot, "*": .dot, "∗": .dot, "@": .dot, "×": .dot,
    "⊙": .hadamard, "∘": .hadamard, "○": .hadamard, "/": .slash, "^": .caret, "_": .underscore, "'": .prime,
    "′": .prime,
    "⊤": .transpose, "ᵀ": .transpose, "(": .openParenthesis, ")": .closeParenthesis, "[": .openBracket,
    "]": .closeBracket, "{": .openBrace, "}": .closeBrace, "|": .bar, "‖": .doubleBar, ",": .comma, ";": .semicolon,
    ":": .colon, "=": .equals, "≔": .equals, "←": .equals, "~": .tilde, "∼": .tilde, ".": .period,
    "<": .openParenthesis, ">": .closeParenthesis, "⟨": .openParenthesis, "⟩": .closeParenthesis, "∈": .element,
    "∀": .element, "…": .ellipsis, "≤": .lessOrEqual, "⩽": .lessOrEqual, "≥": .greaterOrEqual,
    "⩾": .greaterOrEqual, "，": .comma, "；": .semicolon, "：": .colon,
    "。": .period, "（": .openParenthesis,
    "）": .closeParenthesis,
  ]

  /// LaTeX commands that are a symbol.
  static let symbolCommands: [String: Token.Symbol] = [
    "cdot": .dot, "times": .dot, "ast": .dot, "odot": .hadamard, "circ": .hadamard, "otimes": .hadamard,
    "bullet": .hadamard, "top": .transpose, "intercal": .transpose, "prime": .prime, "sim": .tilde,
    "lbrack": .openBracket,
    "rbrack": .closeBracket, "lvert": .bar, "rvert": .bar, "vert": .bar, "Vert": .doubleBar, "lVert": .doubleBar,
    "rVert": .doubleBar, "|": .doubleBar, "{": .openBrace, "}": .closeBrace, "leftarrow": .equals, "gets": .equals,
    "coloneqq": .equals, "Vvert": .doubleBar, "lbrace": .openBrace, "rbrace": .closeBrace,
    "langle": .openParenthesis, "rangle": .closeParenthesis, "lparen": .openParenthesis, "rparen": .closeParenthesis,
    "mid": .doubleBar, "in": .element, "forall": .element, "dots": .ellipsis,
    "ldots": .ellipsis, "cdots": .ellipsis, "lt": .less, "le": .lessOrEqual, "leq": .lessOrEqual,
    "leqslant": .lessOrEqual, "gt": .greater, "ge": .greaterOrEqual, "geq": .greaterOrEqual,
    "geqslant": .greaterOrEqual,
  ]

  /// Greek letters.
  static let greek: [String: String] = [
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ",
  ]

  /// Marks over a letter, as combining characters.
  static let accents: [String: Character] = [
    "tilde": "\u{303}", "widetilde": "\u{303}", "hat": "\u{302}", "widehat": "\u{302}", "bar": "\u{304}",
    "overline": "\u{304}", "dot": "\u{307}", "vec": "\u{20D7}", "check": "\u{30C}", "breve": "\u{306}",
    "mathring": "\u{30A}",
  ]

  /// Commands that change only how something looks: what they hold is read as if it stood alone.
  static let fonts: Set<String> = [
    "mathbf", "boldsymbol", "bm", "bf", "mathit", "mathsf", "mathtt", "rm", "it", "displaystyle", "textstyle", "left",
    "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigg", "Bigg", "biggl", "biggr", "mathopen", "mathclose",
    "limits", "nonumber", "notag", "pmb", "boldmath", "mathop", "mathrel", "mathbin", "smash", "underline",
  ]

  /// Commands for space.
  static let spaces: Set<String> = [",", ";", "!", ":", " ", ">", "enspace", "thinspace", "hfill", "hspace*", "hspace"]

  /// Commands that hold upright text: a word is a name, a phrase is none of the equations' business.
  static let words: Set<String> = [
    "mathrm", "text", "textrm", "textit", "textbf", "operatorname", "mbox", "textnormal",
  ]

  /// Letters and signs set below or above the line, as they stand on it.
  static let lowered: [Character: Character] = [
    "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8", "₉": "9", "₊": "+",
    "₋": "-", "ₐ": "a", "ₑ": "e", "ₕ": "h", "ᵢ": "i", "ⱼ": "j", "ₖ": "k", "ₗ": "l", "ₘ": "m", "ₙ": "n", "ₒ": "o",
    "ₚ": "p", "ᵣ": "r", "ₛ": "s", "ₜ": "t", "ᵤ": "u", "ᵥ": "v", "ₓ": "x",
  ]
  static let raised: [Character: Character] = [
    "⁰": "0", "¹": "1", "²": "2", "³": "3", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9", "⁺": "+",
    "⁻": "-", "ⁿ": "n", "ᵗ": "t", "ᶠ": "f", "ⁱ": "i", "ᵒ": "o", "ᶜ": "c", "ʰ": "h", "ˣ": "x",
  ]
}
