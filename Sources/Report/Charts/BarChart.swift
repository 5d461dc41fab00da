/// One number for each of a few categories, or one for each category and group.
///
/// Bars are horizontal, so that long names stay readable, and start at zero (or at the lower end of a logarithmic
/// axis).
public struct BarChart: Sendable, Hashable {
  /// The values of one group, one for each category.
  public struct Group: Sendable, Hashable {
    /// The name, as the legend has it.
    public var name: String
    /// The values, in the order of the chart's categories.
    public var values: [Double]
    /// The meaning of the bars' colour.
    public var color: SeriesColor

    /// Values under a name.
    public init(_ name: String, _ values: [Double], color: SeriesColor = .ofName) {
      self.name = name
      self.values = values
      self.color = color
    }
  }

  /// Stands above the chart.
  public var title: String
  /// The name of each category.
  public var categories: [String]
  /// The quantity that the bars' lengths measure.
  public var value: ChartAxis
  /// Beside each other in each category.
  public var groups: [Group]
  /// Values to compare with, on the value axis; their direction is not used.
  public var references: [ReferenceLine]

  /// - Precondition: every group has one value for each category.
  public init(
    _ title: String, categories: [String], value: ChartAxis, groups: [Group], references: [ReferenceLine] = []
  ) {
    for group in groups {
      precondition(
        group.values.count == categories.count,
        "group '\(group.name)' has \(group.values.count) values for \(categories.count) categories")
    }
    self.title = title
    self.categories = categories
    self.value = value
    self.groups = groups
    self.references = references
  }

  /// A chart with one group.
  public init(
    _ title: String, categories: [String], value: ChartAxis, values: [Double], references: [ReferenceLine] = []
  ) {
    self.init(
      title, categories: categories, value: value, groups: [Group(value.label, values)], references: references)
  }
}
