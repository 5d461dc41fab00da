internal import EbbRecording

extension Initializer {
  /// The initialiser as Swift.
  ///
  /// - Parameter dimension: The text of a number of rows.
  func code(_ dimension: (Int) -> String) -> String {
    switch self {
    case .zeros: ".zeros"
    case .constant(let value): ".constant(\(value.swift))"
    case .uniform(let limit): ".uniform(limit: \(limit.swift))"
    case .between(let lower, let upper): ".between(\(lower.swift), \(upper.swift))"
    case .logOfUniform(let lower, let upper): ".logOfUniform(from: \(lower.swift), to: \(upper.swift))"
    case .ringDecay(let inner, let outer): ".ringDecay(inner: \(inner.swift), outer: \(outer.swift))"
    case .normal(let deviation): ".normal(deviation: \(deviation.swift))"
    case .glorotUniform: ".glorotUniform"
    case .orthogonal(let gain): gain == 1 ? ".orthogonal()" : ".orthogonal(gain: \(gain.swift))"
    case .identity(let scale): scale == 1 ? ".identity()" : ".identity(scale: \(scale.swift))"
    case .sparse(let connections, let deviation):
      ".sparse(connections: \(connections), deviation: \(deviation.swift))"
    case .spectralRadius(let radius, let inner): ".spectralRadius(\(radius.swift), of: \(inner.code(dimension)))"
    case .negative(let inner): ".negative(\(inner.code(dimension)))"
    case .drawn(let name, let inner): ".drawn(as: \"\(name)\", \(inner.code(dimension)))"
    case .blocks(let blocks):
      ".blocks([\(blocks.map { ".init(rows: \(dimension($0.rows)), \($0.initializer.code(dimension)))" }.joined(separator: ", "))])"
    }
  }
}
