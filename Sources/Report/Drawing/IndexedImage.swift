import Foundation

/// A small picture of at most 256 colours, as a PNG file.
///
/// Heat maps use it: a million cells as SVG rectangles would be tens of megabytes.
/// Source: W3C, "Portable Network Graphics (PNG) Specification"; RFC 1950 and 1951 for the stored (uncompressed) stream.
package struct IndexedImage: Sendable, Hashable {
  let width: Int
  let height: Int
  let colors: [RGB]
  /// One colour index per pixel, row by row; `nil` is transparent.
  package let pixels: [UInt8?]

  package init(width: Int, height: Int, colors: [RGB], pixels: [UInt8?]) {
    precondition(pixels.count == width * height, "\(pixels.count) pixels for \(width) × \(height)")
    precondition(colors.count <= 256, "\(colors.count) colours do not fit an index of one byte")
    self.width = width
    self.height = height
    self.colors = colors
    self.pixels = pixels
  }

  var dataURI: String { "data:image/png;base64," + Data(png).base64EncodedString() }

  /// 256 colours leave no index for transparency: a transparent pixel takes index 255, and the two brightest
  /// colours of a full map share index 254.
  private static let transparent: UInt8 = 255

  package var png: [UInt8] {
    var palette = colors.prefix(255).flatMap(\.bytes)
    palette += [UInt8](repeating: 0, count: 768 - palette.count)
    let opacity = [UInt8](repeating: 255, count: 255) + [0]
    // Bit depth 8, colour type 3 (palette), deflate, filter method 0, no interlace.
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 3, 0, 0, 0]
    var scanlines: [UInt8] = []
    scanlines.reserveCapacity((width + 1) * height)
    for row in 0..<height {
      // Each line starts with its filter: none.
      scanlines.append(0)
      for column in 0..<width {
        let pixel = pixels[row * width + column]
        scanlines.append(pixel.map { min($0, 254) } ?? IndexedImage.transparent)
      }
    }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", header) + chunk("PLTE", palette) + chunk("tRNS", opacity)
      + chunk("IDAT", zlibStored(scanlines)) + chunk("IEND", [])
  }
}

private func bigEndian(_ value: UInt32) -> [UInt8] {
  [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
}

private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
  let named = Array(name.utf8) + data
  return bigEndian(UInt32(data.count)) + named + bigEndian(crc32(named))
}

/// A zlib stream of stored blocks of at most 65,535 bytes.
private func zlibStored(_ bytes: [UInt8]) -> [UInt8] {
  var stream: [UInt8] = [0x78, 0x01]
  var start = 0
  repeat {
    let end = min(bytes.count, start + 65_535)
    let count = UInt16(end - start)
    stream.append(end == bytes.count ? 1 : 0)
    stream += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
    stream += bytes[start..<end]
    start = end
  } while start < bytes.count
  return stream + bigEndian(adler32(bytes))
}

/// The remainder of the bits, as a polynomial over GF(2), modulo the reversed generator 0xEDB88320.
package func crc32(_ bytes: [UInt8]) -> UInt32 {
  var table = [UInt32](repeating: 0, count: 256)
  for index in table.indices {
    var remainder = UInt32(index)
    for _ in 0..<8 {
      let shifted = remainder >> 1
      remainder = remainder & 1 == 1 ? 0xEDB8_8320 ^ shifted : shifted
    }
    table[index] = remainder
  }
  var remainder: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    let index = Int(UInt8(truncatingIfNeeded: remainder) ^ byte)
    remainder = table[index] ^ (remainder >> 8)
  }
  return ~remainder
}

/// a = 1 + Σ bᵢ and b = Σ aᵢ, both modulo 65,521.
package func adler32(_ bytes: [UInt8]) -> UInt32 {
  var a: UInt32 = 1
  var b: UInt32 = 0
  for byte in bytes {
    a = (a + UInt32(byte)) % 65_521
    b = (b + a) % 65_521
  }
  return b << 16 | a
}
