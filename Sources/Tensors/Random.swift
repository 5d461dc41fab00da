internal import Foundation

/// Counter-based random numbers: each is a function of a key and a counter, so a value never depends on the order of
/// evaluation, on the number of threads or on how many others were drawn.
///
/// The generator is Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011, section 4 and table 2).
package enum Philox {
  /// One block: four 32-bit words for a 128-bit counter and a 64-bit key.
  package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<10 {
      let first = counter[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = counter[2].multipliedFullWidth(by: 0xCD9E_8D57)
      counter = SIMD4(second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1], first.low)
      key[0] &+= 0x9E37_79B9
      key[1] &+= 0xBB67_AE85
    }
    return counter
  }
}

/// The distributions from which a graph draws.
public enum Distribution: UInt8, Hashable, Sendable, CaseIterable {
  /// Uniform on [0, 1): 53 random bits.
  case uniform
  /// The standard normal distribution, by Box and Muller's transform of two uniforms.
  case normal
}

/// A stream of random numbers, addressed by index.
public struct RandomStream: Hashable, Sendable {
  /// The key of its blocks.
  package let key: SIMD2<UInt32>

  /// Stream `stream` of run `run` under `seed`; distinct triples give independent streams.
  public init(seed: UInt64, run: UInt64 = 0, stream: UInt64) {
    let mixed = Self.mix(Self.mix(Self.mix(seed) ^ run) ^ stream)
    key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
  }

  /// The number at these indices (at most three axes) and this feature element: a fixed number of draws per element.
  public func value(_ distribution: Distribution, at indices: SIMD3<UInt32>, element: UInt32) -> Double {
    let words = Philox.block(counter: SIMD4(indices[0], indices[1], indices[2], element), key: key)
    let first = Self.unit(words[0], words[1])
    switch distribution {
    case .uniform:
      return first
    case .normal:
      // z = √(−2 ln(1 − u)) · cos(2π v): 1 − u is in (0, 1], so the logarithm is finite.
      let second = Self.unit(words[2], words[3])
      return (-2 * log(1 - first)).squareRoot() * cos(2 * Double.pi * second)
    }
  }

  /// 53 bits of two words as a number in [0, 1).
  private static func unit(_ high: UInt32, _ low: UInt32) -> Double {
    Double(UInt64(high) << 21 | UInt64(low) >> 11) * 0x1p-53
  }

  /// The finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): a bijection that spreads every bit.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
