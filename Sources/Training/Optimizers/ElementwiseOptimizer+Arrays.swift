// The formula of an optimizer, over the numbers of a parameter.
extension ElementwiseOptimizer {
  /// Applies the formula to every number.
  @inlinable
  public func descend<Scalar: BinaryFloatingPoint & UpdateNumber>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
  ) {
    let count = values.count
    precondition(
      gradient.count == count && slots.count == self.slots.count && slots.allSatisfy { $0.count == count },
      "the gradient and each of \(self.slots) have as many numbers as the parameter: \(count)")
    let numbers = factors(step: step)
    let f = UpdateValues<Scalar> { $0 < numbers.count ? Scalar(numbers[$0]) : 0 }
    let g = gradient.span
    var θ = values.mutableSpan
    // A loop for each number of slots, over arrays side by side, which the compiler vectorizes.
    func taken(_ slot: Int) -> [Scalar] {
      var array: [Scalar] = []
      swap(&array, &slots[slot])
      return array
    }
    switch slots.count {
    case 0:
      var none = UpdateValues<Scalar> { _ in 0 }
      for index in 0..<count { descend(&θ[index], g[index], &none, f) }
    case 1:
      var first = taken(0)
      var s = first.mutableSpan
      for index in 0..<count {
        let a = s[index]
        var state = UpdateValues { _ in a }
        descend(&θ[index], g[index], &state, f)
        s[index] = state[0]
      }
      slots[0] = first
    case 2:
      var (first, second) = (taken(0), taken(1))
      var s = first.mutableSpan
      var t = second.mutableSpan
      for index in 0..<count {
        let (a, b) = (s[index], t[index])
        var state = UpdateValues { $0 == 0 ? a : b }
        descend(&θ[index], g[index], &state, f)
        (s[index], t[index]) = (state[0], state[1])
      }
      (slots[0], slots[1]) = (first, second)
    case 3:
      var (first, second, third) = (taken(0), taken(1), taken(2))
      var s = first.mutableSpan
      var t = second.mutableSpan
      var u = third.mutableSpan
      for index in 0..<count {
        let (a, b, c) = (s[index], t[index], u[index])
        var state = UpdateValues { $0 == 0 ? a : $0 == 1 ? b : c }
        descend(&θ[index], g[index], &state, f)
        (s[index], t[index], u[index]) = (state[0], state[1], state[2])
      }
      (slots[0], slots[1], slots[2]) = (first, second, third)
    default:
      let all = slots.count
      for index in 0..<count {
        var state = UpdateValues { $0 < all ? slots[$0][index] : 0 }
        descend(&θ[index], g[index], &state, f)
        for slot in 0..<all { slots[slot][index] = state[slot] }
      }
    }
  }
}
