extension Duration {
  /// The duration in seconds, as a number to compute with.
  package var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
