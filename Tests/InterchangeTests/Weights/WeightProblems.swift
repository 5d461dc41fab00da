import EbbInterchange

/// What is wrong with weights, as a call says that throws it; nothing if it throws nothing.
func problems(_ body: () throws(WeightError) -> Void) -> [String] {
  do {
    try body()
    return []
  } catch {
    return error.problems.map(\.description)
  }
}
