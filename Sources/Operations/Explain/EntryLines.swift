import Entries

/// Entries as somebody wrote them down: the JSON of one `command` field, on several lines if need be, or one entry a
/// line, which then are taken for one window; or one field that is a zstd frame.
package struct EntryLines: Sendable {
    package struct Line: Sendable {
        /// Of the text, counted from 1.
        package let number: Int
        package let bytes: ArraySlice<UInt8>
    }

    package let lines: [Line]

    /// - Parameter defaultSchema: of a table named without one.
    package init(_ text: [UInt8], defaultSchema: String) {
        guard !ZstdFrame.starts(text.span, at: 0) else {
            lines = [Line(number: 1, bytes: Self.unpacked(text))]
            return
        }
        let lines = Self.split(text)
        // Several lines that together are one entry are one entry.
        if lines.count > 1, let first = lines.first, let last = lines.last {
            let whole = Line(number: first.number, bytes: text[first.bytes.startIndex..<last.bytes.endIndex])
            if case .command = Self.window([whole], defaultSchema: defaultSchema).entries[0].content {
                self.lines = [whole]
                return
            }
        }
        self.lines = lines
    }

    /// What a frame holds, so that a fault is shown where it stands; a broken frame as it is.
    private static func unpacked(_ frame: [UInt8]) -> ArraySlice<UInt8> {
        // Tools like to end what they print with a line break.
        let mayEndBefore = frame.last == UInt8(ascii: "\n")
        for end in mayEndBefore ? [frame.count, frame.count - 1] : [frame.count] {
            var bytes = frame
            do throws(ParseFailure) {
                try ZstdFrame.unpack(0..<end, in: &bytes)
                return bytes[frame.count...]
            } catch {
                continue
            }
        }
        return frame[...]
    }

    /// The window that a stream with just these entries would give.
    func window(defaultSchema: String) -> Window { Self.window(lines, defaultSchema: defaultSchema) }

    private static func window(_ lines: [Line], defaultSchema: String) -> Window {
        var builder = WindowBuilder(stream: "", decoder: EntryDecoder(defaultSchema: defaultSchema))
        let field = Array("command".utf8)
        for (index, line) in lines.enumerated() {
            builder.append(id: StreamID(milliseconds: 1, sequence: UInt64(index)), name: field[...], value: line.bytes)
        }
        return builder.finish().window
    }

    /// The lines that hold more than blanks, without their ends.
    private static func split(_ text: [UInt8]) -> [Line] {
        text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            number,
            line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard line.contains(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else { return nil }
            return Line(number: number + 1, bytes: line)
        }
    }
}
