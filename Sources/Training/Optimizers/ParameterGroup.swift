/// Parameters with their own training settings, selected by name.
///
/// ```swift
/// let groups = [
///   ParameterGroup("embedding.*", isFrozen: true),
///   ParameterGroup("*.bias", weightDecay: WeightDecay.none),
///   ParameterGroup("readout.*", rateFactor: 10),
/// ]
/// ```
///
/// The first group that matches a name applies; other parameters use the optimizer's settings.
public struct ParameterGroup: Hashable, Sendable {
  /// A pattern for names: `*` matches any characters, including dots, and `?` matches one.
  public var pattern: String
  /// The factor on the scheduled learning rate.
  public var rateFactor: Double
  /// Instead of the optimizer's; nil keeps that.
  public var weightDecay: WeightDecay?
  /// Whether the parameters keep their values. Their gradients are not even computed.
  public var isFrozen: Bool

  /// The parameters whose names match the pattern.
  public init(_ pattern: String, rateFactor: Double = 1, weightDecay: WeightDecay? = nil, isFrozen: Bool = false) {
    self.pattern = pattern
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
    self.isFrozen = isFrozen
  }

  /// Whether the group applies to a parameter of this name.
  public func matches(_ name: String) -> Bool {
    let (pattern, name) = (Array(pattern.unicodeScalars), Array(name.unicodeScalars))
    var (p, n) = (0, 0)
    // The last star and the end of its match so far, to which a failed match returns.
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        p = last.pattern + 1
        n = last.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}

extension [ParameterGroup] {
  /// The group that holds for a name.
  func group(of name: String) -> ParameterGroup? { first { $0.matches(name) } }

  /// The first problem with these groups for parameters of these names, and what would be right; nil if there is none.
  func problem(for names: [String]) -> String? {
    for group in self {
      guard names.contains(where: group.matches) else {
        return "no parameter is named as \(group.pattern); the parameters are \(names.joined(separator: ", "))"
      }
      guard group.rateFactor.isFinite, group.rateFactor >= 0 else {
        return "the rates of \(group.pattern) are multiplied by a number of at least 0, not \(group.rateFactor)"
      }
      if let decay = group.weightDecay?.factor, !(decay >= 0 && decay.isFinite) {
        return "the weight decay of \(group.pattern) is a number of at least 0, not \(decay)"
      }
    }
    guard names.isEmpty || names.contains(where: { group(of: $0)?.isFrozen != true }) else {
      return "all parameters are frozen: there is nothing to train"
    }
    return nil
  }
}
