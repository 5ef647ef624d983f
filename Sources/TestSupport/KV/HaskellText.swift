/// Writes text as Haskell string literals.
package enum HaskellText {
    /// As `show` writes it.
    package static func shown(_ text: String) -> String {
        var literal = "\""
        var before: Form?
        for scalar in text.unicodeScalars {
            let form = Form.shown(scalar)
            if let before { literal += before.separator(from: form) }
            literal += form.text
            before = form
        }
        return literal + "\""
    }

    /// In any of the ways that mean the same, drawn at random.
    package static func written(_ text: String, using generator: inout some RandomNumberGenerator) -> String {
        var literal = "\""
        var before: Form?
        for scalar in text.unicodeScalars {
            let form = Form.all(scalar).randomElement(using: &generator) ?? .shown(scalar)
            if let before { literal += before.separator(from: form) }
            if Int.random(in: 0..<20, using: &generator) == 0 {
                literal += [#"\&"#, "\\ \\", "\\ \t\n\r\u{B}\u{C} \\"].randomElement(using: &generator) ?? ""
            }
            literal += form.text
            before = form
        }
        return literal + "\""
    }

    /// One character, written.
    private struct Form {
        let text: String
        /// Characters that would be taken for more of it.
        var takes: ClosedRange<Character>?
        var alsoTakes = ""

        /// What must stand before the next character.
        func separator(from next: Form) -> String {
            guard let first = next.text.first, takes?.contains(first) == true || alsoTakes.contains(first) else {
                return ""
            }
            return #"\&"#
        }

        static func shown(_ scalar: Unicode.Scalar) -> Form {
            switch scalar {
            case "\"": Form(text: #"\""#)
            case "\\": Form(text: #"\\"#)
            case " "..."~": Form(text: String(scalar))
            case "\u{80}"...: Form(text: "\\\(scalar.value)", takes: "0"..."9")
            default: letter(scalar) ?? name(scalar)
            }
        }

        static func all(_ scalar: Unicode.Scalar) -> [Form] {
            var forms = [
                shown(scalar), Form(text: "\\\(scalar.value)", takes: "0"..."9"),
                Form(text: "\\00\(scalar.value)", takes: "0"..."9"),
                Form(text: "\\o\(String(scalar.value, radix: 8))", takes: "0"..."7"),
                Form(text: "\\x\(String(scalar.value, radix: 16))", takes: "0"..."9", alsoTakes: "abcdefABCDEF"),
                Form(
                    text: "\\x\(String(scalar.value, radix: 16, uppercase: true))",
                    takes: "0"..."9",
                    alsoTakes: "abcdefABCDEF"
                ),
            ]
            if scalar.value < 0x20 {
                forms.append(name(scalar))
                forms.append(Form(text: "\\^" + String(UnicodeScalar(UInt8(scalar.value) + 0x40))))
            }
            return forms
        }

        private static func letter(_ scalar: Unicode.Scalar) -> Form? {
            let letters: [Unicode.Scalar: String] = [
                "\u{7}": "a", "\u{8}": "b", "\u{C}": "f", "\n": "n", "\r": "r", "\t": "t", "\u{B}": "v",
            ]
            return letters[scalar].map { Form(text: "\\\($0)") }
        }

        private static func name(_ scalar: Unicode.Scalar) -> Form {
            let names = [
                "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI",
                "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS",
                "US",
            ]
            let name = scalar.value < 0x20 ? names[Int(scalar.value)] : "DEL"
            return Form(text: "\\\(name)", alsoTakes: name == "SO" ? "H" : "")
        }
    }
}
