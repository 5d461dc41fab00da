extension MathLayout {
  /// The formula in Unicode, as it is read back: `f_t = σ(W_f [h_{t-1}, x_t] + b_f)`.
  var text: String {
    switch self {
    case .number(let number): return number.plainText
    case .name(let reference): return reference.plainText
    case .function(let function): return function == .sigmoid ? "σ" : function == .layerNorm ? "LN" : function.word
    case .functionOverPast(let function, let past): return function.word + past.plainText
    case .sign(let sign): return sign.plainText
    case .row(let parts): return parts.map(\.text).joined()
    case .fraction(let above, let below): return "(\(above.text)) / (\(below.text))"
    case .raised(let base, .sign(.transpose)): return base.text + "ᵀ"
    case .raised(let base, .number(2)): return base.text + "²"
    case .raised(let base, let power): return base.text + "^{\(power.text)}"
    case .lowered(let base, let index): return base.text + "_{\(index.text)}"
    case .root(let inner): return "sqrt(\(inner.text))"
    case .fenced(let fence, let parts):
      let (open, close) = fence.plainText
      return open + parts.map(\.text).joined(separator: ", ") + close
    }
  }
}

extension Double {
  fileprivate var plainText: String {
    switch NumberText(self) {
    case .plain(let text): text
    case .scaled(let factor, let exponent): "\(factor)e\(exponent)"
    }
  }
}

extension Reference {
  /// `h_{t-1}`, `W_f`, `c_{1,t}`.
  var plainText: String {
    func script(_ sign: String, _ parts: [String]) -> String {
      let text = parts.filter { !$0.isEmpty }.joined(separator: ",")
      return text.isEmpty ? "" : text.count == 1 ? sign + text : sign + "{\(text)}"
    }
    return name.base + script("_", [name.below, timeText]) + script("^", [name.above.isEmpty ? "" : "(\(name.above))"])
  }

  /// `t`, `t-1`; empty for what does not change.
  var timeText: String {
    guard let step else { return "" }
    if var past {
      if isPair { return "t,\(past.text)" }
      past.shift = step - past.step
      return past.text
    }
    return step == 0 ? "t" : step < 0 ? "t-\(-step)" : "t+\(step)"
  }
}

extension PastIndex {
  /// `_{i<t}`, `_{i=1}^{t-1}`.
  fileprivate var plainText: String {
    let (below, above) = bounds
    return "_{\(below)}" + (above.isEmpty ? "" : "^{\(above)}")
  }
}

extension MathLayout.Sign {
  fileprivate var plainText: String {
    switch self {
    case .plus: " + "
    case .minus: " - "
    case .negative: "-"
    case .dot: " · "
    case .hadamard: " ⊙ "
    case .entries: "⊙"
    case .slash: " / "
    case .colon: ":"
    case .equals: " = "
    case .transpose: "ᵀ"
    case .sumOverSteps: "∑_t "
    case .sumOverPast(let past): "∑\(past.plainText) "
    case .thinSpace: " "
    case .partialLoss: "∂L"
    case .totalLoss: "dL"
    case .partial: "∂"
    case .total: "d"
    }
  }
}

extension MathLayout.Fence {
  fileprivate var plainText: (String, String) {
    switch self {
    case .parentheses: ("(", ")")
    case .brackets: ("[", "]")
    case .bars: ("|", "|")
    case .doubleBars: ("‖", "‖")
    }
  }
}
