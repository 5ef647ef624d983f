import CZstd
package import Entries

extension ZstdFrame {
    /// The frame of these bytes, as a producer packs them.
    ///
    /// - Parameter saysSize: as a stream's frames do not.
    package static func pack(_ bytes: [UInt8], saysSize: Bool = true) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, saysSize ? 1 : 0)
        var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = frame.withUnsafeMutableBytes { frame in
            bytes.withUnsafeBytes { bytes in
                ZSTD_compress2(context, frame.baseAddress, frame.count, bytes.baseAddress, bytes.count)
            }
        }
        precondition(ZSTD_isError(count) == 0, "libzstd cannot pack")
        return Array(frame.prefix(count))
    }

    /// A frame of blocks that each repeat one byte 131,072 times: four bytes a block, and no size said.
    package static func bomb(blocks: Int, of byte: UInt8 = UInt8(ascii: " ")) -> [UInt8] {
        // No checksum, no size, a window of 128 KiB.
        var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38]
        for block in 0..<blocks {
            let header = 131_072 << 3 | 1 << 1 | (block == blocks - 1 ? 1 : 0)
            frame += [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16), byte]
        }
        return frame
    }
}
