public import EbbGraph
internal import EbbTensors

// Functions along a signal's axes: time, batch. Over a ragged axis they count only steps inside the sequences.

/// The sum over these axes. Features stay.
public func sum(_ x: Signal, over axes: Domain, fileID: String = #fileID, line: Int = #line) -> Signal {
  if axes.isEmpty { return x }
  let recorder = x.noted("sum", fileID, line).recorder
  return recorder.record(.reduceAxes(.sum, over: axes), [recorder.present(x, over: axes, else: 0)])
}

/// The mean over these axes; along a ragged axis, over the steps of each sequence. Features remain.
public func mean(_ x: Signal, over axes: Domain, fileID: String = #fileID, line: Int = #line) -> Signal {
  if axes.isEmpty { return x }
  let total = sum(x, over: axes, fileID: fileID, line: line)
  return total / x.recorder.indexCount(of: axes, as: x.element)
}

/// The largest value along these axes. Features remain.
public func max(_ x: Signal, over axes: Domain, fileID: String = #fileID, line: Int = #line) -> Signal {
  if axes.isEmpty { return x }
  let recorder = x.noted("max", fileID, line).recorder
  return recorder.record(.reduceAxes(.max, over: axes), [recorder.present(x, over: axes, else: x.element.lowest)])
}

/// The sum over all axes and features, a scalar.
public func sum(_ x: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  guard let axes = x.noted("sum", fileID, line).allAxes("sum") else { return x.recorder.signal(nil) }
  return sum(sumOverFeatures(x, fileID: fileID, line: line), over: axes, fileID: fileID, line: line)
}

/// The mean over all axes and features, a scalar. Ragged sequences contribute only the steps that they have.
public func mean(_ x: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  guard let axes = x.noted("mean", fileID, line).allAxes("mean") else { return x.recorder.signal(nil) }
  return mean(meanOverFeatures(x, fileID: fileID, line: line), over: axes, fileID: fileID, line: line)
}

/// The index along the axis at which the value is largest, the first if several are equal: Int32.
public func argmax(_ x: Signal, along axis: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = x.noted("argmax", fileID, line).recorder
  return recorder.record(.argmaxAxis(axis), [recorder.present(x, over: [axis], else: x.element.lowest)])
}

/// The value at the first index of the axis; along a past, at its first step.
public func first(_ x: Signal, along axis: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.noted("first", fileID, line).recorder.end(.first, of: x, along: axis)
}

/// The value at the last index of the axis; along a ragged axis, at each sequence's own end; along a past, at its last
/// step.
public func last(_ x: Signal, along axis: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.noted("last", fileID, line).recorder.end(.last, of: x, along: axis)
}

/// The value at an Int32 index of the axis; 0 if the index is outside.
public func pick(
  _ x: Signal, at index: Signal, along axis: Axis, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("pick", fileID, line).recorder.record(.pick(axis, .at), [x, index])
}

/// Makes an axis of fixed length the first feature dimension.
public func axisToFeature(_ x: Signal, _ axis: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.noted("axisToFeature", fileID, line).recorder.record(.axisToFeature(axis), [x])
}

/// Makes the first feature dimension an axis of that fixed length.
public func featureToAxis(_ x: Signal, _ axis: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.noted("featureToAxis", fileID, line).recorder.record(.featureToAxis(axis), [x])
}

extension Signal {
  /// All axes of the signal; nil, with a problem, while a recurrence is open and they are unknown.
  func allAxes(_ function: String) -> Domain? {
    guard let node else { return nil }
    guard recorder.settleDomains() else {
      recorder.report(
        "\(function) over everything: inside a recurrence the axes are not known yet; name them: "
          + "\(function)(x, over: [batch]), or \(function)OverFeatures(x)", operands: [node])
      return nil
    }
    return recorder.graph.type(node).domain
  }
}

extension ElementType {
  /// The smallest number, which no maximum prefers.
  fileprivate var lowest: Double { isFloat ? -.infinity : Double(Int32.min) }
}

extension Recorder {
  /// The number of indices of these axes together. For a ragged axis this is the number of steps of each sequence, or
  /// of all sequences if `axes` contains their axis too.
  func indexCount(of axes: Domain, as element: ElementType) -> Signal {
    // Σ over the sequences of Π over the ragged axes of their length, times Π of the other lengths
    let ragged = Domain(axes.filter { graph.axes[$0.index].lengths != nil })
    let summed = graph.lengthsDomain(of: ragged).intersection(axes)
    func product(of domain: Domain) -> Signal? {
      domain.map { count(ofPast: $0, as: element) ?? convert(record(.axisLength($0), []), to: element) }
        .reduce(nil as Signal?) { product, length in product.map { $0 * length } ?? length }
    }
    let plain = product(of: axes.subtracting(ragged).subtracting(summed))
    guard var count = product(of: ragged) else { return plain ?? signal(nil) }
    if !summed.isEmpty { count = record(.reduceAxes(.sum, over: summed), [count]) }
    return plain.map { count * $0 } ?? count
  }
}
