import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Complex values as pairs of signals, and Fourier transforms, against their definitions.
@Suite struct ComplexTests {
  /// The real parts and then the imaginary parts.
  private func parts(_ body: (Scope) -> Complex) throws -> [Double] {
    try evaluate { scope in
      let z = body(scope)
      return concatenate([z.real, z.imaginary])
    }
  }

  private func pair(_ scope: Scope, _ real: [Double], _ imaginary: [Double], _ shape: [Int]? = nil) -> Complex {
    Complex(scope.literal(real, shape), scope.literal(imaginary, shape))
  }

  private func expect(_ found: [Double], _ expected: [Double], within tolerance: Double = 1e-14) {
    #expect(found.count == expected.count)
    for (x, y) in zip(found, expected) { #expect(abs(x - y) <= tolerance * max(1, abs(y)), "\(x), not \(y)") }
  }

  @Test func arithmetic() throws {
    func z(_ scope: Scope) -> Complex { pair(scope, [1, -2], [2, 0.5]) }
    func w(_ scope: Scope) -> Complex { pair(scope, [3, 0], [-1, 2]) }
    expect(try parts { z($0) + w($0) }, [4, -2, 1, 2.5])
    expect(try parts { z($0) - w($0) }, [-2, -2, 3, -1.5])
    expect(try parts { z($0) * w($0) }, [5, -1, 5, -4])
    expect(try parts { z($0) / w($0) }, [0.1, 0.25, 0.7, 1])
    expect(try parts { -z($0).conjugate }, [-1, 2, 2, 0.5])
    expect(try parts { $0.literal([2, 3]) * z($0) }, [2, -6, 4, 1.5])
    expect(try parts { z($0) / $0.literal([2, 4]) }, [0.5, -0.5, 1, 0.125])
    expect(try evaluate { z($0).modulus }, [2.23606797749979, 2.0615528128088303])
    expect(try evaluate { z($0).angle }, [Foundation.atan2(2, 1), Foundation.atan2(0.5, -2)])
    let (e, c, s) = (Foundation.exp(1.0), Foundation.cos(2.0), Foundation.sin(2.0))
    expect(try parts { exp(pair($0, [1], [2])) }, [e * c, e * s])
    expect(try parts { Complex(modulus: z($0).modulus, angle: z($0).angle) }, [1, -2, 2, 0.5])
  }

  /// Neither moduli nor quotients need squares that leave the range.
  @Test func extremeNumbers() throws {
    expect(try evaluate { pair($0, [3e300], [4e300]).modulus / 1e300 }, [5])
    expect(try parts { pair($0, [2e300], [-2e300]) / pair($0, [1e300], [1e300]) }, [0, -2])
    expect(try parts { pair($0, [1e-300], [0]) / pair($0, [0], [1e-300]) }, [0, -1])
  }

  @Test func products() throws {
    func z(_ scope: Scope) -> Complex { pair(scope, [1, 0], [0, 1]) }
    func m(_ scope: Scope) -> Complex { pair(scope, [1, 2, 3, 4], [0, 1, -1, 2], [2, 2]) }
    expect(try parts { matmul(z($0), m($0)) }, [2, 0, 3, 5])
    expect(try parts { matmul($0.literal([1, 2]), m($0)) }, [7, 10, -2, 5])
    expect(try parts { matmul(z($0), $0.literal([1, 2, 3, 4], [2, 2])) }, [1, 2, 3, 4])
  }

  @Test(arguments: [1, 2, 5, 8]) func realTransforms(n: Int) throws {
    let x = (0..<n).map { (j: Int) -> Double in Foundation.sin(Double(j * j)) + 0.25 }
    let half = n / 2 + 1
    func expected(_ wave: (Double) -> Double) -> [Double] {
      (0..<half).map { (k: Int) -> Double in
        var sum = 0.0
        for j in 0..<n {
          let angle: Double = 2 * Double.pi * Double(k * j) / Double(n)
          sum += x[j] * wave(angle)
        }
        return sum
      }
    }
    let cosines: [Double] = expected { Foundation.cos($0) }
    let sines: [Double] = expected { -Foundation.sin($0) }
    // Not a sum: + adds arrays entry by entry here.
    let transformed = [cosines, sines].flatMap { $0 }
    expect(try parts { realFourierTransform($0.literal(x)) }, transformed, within: 1e-13)
    expect(
      try evaluate { inverseRealFourierTransform(realFourierTransform($0.literal(x)), count: n) }, x, within: 1e-14)
  }

  @Test func transformsOfMatrices() throws {
    let rows = [1.0, 2, 3, 4, 0, -1]
    // Along each row of three, and along each column of two.
    expect(
      try evaluate { reshape(realFourierTransform($0.literal(rows, [2, 3]), dimension: 1).real, [4]) },
      [6, -1.5, 3, 4.5])
    expect(
      try evaluate { reshape(realFourierTransform($0.literal(rows, [2, 3])).real, [6]) }, [5, 2, 2, -3, 2, 4])
    expect(
      try evaluate { scope in
        let x = scope.literal(rows, [2, 3])
        return reshape(inverseRealFourierTransform(realFourierTransform(x), count: 2), [6])
      }, rows)
  }

  @Test func misfitsAreReported() {
    #expect(throws: RecordingError.self) {
      _ = try Recording { scope in
        scope.output("y", inverseRealFourierTransform(realFourierTransform(scope.literal([1, 2, 3])), count: 4))
      }
    }
    #expect(throws: RecordingError.self) {
      _ = try Recording { scope in scope.output("y", realFourierTransform(scope.literal([1, 2, 3]), dimension: 1).real)
      }
    }
  }
}
