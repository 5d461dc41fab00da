// swift-tools-version: 6.2
import PackageDescription

// A module begins where the data changes its type. The modules stand in the order of imports: data flows downwards, and
// no module imports one below it.
// cell → graph → derivative → passes → plan → execution → diagnostics → report

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]
// Every module but Execution, which holds the arenas and calls the kernels, marks what is unsafe: calls of the system.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

// Kernels that are not optimised take most of the time of what a debug build runs: a small training 5.3 s instead of 1.9.
// SwiftPM has no safe setting for that, and not every toolchain lets a package use a version of one with an unsafe setting,
// so what is checked out for a client keeps to -O0 in debug builds.
let isCheckedOut = Context.packageDirectory.contains("/checkouts/")
let kernels: [CSetting] = isCheckedOut ? [] : [.unsafeFlags(["-O2"], .when(configuration: .debug))]

/// The way from a cell to a run: what most modules above it need.
let core = ["Tensors", "Graph", "Transforms", "Recording", "Cells", "Planning", "Execution", "Compiler"]

/// A module of the library: the folder drops the prefix that keeps module names unique in a client's build.
func library(
  _ folder: String, _ dependencies: [String], _ settings: [SwiftSetting] = safe, resources: [Resource] = []
) -> Target {
  .target(
    name: "Ebb" + folder, dependencies: dependencies.map { .byName(name: "Ebb" + $0) },
    path: "Sources/" + (folder.isEmpty ? "Ebb" : folder), resources: resources, swiftSettings: settings)
}

/// The tests of one module; every test target also sees the test support.
///
/// - Parameter scripts: Those that made the tests' numbers and lie beside them.
func tests(_ folder: String, _ dependencies: [String], scripts: [String] = []) -> Target {
  .testTarget(
    name: "Ebb" + folder + "Tests",
    dependencies: (dependencies + ["TestSupport"]).map { .byName(name: "Ebb" + $0) },
    path: "Tests/" + folder + "Tests", exclude: scripts, swiftSettings: strict)
}

/// A small program that a user would start from.
func example(_ name: String, _ dependencies: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies.map { .byName(name: $0) }, path: "Examples/" + name, swiftSettings: safe)
}

let package = Package(
  name: "ebb",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Ebb", targets: ["Ebb"]),
    .library(name: "EbbApplications", targets: ["EbbApplications"]),
    .library(name: "EbbStudies", targets: ["EbbStudies"]),
    .library(name: "EbbBench", targets: ["EbbBench"]),
    .library(name: "EbbCommand", targets: ["EbbCommand"]),
    .executable(name: "ebb", targets: ["EbbMain"]),
  ],
  targets: [
    .target(name: "EbbKernels", path: "Sources/Kernels", cSettings: kernels),
    library("Files", []),
    library("Markup", []),
    library("Ranks", []),
    library("Tensors", []),
    library("LinearAlgebra", ["Tensors"]),
    library("Statistics", ["Markup", "Tensors"]),
    library("Graph", ["Tensors", "LinearAlgebra"]),
    library("Pictures", ["Markup", "Tensors", "Graph"]),
    library("Transforms", ["Tensors", "Graph"]),
    library("Recording", ["Tensors", "Graph", "Transforms"]),
    library("Cells", ["Tensors", "Graph", "Recording"]),
    library("Equations", ["Tensors", "Graph", "Recording", "Transforms"]),
    library("Interpreter", ["Tensors", "Graph"]),
    library("Planning", ["Tensors", "Graph"]),
    library("StableHLO", ["Tensors", "Graph"]),
    library("PJRT", ["Tensors", "Graph", "StableHLO"]),
    library("Execution", ["Kernels", "Tensors", "Graph", "Planning", "PJRT"], strict),
    library("Compiler", ["Graph", "Transforms", "Planning", "Execution"]),
    library("Interchange", ["Files", "Markup", "Tensors", "Graph", "Recording", "Cells"]),
    library("Export", core + ["StableHLO", "Interchange"]),
    library("Training", core + ["PJRT", "Files", "Markup", "Ranks", "Interchange"]),
    library("Report", ["Markup", "Statistics"]),
    library("Applications", core + ["Files", "Markup", "Interchange", "Training", "Report"]),
    library("Diagnostics", core + ["PJRT", "Markup", "Training", "Report", "LinearAlgebra"]),
    library(
      "Studies",
      core + [
        "Markup", "Equations", "Training", "Applications", "Statistics", "Report", "LinearAlgebra", "Diagnostics",
      ]),
    // Experiments of many runs: they know the commands' arguments and numbers, and no command.
    library("Sweeps", ["Files", "Markup", "Tensors", "Statistics", "Report"]),
    library(
      "Bench",
      core + ["Files", "Markup", "Interchange", "Training", "Applications", "Report", "Diagnostics"],
      // The scripts that time other frameworks are part of the program: the build decides which ones run.
      resources: [
        "bench_states.py", "bench_memories.py", "bench_sequences.py", "bench_peers.py",
        "Training/bench_training.py",
      ].map { .embedInCode($0) }),
    // The umbrella: what users import.
    library(
      "",
      core + [
        "Files", "Markup", "Pictures", "Interpreter", "Equations", "StableHLO", "PJRT", "Interchange", "Export",
        "Training", "Report", "LinearAlgebra", "Diagnostics",
      ]),
    // The commands are a testable module; the program around them is a few lines.
    library(
      "Command",
      core + [
        "Files", "Markup", "Ranks", "Pictures", "Equations", "StableHLO", "PJRT", "Interchange", "Export", "Training",
        "Applications", "Report", "Statistics", "Sweeps", "Diagnostics", "Studies", "Bench",
      ]),
    .executableTarget(name: "EbbMain", dependencies: ["EbbCommand"], path: "Sources/Main", swiftSettings: safe),
    example("CustomCell", ["Ebb", "EbbCommand"]),
    example("GradientFlow", ["Ebb"]),
    example("KerasClassics", ["Ebb"]),
    example("Reproductions", ["Ebb", "EbbApplications"]),
    example("Sentiment", ["Ebb", "EbbApplications"]),
    example("Sequences", ["Ebb", "EbbApplications"]),
    example("Sunspots", ["Ebb", "EbbApplications"]),
    example("TextCompletion", ["Ebb", "EbbApplications"]),
    example("VanishingGradients", ["Ebb"]),
    // Discrepancies, random graphs and gradient checks for the tests; it imports no testing library itself.
    .target(
      name: "EbbTestSupport", dependencies: ["EbbTensors", "EbbGraph", "EbbInterpreter", "EbbTransforms"],
      path: "Tests/Support", swiftSettings: safe),
    // Beside these tests lies the script that made the kernels' tables.
    .testTarget(
      name: "EbbKernelsTests", dependencies: ["EbbKernels", "EbbGraph", "EbbTestSupport"], path: "Tests/KernelsTests",
      exclude: ["make_tables.py"], swiftSettings: strict),
    .testTarget(
      name: "EbbLinearAlgebraTests", dependencies: ["EbbLinearAlgebra"], path: "Tests/LinearAlgebraTests",
      swiftSettings: strict),
    .testTarget(name: "EbbMarkupTests", dependencies: ["EbbMarkup"], path: "Tests/MarkupTests", swiftSettings: strict),
    .testTarget(
      name: "EbbTensorsTests", dependencies: ["EbbTensors"], path: "Tests/TensorsTests", swiftSettings: strict),
    .testTarget(name: "EbbFilesTests", dependencies: ["EbbFiles"], path: "Tests/FilesTests", swiftSettings: strict),
    .testTarget(
      name: "EbbReportTests", dependencies: ["EbbFiles", "EbbMarkup", "EbbStatistics", "EbbReport"],
      path: "Tests/ReportTests",
      swiftSettings: strict),
    .testTarget(
      name: "EbbStatisticsTests", dependencies: ["EbbTensors", "EbbStatistics"], path: "Tests/StatisticsTests",
      swiftSettings: strict),
    tests("Graph", ["Tensors", "Graph", "Interpreter"]),
    tests("Equations", core + ["Equations", "Diagnostics"]),
    tests("Pictures", ["Markup", "Tensors", "Graph", "Pictures"]),
    tests("Transforms", ["Tensors", "Graph", "Interpreter", "Transforms"]),
    tests("Interpreter", ["Tensors", "Graph", "Interpreter"]),
    tests(
      "Recording", ["Tensors", "Graph", "Interpreter", "Transforms", "Recording", "Cells"],
      scripts: ["make_masked.py", "Derivatives/make_gradients.py", "Matrices/make_matrix_functions.py"]),
    tests("Cells", core + ["Interpreter", "Diagnostics"], scripts: ["Published/make_states.py"]),
    tests(
      "Diagnostics",
      core + ["Interpreter", "PJRT", "Markup", "Training", "Report", "Applications", "LinearAlgebra", "Diagnostics"]),
    tests("Studies", core + ["Markup", "Training", "Report", "Applications", "Diagnostics", "Studies"]),
    tests("Bench", core + ["Markup", "Training", "Report", "Diagnostics", "Bench"], scripts: ["make_outputs.py"]),
    .testTarget(
      name: "EbbSweepsTests", dependencies: ["EbbFiles", "EbbMarkup", "EbbReport", "EbbSweeps"],
      path: "Tests/SweepsTests",
      swiftSettings: strict),
    // Beside these tests lies the script that made the vectors of trained networks.
    tests(
      "Command",
      [
        "Markup", "Tensors", "Graph", "Recording", "Cells", "Interchange", "Report", "Applications", "Diagnostics",
        "Command",
      ],
      scripts: ["make_trained.py", "make_value_losses.py"]),
    tests("Planning", core + ["Diagnostics", "Bench"]),
    // The adding problem gives these something to learn.
    tests(
      "Training", core + ["PJRT", "Files", "Ranks", "Training", "Applications", "Diagnostics"],
      scripts: ["make_peers.py", "make_migration.py"]),
    tests("Applications", core + ["Files", "Interchange", "Training", "Report", "Applications"]),
    // Beside the tests lie the scripts that made their vectors.
    .testTarget(
      name: "EbbInterchangeTests",
      dependencies: [
        "EbbFiles", "EbbMarkup", "EbbTensors", "EbbGraph", "EbbRecording", "EbbCells", "EbbTransforms",
        "EbbExecution", "EbbInterchange", "EbbTestSupport",
      ], path: "Tests/InterchangeTests",
      exclude: [
        "make_torch_vectors.py", "make_vectors.py", "make_setting_vectors.py", "make_convolution_vectors.py",
        "make_translator.py", "read_events.py", "Weights/make_keras_networks.py", "HDF5/make_hdf5_vectors.py",
        "ONNX/make_onnx_vectors.py",
      ],
      swiftSettings: strict),
    tests("StableHLO", core + ["Interpreter", "Interchange", "StableHLO", "Diagnostics"]),
    // Beside these tests lies a plugin that they build.
    tests("PJRT", ["Tensors", "Graph", "Interpreter", "Transforms", "StableHLO", "PJRT"], scripts: ["fake_plugin.c"]),
    tests("Export", core + ["Equations", "Interpreter", "StableHLO", "Interchange", "Export"]),
    tests(
      "Execution", ["Tensors", "Graph", "Interpreter", "Transforms", "Recording", "Cells", "Planning", "Execution"]),
  ]
)

// `EBB_TESTS=Execution swift test --scratch-path …` builds the tests of that module and what they need, and nothing else:
// for builds of their own, as the thread sanitizer's and those of mutants.
if let chosen = Context.environment["EBB_TESTS"] {
  let known = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
  var needed: Set<String> = []
  func need(_ name: String) {
    guard let target = known[name] else { fatalError("EBB_TESTS=\(chosen): there is no target \(name)") }
    guard needed.insert(name).inserted else { return }
    for case .byNameItem(let name, _) in target.dependencies { need(name) }
  }
  for module in chosen.split(separator: ",") {
    need("Ebb\(module)Tests")
    // These tests also run the program.
    if module == "Command" { need("EbbMain") }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products.removeAll { product in
    guard let program = product as? Product.Executable else { return true }
    return !needed.isSuperset(of: program.targets)
  }
}
