public import EbbGraph
internal import EbbTensors

extension Scope {
  /// Zoneout (Krueger et al. 2017, equations 3 and 4): in training each feature of a state keeps its old value with
  /// probability z; evaluation takes the expectation.
  ///
  ///     h' = h where u < z, else v           u uniform on [0, 1); in training
  ///     h' = z h + (1 − z) v                 in an evaluation
  ///
  /// ```swift
  /// return h.next(scope.zoneout(h, value, 0.1, over: [time, batch]))
  /// ```
  ///
  /// - Parameters:
  ///   - state: h, as `scope.state` gave it.
  ///   - value: v, the next value without zoneout.
  ///   - rate: z, in 0 ..< 1. With 0 nothing is drawn.
  ///   - domain: The axes over which the mask is drawn independently; in the paper all that index the state.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func zoneout(
    _ state: Signal, _ value: Signal, _ rate: Double, over domain: Domain, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("zoneout", fileID, line)
    guard isRate(rate, "zoneout") else { return recorder.signal(nil) }
    guard rate > 0 else { return value }
    let uniform = random(.uniform, value.shape.array, over: domain, fileID: fileID, line: line)
    return recorder.mode(select(uniform .< rate, state, value), rate * state + (1 - rate) * value)
  }
}

/// A cell whose states randomly keep their old values: `Zoneout(LSTM(units: 64), 0.1)`.
///
/// Every state has the same zoneout rate, and each feature of each sample and step is drawn independently. (In the
/// paper's LSTM h is computed from the cell state before zoneout, here from the one after it: the same cell with
/// different noise.)
public struct Zoneout: RecurrentCell {
  /// The cell, run in the scope of this one.
  public var cell: any RecurrentCell
  /// The probability with which a feature keeps its old value in training, in 0 ..< 1.
  public var rate: Double

  /// A cell with zoneout of its states at this rate, which must be in 0 ..< 1; any other rate is an error of the
  /// recording.
  public init(_ cell: any RecurrentCell, _ rate: Double) {
    self.cell = cell
    self.rate = rate
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard !scope.recorder.isAnyStateOpen else {
      scope.recorder.report("Zoneout inside a recurrence cannot know its axes; use scope.zoningOut(rate, over: axes)")
      return scope.recorder.signal(nil)
    }
    return scope.zoningOut(rate, over: x.domain).run(cell, x)
  }

  struct Setting {
    var rate: Double
    var domain: Domain
  }
}
