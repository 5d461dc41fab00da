extension RandomGraph {
  /// How many seeds a test tries: as many as a debug build has time for; an optimised one tries at least five hundred.
  public static func seedCount(_ debug: Int) -> Int {
    effort(debug: debug, optimized: max(504, debug))
  }
}
