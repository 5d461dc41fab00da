public import EbbMarkup
public import EbbReport

extension HessianSpectrum {
  /// The eigenvalues at both ends of the spectrum, each with its residual.
  public func table(title: String = "") -> DataTable {
    let pairs = largest + smallest
    let ranks = largest.indices.map { "largest \($0 + 1)" } + smallest.indices.map { "smallest \($0 + 1)" }
    return DataTable(
      title,
      columns: [
        .text("eigenvalue", ranks),
        .numbers("λ", format: .significant(6), pairs.map(\.value)),
        .numbers("residual ‖Hx − λx‖", format: .significant(2), pairs.map(\.residual)),
      ])
  }

  /// How it was found, in sentences.
  public var remarks: [String] {
    [
      "Sharpness, the largest |λ|: \(readableNumber(largestMagnitude, digits: 6)).",
      "\(products) products with the Hessian; "
        + (isConverged
          ? "all residuals are within the tolerance."
          : "not all residuals are within the tolerance: each λ is off by its residual at most."),
    ]
  }

  /// Every number but the eigenvectors, for files and other programs.
  public var json: JSONValue {
    func pairs(_ pairs: [Eigenpair]) -> JSONValue {
      .array(pairs.map { ["value": .number($0.value), "residual": .number($0.residual)] })
    }
    return [
      "largest": pairs(largest), "smallest": pairs(smallest), "products": .integer(products),
      "isConverged": .bool(isConverged), "asymmetry": .number(asymmetry),
    ]
  }
}
