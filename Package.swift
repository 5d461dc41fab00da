// swift-tools-version: 6.2
import PackageDescription

// One module for each room of the pipeline, named in the order in which data flows:
// cell → graph → derivative → passes → plan → execution → diagnostics → report.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
// Everything but Execution, which holds the arenas and calls the kernels, is free of unsafe memory.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

/// A module of the library: the folder drops the prefix that keeps module names unique in a client's build.
func library(_ folder: String, _ dependencies: [String], _ settings: [SwiftSetting] = safe) -> Target {
  .target(
    name: "Ebb" + folder, dependencies: dependencies.map { .byName(name: "Ebb" + $0) },
    path: "Sources/" + folder, swiftSettings: settings)
}

/// The tests of one module; every test target also sees the test support.
func tests(_ folder: String, _ dependencies: [String]) -> Target {
  .testTarget(
    name: "Ebb" + folder + "Tests",
    dependencies: (dependencies + ["TestSupport"]).map { .byName(name: "Ebb" + $0) },
    path: "Tests/" + folder + "Tests", swiftSettings: strict)
}

let package = Package(
  name: "ebb",
  platforms: [.macOS(.v15)],
  products: [
  ],
  targets: [
    .target(name: "EbbKernels", path: "Sources/Kernels"),
    library("Tensors", []),
    library("Graph", ["Tensors"]),
    library("Recording", ["Tensors", "Graph"]),
    library("Cells", ["Tensors", "Graph", "Recording"]),
    library("Transforms", ["Tensors", "Graph"]),
    library("Interpreter", ["Tensors", "Graph"]),
    library("Planning", ["Tensors", "Graph"]),
    library("Execution", ["Kernels", "Tensors", "Graph", "Planning"], strict),
    library("Report", []),
    .testTarget(
      name: "EbbKernelsTests", dependencies: ["EbbKernels"], path: "Tests/KernelsTests", swiftSettings: strict),
  ]
)
