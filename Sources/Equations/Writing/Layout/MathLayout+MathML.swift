extension MathLayout {
  /// The formula in MathML, which browsers set without any library.
  var mathML: String {
    switch self {
    case .number(let number): return number.mathML
    case .name(let reference): return reference.mathML
    case .function(let function): return "<mi>\(function == .sigmoid ? "σ" : function.displayWord)</mi>"
    case .functionOverPast(let function, let past):
      return past.mathML(around: "<mi>\(function.displayWord)</mi>", isBeside: true)
    case .sign(let sign): return sign.mathML
    case .row(let parts): return "<mrow>\(parts.map(\.mathML).joined())</mrow>"
    case .fraction(let above, let below): return "<mfrac>\(above.mathML)\(below.mathML)</mfrac>"
    case .raised(let base, let power): return "<msup>\(base.mathML)\(power.mathML)</msup>"
    case .lowered(let base, let index): return "<msub>\(base.mathML)\(index.mathML)</msub>"
    case .root(let inner): return "<msqrt>\(inner.mathML)</msqrt>"
    case .fenced(let fence, let parts):
      let (open, close) = fence.characters
      let inner = parts.map(\.mathML).joined(separator: "<mo separator=\"true\">,</mo>")
      let fence = "fence=\"true\" stretchy=\"\(parts.contains(where: \.isTall))\""
      return "<mrow><mo \(fence) form=\"prefix\">\(open)</mo>\(inner)<mo \(fence) form=\"postfix\">\(close)</mo></mrow>"
    }
  }
}

extension Double {
  fileprivate var mathML: String {
    switch NumberText(self) {
    case .plain(let text): "<mn>\(text)</mn>"
    case .scaled("1", let exponent): "<msup><mn>10</mn><mn>\(exponent)</mn></msup>"
    case .scaled(let factor, let exponent):
      "<mrow><mn>\(factor)</mn><mo>·</mo><msup><mn>10</mn><mn>\(exponent)</mn></msup></mrow>"
    }
  }
}

extension Reference {
  fileprivate var mathML: String {
    let below = [name.below, timeText].filter { !$0.isEmpty }.joined(separator: ",")
    let base = name.mathMLBase
    let low = Name.mathMLIndex(below), high = Name.mathMLIndex("(\(name.above))")
    switch (below.isEmpty, name.above.isEmpty) {
    case (true, true): return base
    case (false, true): return "<msub>\(base)\(low)</msub>"
    case (true, false): return "<msup>\(base)\(high)</msup>"
    case (false, false): return "<msubsup>\(base)\(low)\(high)</msubsup>"
    }
  }
}

extension Name {
  /// What stands below or above the line: letters and numbers, longer words upright.
  fileprivate static func mathMLIndex(_ index: String) -> String {
    var result = ""
    var rest = index[...]
    while let first = rest.first {
      let word = rest.prefix {
        $0.isLetter == first.isLetter && $0.isNumber == first.isNumber && ($0.isLetter || $0.isNumber)
      }
      let piece = word.isEmpty ? String(first) : String(word)
      rest = rest.dropFirst(piece.count)
      if first.isNumber {
        result += "<mn>\(piece)</mn>"
      } else if first.isLetter {
        result += piece.count > 2 ? "<mtext>\(piece)</mtext>" : piece.map { "<mi>\($0)</mi>" }.joined()
      } else {
        result += "<mo stretchy=\"false\">\(piece == "-" ? "−" : piece)</mo>"
      }
    }
    return "<mrow>\(result)</mrow>"
  }

  /// The letter, with its marks above it.
  fileprivate var mathMLBase: String {
    var letters = ""
    var marks: [Unicode.Scalar] = []
    for scalar in base.unicodeScalars {
      if MathSpelling.accents.values.contains(where: { $0.unicodeScalars.first == scalar }) {
        marks.append(scalar)
      } else {
        letters.unicodeScalars.append(scalar)
      }
    }
    return marks.reduce("<mi>\(letters)</mi>") { inner, mark in
      "<mover accent=\"true\">\(inner)<mo>\(Name.spacing(mark))</mo></mover>"
    }
  }

  /// The mark as a character that stands alone.
  private static func spacing(_ mark: Unicode.Scalar) -> String {
    switch mark {
    case "\u{303}": "~"
    case "\u{302}": "^"
    case "\u{304}": "¯"
    case "\u{307}": "˙"
    case "\u{20D7}": "→"
    case "\u{30C}": "ˇ"
    case _: "˘"
    }
  }
}

extension NamedFunction {
  fileprivate var displayWord: String { self == .layerNorm ? "LN" : word }
}

extension PastIndex {
  /// The bounds below and above a sign, or beside a word.
  fileprivate func mathML(around sign: String, isBeside: Bool) -> String {
    let (below, above) = bounds
    let low = Name.mathMLIndex(below).replacing("<mo stretchy=\"false\"><</mo>", with: "<mo>&lt;</mo>")
    if above.isEmpty { return isBeside ? "<msub>\(sign)\(low)</msub>" : "<munder>\(sign)\(low)</munder>" }
    let high = Name.mathMLIndex(above)
    return isBeside ? "<msubsup>\(sign)\(low)\(high)</msubsup>" : "<munderover>\(sign)\(low)\(high)</munderover>"
  }
}

extension MathLayout.Sign {
  fileprivate var mathML: String {
    switch self {
    case .plus: "<mo>+</mo>"
    case .minus: "<mo form=\"infix\">−</mo>"
    case .negative: "<mo form=\"prefix\">−</mo>"
    case .dot: "<mo>·</mo>"
    case .hadamard, .entries: "<mo>⊙</mo>"
    case .slash: "<mo>/</mo>"
    case .colon: "<mo>:</mo>"
    case .equals: "<mo>=</mo>"
    case .transpose: "<mo>⊤</mo>"
    case .sumOverSteps: "<munder><mo>∑</mo><mi>t</mi></munder>"
    case .sumOverPast(let past): past.mathML(around: "<mo>∑</mo>", isBeside: false)
    case .thinSpace: "<mspace width=\"0.17em\"/>"
    case .partialLoss: "<mrow><mo>∂</mo><mi>L</mi></mrow>"
    case .totalLoss: "<mrow><mi mathvariant=\"normal\">d</mi><mi>L</mi></mrow>"
    case .partial: "<mo>∂</mo>"
    case .total: "<mi mathvariant=\"normal\">d</mi>"
    }
  }
}

extension MathLayout.Fence {
  fileprivate var characters: (String, String) {
    switch self {
    case .parentheses: ("(", ")")
    case .brackets: ("[", "]")
    case .bars: ("|", "|")
    case .doubleBars: ("‖", "‖")
    }
  }
}
