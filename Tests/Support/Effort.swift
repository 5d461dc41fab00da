/// How much a test tries: what a debug build has time for, or what an optimised one tries.
public func effort<Value>(debug: Value, optimized: Value) -> Value {
  #if DEBUG
    debug
  #else
    optimized
  #endif
}
