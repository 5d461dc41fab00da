import EbbCells
import EbbRecording
import Testing

/// Each cell against a loop over its equations, written out on arrays.
@Suite struct EquationTests {
  let tolerance = 1e-12

  @Test func coupledGateLSTM() throws {
    let worst = try Trial(CoupledGateLSTM(units: 4)).largestDifference { w, s, x in
      let f = sigmoid(w.affine("forget", s[0], x))
      let o = sigmoid(w.affine("output", s[0], x))
      s[1] = f * s[1] + (1 - f) * tanh(w.affine("candidate", s[0], x))
      s[0] = o * tanh(s[1])
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func updateGateRNN() throws {
    let worst = try Trial(UpdateGateRNN(units: 4)).largestDifference { w, s, x in
      let g = sigmoid(w.affine("gate", s[0], x))
      s[0] = g * s[0] + (1 - g) * tanh(w.affine("candidate", s[0], x))
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test(arguments: [3, 4])
  func firstMutation(features: Int) throws {
    let worst = try Trial(MUT1(units: 4), features: features).largestDifference { w, s, x in
      let z = sigmoid(w.affine("update", x))
      let r = sigmoid(w.affine("reset", s[0], x))
      let sized = features == 4 ? x : w.affine("projection", x)
      let h = tanh(w.affine("candidate", r * s[0]) + tanh(sized))
      s[0] = z * h + (1 - z) * s[0]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test(arguments: [3, 4])
  func secondMutation(features: Int) throws {
    let worst = try Trial(MUT2(units: 4), features: features).largestDifference { w, s, x in
      let z = sigmoid(w.affine("update", s[0], x))
      let r = sigmoid((features == 4 ? x : w.affine("projection", x)) + w.affine("reset", s[0]))
      let h = tanh(w.affine("candidate", r * s[0], x))
      s[0] = z * h + (1 - z) * s[0]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func thirdMutation() throws {
    let worst = try Trial(MUT3(units: 4)).largestDifference { w, s, x in
      let z = sigmoid(w.affine("update", tanh(s[0]), x))
      let r = sigmoid(w.affine("reset", s[0], x))
      let h = tanh(w.affine("candidate", r * s[0], x))
      s[0] = z * h + (1 - z) * s[0]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func indRNN() throws {
    let worst = try Trial(IndRNN(units: 4)).largestDifference { w, s, x in
      s[0] = relu(w.affine("input", x) + w["recurrent"] * s[0])
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func minGRU() throws {
    let worst = try Trial(MinGRU(units: 4)).largestDifference { w, s, x in
      let z = sigmoid(w.affine("update", x))
      s[0] = (1 - z) * s[0] + z * w.affine("candidate", x)
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func minLSTM() throws {
    let worst = try Trial(MinLSTM(units: 4)).largestDifference { w, s, x in
      let f = sigmoid(w.affine("forget", x))
      let i = sigmoid(w.affine("input", x))
      s[0] = f / (f + i) * s[0] + i / (f + i) * w.affine("candidate", x)
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test(arguments: [false, true])
  func antisymmetricRNN(isGated: Bool) throws {
    let cell = AntisymmetricRNN(units: 4, isGated: isGated, step: 0.3, diffusion: 0.2)
    let worst = try Trial(cell).largestDifference { w, s, x in
      // (W − Wᵀ − γ I) h
      let v = matrixProduct(antisymmetric(w["recurrent.weight"], 4), times: s[0]) - 0.2 * s[0]
      var change = tanh(v + w.affine("input", x))
      if isGated { change = change * sigmoid(v + w.affine("gate", x)) }
      s[0] = s[0] + 0.3 * change
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func coRNN() throws {
    let cell = CoRNN(units: 4, timeStep: 0.2, stiffness: 1.5, damping: 0.7)
    let worst = try Trial(cell).largestDifference { w, s, x in
      let (y, z) = (s[0], s[1])
      s[1] = z + 0.2 * (tanh(w.affine("force", y, z, x)) - 1.5 * y - 0.7 * z)
      s[0] = y + 0.2 * s[1]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func unICORNN() throws {
    let worst = try Trial(UnICORNN(units: 4, timeStep: 0.3, stiffness: 1.5)).largestDifference { w, s, x in
      let step = 0.3 * sigmoid(w["clock"])
      s[1] = s[1] - step * (tanh(w["recurrent"] * s[0] + w.affine("input", x)) + 1.5 * s[0])
      s[0] = s[0] + step * s[1]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func longExpressiveMemory() throws {
    let worst = try Trial(LongExpressiveMemory(units: 4, timeStep: 0.8)).largestDifference { w, s, x in
      let y = s[0]
      let slowStep = 0.8 * sigmoid(w.affine("slowStep", y, x))
      let step = 0.8 * sigmoid(w.affine("step", y, x))
      s[1] = (1 - slowStep) * s[1] + slowStep * tanh(w.affine("slow", y, x))
      s[0] = (1 - step) * y + step * tanh(w.affine("output", s[1], x))
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func echoState() throws {
    let worst = try Trial(EchoState(units: 4, leakage: 0.3, biasScale: 1)).largestDifference { w, s, x in
      let echo = tanh(matrixProduct(s[0], w["reservoir"]) + matrixProduct(x, w["input"]) + w["bias"])
      s[0] = 0.7 * s[0] + 0.3 * echo
      return s[0]
    }
    #expect(worst < tolerance)
  }

  /// The IRNN begins with the identity, and rectifies.
  @Test func identityRNN() throws {
    let cell = SimpleRNN(units: 4, activation: .relu, recurrent: .identity(scale: 0.5), input: .constant(0.1))
    let worst = try Trial(cell).atFirstValues().largestDifference { _, s, x in
      let total = x.reduce(0, +)
      s[0] = relu(0.5 * s[0] + Vector(repeating: 0.1 * total, count: 4))
      return s[0]
    }
    #expect(worst < tolerance)
  }
}
