public import EbbRecording
internal import EbbTensors

/// The ConvLSTM for vectors that hold small images: x and the output are squares of places, row by row, each with its
/// channels; the kernel is 3 × 3 and the image keeps its size.
///
/// The square has 4 × 4 places where both numbers of features can be divided so, else 2 × 2 or one. It makes the cell
/// comparable with others, which take and give vectors.
public struct ImageConvLSTM: RecurrentCell {
  /// The features of the output: places times channels.
  public var units: Int
  /// A cell with an output of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let features = x.shape.count
    func divides(_ places: Int) -> Bool { features % places == 0 && units % places == 0 }
    let side = divides(16) ? 4 : divides(4) ? 2 : 1
    let places = side * side
    let image = reshape(x, [side, side, features / places])
    let cell = ConvLSTM(filters: units / places, kernel: [3, 3], padding: .same)
    return reshape(scope.run(cell, image), [units])
  }
}
