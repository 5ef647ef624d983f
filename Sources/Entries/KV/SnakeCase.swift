extension String {
    /// The name of a column or table after that of a field or type: split on humps, then on `-`, `_` and blanks,
    /// lower-cased, joined with `_`. An acronym ends before the last of its capitals where a hump follows:
    /// `SOSAlert` is `sos_alert`.
    var snakeCased: String {
        let letters = Array(unicodeScalars)
        var snake = String.UnicodeScalarView()
        // Whether a word has ended, which counts once another begins.
        var hasEnded = false
        for (index, letter) in letters.enumerated() {
            guard !letter.separatesWords else {
                hasEnded = true
                continue
            }
            if index > 0, letter.isCapital {
                let follows = index + 1 < letters.count && !letters[index + 1].isCapital
                hasEnded = hasEnded || follows || !letters[index - 1].isCapital
            }
            if hasEnded, !snake.isEmpty { snake.append("_") }
            hasEnded = false
            snake.append(contentsOf: letter.properties.lowercaseMapping.unicodeScalars)
        }
        return String(snake)
    }
}

extension Unicode.Scalar {
    fileprivate var isCapital: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter: true
        default: false
        }
    }

    fileprivate var separatesWords: Bool {
        self == "-" || self == "_" || properties.isWhitespace
    }
}
