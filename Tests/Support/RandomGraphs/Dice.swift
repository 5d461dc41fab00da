/// Random choices of one generator, shared by reference: to draw changes no value of the holder.
final class Dice {
  private var generator: SplitMix

  init(_ seed: UInt64) { generator = SplitMix(seed) }

  /// True with this probability.
  func chance(_ probability: Double) -> Bool { number(in: 0...1) < probability }
  func number(in range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
  func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  func choice<Element>(of elements: [Element]) -> Element? { elements.randomElement(using: &generator) }
  func shuffled<Element>(_ elements: [Element]) -> [Element] { elements.shuffled(using: &generator) }
}
