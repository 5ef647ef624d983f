import Settings

/// Lays JSON out over lines without touching a digit of it, which a parser would.
enum JSONLayout {
    /// What is no JSON comes out readable as well as it may.
    static func lines(of text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        var depth = 0
        var inString = false
        var isEscaped = false
        func breakLine(_ depth: Int) {
            lines.append(line)
            line = String(repeating: "  ", count: min(depth, 40))
        }
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if inString {
                line += String(scalar).line()
                if isEscaped {
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else {
                    inString = scalar != "\""
                }
                continue
            }
            switch scalar {
            case "{", "[":
                line.unicodeScalars.append(scalar)
                depth += 1
                // An empty one stays on its line.
                let next = scalars[(index + 1)...].first { !$0.properties.isWhitespace }
                if next != "}", next != "]" { breakLine(depth) }
            case "}", "]":
                depth = max(0, depth - 1)
                let last = line.unicodeScalars.last
                if last != "{", last != "[" { breakLine(depth) }
                line.unicodeScalars.append(scalar)
            case ",":
                line += ","
                breakLine(depth)
            case ":": line += ": "
            case _ where scalar.properties.isWhitespace: continue
            default:
                inString = scalar == "\""
                line += String(scalar).line()
            }
        }
        lines.append(line)
        return lines
    }
}
