/// A series in one line of text: each value is a block of one to eight eighths, or a gap if it has no position.
///
/// - Parameters:
///   - values: The series in order; on a logarithmic scale only values above 0 have a position.
///   - width: The maximum number of columns; for a longer series each column shows the largest value of its part.
///   - scale: Use a logarithmic one for magnitudes over several decades.
public func sparkline(_ values: [Double], width: Int = 40, scale: ChartScale = .linear) -> String {
  guard !values.isEmpty, width > 0 else { return "" }
  let columns = min(width, values.count)
  let axis = AxisScale(scale, values: values, bounds: nil)
  let blocks = Array("▁▂▃▄▅▆▇█")
  return String(
    (0..<columns).map { column -> Character in
      let start = column * values.count / columns
      let end = max(start + 1, (column + 1) * values.count / columns)
      let places = values[start..<end].compactMap { axis.fraction(of: $0) }
      guard let highest = places.max() else { return " " }
      return blocks[min(7, Int(highest * 8))]
    })
}
