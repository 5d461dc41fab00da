internal import EbbInterchange
internal import Foundation

/// The option of commands that train.
enum TensorBoard {
  static let option = Option("tensorboard", "DIR", "writes scalars and histograms there, which TensorBoard shows")

  /// Now, in seconds since 1970.
  static var now: Double { Date().timeIntervalSince1970 }

  /// log₁₀ of the positive norms, as a histogram over the timesteps.
  static func norms(_ tag: String, _ norms: [Double]) -> Event.Entry? {
    EventHistogram(norms.filter { $0 > 0 }.map { log10($0) }).map { Event.Entry(tag, .histogram($0)) }
  }
}
