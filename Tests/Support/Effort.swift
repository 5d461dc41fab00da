import Foundation

/// More work in optimized builds, and in debug builds where EBB_EFFORT is set.
public func effort<Value>(debug: Value, optimized: Value) -> Value {
  #if DEBUG
    isFull ? optimized : debug
  #else
    optimized
  #endif
}

private let isFull = ProcessInfo.processInfo.environment["EBB_EFFORT"] != nil
