/// A heat map's cells, gathered into blocks if there are more than a picture can show.
///
/// A block shows its value of largest magnitude, so that no peak is lost; it is missing only if all its cells are.
package struct Binning: Sendable {
  package let rows: Int
  package let columns: Int
  let rowsPerBlock: Int
  let columnsPerBlock: Int
  package let values: [Double]

  package init(_ map: HeatMap, maximumRows: Int = 1024, maximumColumns: Int = 1024) {
    rowsPerBlock = max(1, (map.rows + maximumRows - 1) / max(1, maximumRows))
    columnsPerBlock = max(1, (map.columns + maximumColumns - 1) / max(1, maximumColumns))
    rows = (map.rows + rowsPerBlock - 1) / rowsPerBlock
    columns = (map.columns + columnsPerBlock - 1) / columnsPerBlock
    guard rowsPerBlock > 1 || columnsPerBlock > 1 else {
      values = map.values
      return
    }
    var values = [Double](repeating: .nan, count: rows * columns)
    for row in 0..<map.rows {
      for column in 0..<map.columns {
        let value = map[row, column]
        let block = row / rowsPerBlock * columns + column / columnsPerBlock
        guard value.isFinite else { continue }
        if values[block].isNaN || value.magnitude > values[block].magnitude { values[block] = value }
      }
    }
    self.values = values
  }

  /// A line under the picture; `nil` if each cell is shown.
  package var note: String? {
    rowsPerBlock * columnsPerBlock == 1
      ? nil : "Each block shows the largest magnitude of \(rowsPerBlock) × \(columnsPerBlock) cells"
  }

  package func image(_ scale: AxisScale, _ map: ColorMap) -> IndexedImage {
    IndexedImage(
      width: columns, height: rows, colors: map.colors,
      pixels: values.map { value in scale.fraction(of: value).map { UInt8(ColorMap.step(at: $0)) } })
  }
}
