/// Parameters that are trained in a way of their own, found by their names.
///
/// ```swift
/// let groups = [
///   ParameterGroup("embedding.*", isFrozen: true),
///   ParameterGroup("*.bias", weightDecay: WeightDecay.none),
///   ParameterGroup("readout.*", rateFactor: 10),
/// ]
/// ```
///
/// The first group that matches a name holds; a name that none matches is trained as the optimizer says.
public struct ParameterGroup: Hashable, Sendable {
  /// Names: `*` stands for any characters, points included, and `?` for one.
  public var pattern: String
  /// The group's learning rate is the optimizer's, as its schedule has it, times this.
  public var rateFactor: Double
  /// Instead of the optimizer's; nil keeps that.
  public var weightDecay: WeightDecay?
  /// Whether the parameters stay as they are. Their gradients are not even computed.
  public var isFrozen: Bool

  /// The parameters whose names match the pattern.
  public init(_ pattern: String, rateFactor: Double = 1, weightDecay: WeightDecay? = nil, isFrozen: Bool = false) {
    self.pattern = pattern
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
    self.isFrozen = isFrozen
  }

  /// Whether the group holds for a parameter of this name.
  public func matches(_ name: String) -> Bool {
    let (pattern, name) = (Array(pattern.unicodeScalars), Array(name.unicodeScalars))
    var (p, n) = (0, 0)
    // Where the last star stands, and up to where it reaches: all that a failed match has to go back to.
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

  /// What makes no sense for parameters of these names, and what would; nil if all does.
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
