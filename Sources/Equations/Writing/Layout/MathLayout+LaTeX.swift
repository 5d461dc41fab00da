extension MathLayout {
  /// The formula in LaTeX, with amsmath.
  var latex: String {
    switch self {
    case .number(let number): return number.latex
    case .name(let reference): return reference.latex
    case .function(let function): return function.latex
    case .functionOverPast(let function, let past): return function.latex + past.latex
    case .sign(let sign): return sign.latex
    case .row(let parts): return parts.map(\.latex).joined()
    case .fraction(let above, let below): return "\\frac{\(above.latex)}{\(below.latex)}"
    case .raised(let base, .sign(.transpose)): return base.latex + "^\\top"
    case .raised(let base, let power):
      let exponent = power.latex
      return base.latex + (exponent.count == 1 ? "^" + exponent : "^{\(exponent)}")
    case .lowered(let base, let index): return base.latex + "_{\(index.latex)}"
    case .root(let inner): return "\\sqrt{\(inner.latex)}"
    case .fenced(let fence, let parts):
      let (open, close) = fence.latex
      let inner = parts.map(\.latex).joined(separator: ", ")
      return parts.contains(where: \.isTall) ? "\\left\(open) \(inner) \\right\(close)" : open + inner + close
    }
  }

  /// Whether its brackets must grow.
  var isTall: Bool {
    switch self {
    case .fraction, .root: true
    case .number, .name, .function, .functionOverPast: false
    case .sign(let sign): sign.isTall
    case .row(let parts), .fenced(_, let parts): parts.contains(where: \.isTall)
    case .raised(let base, _), .lowered(let base, _): base.isTall
    }
  }
}

extension Double {
  fileprivate var latex: String {
    switch NumberText(self) {
    case .plain(let text): text
    case .scaled("1", let exponent): "10^{\(exponent)}"
    case .scaled(let factor, let exponent): "\(factor) \\cdot 10^{\(exponent)}"
    }
  }
}

extension Reference {
  /// `\tilde{h}_{t-1}`, `W_{xf}`, `\mathrm{push}_t`.
  var latex: String {
    func script(_ sign: String, _ parts: [String]) -> String {
      let text = parts.filter { !$0.isEmpty }.joined(separator: ",")
      return text.isEmpty ? "" : text.count == 1 ? sign + text : sign + "{\(text)}"
    }
    let below = script("_", [Name.latexIndex(name.below), timeText])
    return name.latexBase + below + script("^", [name.above.isEmpty ? "" : "(\(Name.latexIndex(name.above)))"])
  }
}

extension Name {
  /// The letter with its marks, or the word.
  fileprivate var latexBase: String {
    var letters = ""
    var marks: [String] = []
    var primes = ""
    for scalar in base.unicodeScalars {
      if let accent = MathSpelling.accents.filter({ $0.value.unicodeScalars.first == scalar }).map(\.key).min(
        by: Name.isPlainer)
      {
        marks.append(accent)
      } else if scalar == "′" {
        primes += "'"
      } else {
        letters.unicodeScalars.append(scalar)
      }
    }
    return marks.reduce(Name.latexWord(letters)) { "\\\($1){\($0)}" } + primes
  }

  /// `\bar` rather than `\overline`.
  private static func isPlainer(_ a: String, _ b: String) -> Bool { (a.count, a) < (b.count, b) }

  /// A letter, Latin or Greek, or a word set upright.
  private static func latexWord(_ word: String) -> String {
    if word.hasPrefix("Δ"), word.count == 2 { return "\\Delta " + word.dropFirst() }
    if word.hasPrefix("cal"), word.count == 4 { return "\\mathcal{\(word.dropFirst(3))}" }
    if word.count == 1 { return greek(word) ?? word }
    return "\\mathrm{\(word)}"
  }

  private static func greek(_ letter: String) -> String? {
    MathSpelling.greek.filter { $0.value == letter }.map(\.key).min(by: isPlainer).map { "\\" + $0 }
  }

  /// What stands below the line: letters as they are, longer words upright.
  static func latexIndex(_ index: String) -> String {
    if index.count > 2, index.allSatisfy({ $0.isLetter && $0.isASCII }) { return "\\mathrm{\(index)}" }
    return index.map { character in
      greek(String(character)).map { $0 + " " } ?? Name(base: String(character)).latexLetter
    }.joined()
  }

  private var latexLetter: String { base.unicodeScalars.count > 1 ? latexBase : base }
}

extension NamedFunction {
  /// The name as LaTeX sets it.
  fileprivate var latex: String {
    switch self {
    case .tanh, .exp, .log, .sin, .cos: "\\\(rawValue)"
    case .sigmoid: "\\sigma"
    case .maximum: "\\max"
    case .minimum: "\\min"
    case .layerNorm: "\\operatorname{LN}"
    case .relu, .softplus, .silu, .sqrt, .erf, .elu, .gelu, .logsigmoid, .relu6, .hardtanh, .clip, .spike, .round,
      .cumsum,
      .cumprod, .inverse, .expm, .solve, .entryPower, .diagonal, .rowSums, .columnSums, .rows, .columns, .abs, .sign,
      .softmax,
      .identity, .square, .norm,
      .expm1, .log1p, .log2,
      .floor, .mean, .sum, .largest, .isFinite, .stop, .select, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal,
      .notEqual,
      .sumOverSteps, .sumOverPast, .softmaxOverPast, .range, .ones:
      "\\operatorname{\(word)}"
    }
  }
}

extension PastIndex {
  /// `_{i<t}`, `_{i=1}^{t-1}`.
  fileprivate var latex: String {
    let (below, above) = bounds
    return "_{\(below.replacing("≤", with: " \\le "))}" + (above.isEmpty ? "" : "^{\(above)}")
  }
}

extension MathLayout.Sign {
  /// Whether brackets around it must grow.
  fileprivate var isTall: Bool {
    switch self {
    case .sumOverSteps, .sumOverPast: true
    case .plus, .minus, .negative, .dot, .hadamard, .entries, .slash, .colon, .equals, .transpose, .thinSpace,
      .partialLoss,
      .totalLoss, .partial, .total:
      false
    }
  }

  var latex: String {
    switch self {
    case .plus: " + "
    case .minus: " - "
    case .negative: "-"
    case .dot: " \\cdot "
    case .hadamard: " \\odot "
    case .entries: "\\odot "
    case .slash: " / "
    case .colon: ":"
    case .equals: " = "
    case .transpose: "\\top"
    case .sumOverSteps: "\\sum_t "
    case .sumOverPast(let past): "\\sum\(past.latex) "
    case .thinSpace: " \\, "
    case .partialLoss: "\\partial L"
    case .totalLoss: "d L"
    case .partial: "\\partial "
    case .total: "d "
    }
  }
}

extension MathLayout.Fence {
  fileprivate var latex: (String, String) {
    switch self {
    case .parentheses: ("(", ")")
    case .brackets: ("[", "]")
    case .bars: ("|", "|")
    case .doubleBars: ("\\|", "\\|")
    }
  }
}
