internal import EbbTraining

extension ParameterGradientClipping {
  /// What is limited.
  enum Way: String, CaseIterable {
    case global, parameter, value, adaptive
  }

  /// The limits of gradients: shared options of training commands.
  ///
  /// - Parameter limit: The default limit of the global norm, for the list of options.
  static func options(limit: Double) -> [Option] {
    [
      Option("clip", "LIMIT", "gradients are clipped to it, or none", standard: "\(limit)"),
      Option(
        "clip-by", "WAY", Way.self,
        "global: the norm of all gradients; parameter: that of each parameter's; value: each number; adaptive: each unit's "
          + "norm, to a part of its weights' norm",
        standard: .global),
      Option("clip-norm", "P", "the p of the norm of global and parameter, at least 1, or inf", standard: "2"),
    ]
  }

  /// The clipping that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    let way: Way = try options.choice("clip-by")
    let isNorm = way == .global || way == .parameter
    if options.isGiven("clip-norm"), !isNorm {
      throw UsageError("--clip-norm is the norm of --clip-by global and parameter, and not of \(way.rawValue)")
    }
    let text = options.text("clip-norm") ?? ""
    guard let p = Double(text), p >= 1 else {
      throw UsageError("--clip-norm takes a number of at least 1, or inf, not '\(text)'")
    }
    if options.text("clip") == "none" {
      self = .none
      return
    }
    guard let limit = try options.number("clip", "a number greater than 0, or none", where: { $0 > 0 }) else {
      preconditionFailure("--clip has a standard value")
    }
    switch way {
    case .global: self = .globalNorm(limit, p: p)
    case .parameter: self = .parameterNorm(limit, p: p)
    case .value: self = .value(limit)
    case .adaptive: self = .adaptive(limit)
    }
  }
}
