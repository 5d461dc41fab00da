/// How numbers become positions along an axis or a colour bar.
public enum ChartScale: Sendable, Hashable {
  /// Equal differences take equal space.
  case linear
  /// Equal ratios take equal space (base 10). Zero, negative and non-finite values have no position: they are gaps.
  case log10
  /// Values are seconds since the beginning of 1970 (UTC, or local time without zones); equal times take equal space.
  /// Numbers are shown as dates.
  case time
}

/// The quantity along one direction of a chart.
public struct ChartAxis: Sendable, Hashable {
  /// The quantity, such as `"timestep"` or `"‖∂L/∂hₜ‖"`.
  public var label: String
  /// The unit, such as `"ms"`; empty for a pure number.
  public var unit: String
  /// How values become lengths.
  public var scale: ChartScale
  /// The values at the two ends; `nil` takes them from the data. Values outside are gaps.
  public var bounds: ClosedRange<Double>?

  /// An axis; without bounds its ends come from the data.
  public init(_ label: String, unit: String = "", scale: ChartScale = .linear, bounds: ClosedRange<Double>? = nil) {
    self.label = label
    self.unit = unit
    self.scale = scale
    self.bounds = bounds
  }

  /// The label with its unit in parentheses, as shown at the axis and at the head of a column.
  public var title: String {
    unit.isEmpty ? label : label.isEmpty ? "(\(unit))" : "\(label) (\(unit))"
  }
}

/// A value to compare the data with, such as a clipping threshold or the lag of a task.
public struct ReferenceLine: Sendable, Hashable {
  /// The axis of the value; the line itself runs across it.
  public enum Direction: Sendable, Hashable {
    /// A vertical line at a value of x.
    case x
    /// A horizontal line at a value of y.
    case y
  }

  /// Which axis the value is on.
  public var direction: Direction
  /// The value, in the unit of its axis.
  public var value: Double
  /// The meaning of the line.
  public var label: String

  /// A line at a value of x or y.
  public init(_ direction: Direction, at value: Double, label: String) {
    self.direction = direction
    self.value = value
    self.label = label
  }
}

/// Positions of events on the x axis, such as the steps at which a gradient was clipped.
public struct ChartEvents: Sendable, Hashable {
  /// The name, as the legend has it.
  public var name: String
  /// Values of x, in any order.
  public var positions: [Double]

  /// Moments under a name.
  public init(_ name: String, at positions: [Double]) {
    self.name = name
    self.positions = positions
  }
}
