package import Settings

/// What was found out about everything that a drainer depends on.
package struct Checkup: Sendable, Encodable {
    package enum Verdict: String, Sendable, Encodable {
        case good = "ok"
        /// Works, and has a price that an operator should know.
        case warning
        case failure = "FAILURE"
    }

    /// What kind of failure it is, as far as the exit status tells.
    package enum Trouble: Sendable {
        case unreachable, permission, configuration
    }

    /// One line.
    package struct Check: Sendable, Encodable {
        package let subject: String
        package let verdict: Verdict
        package let finding: String
        /// Nil where nothing is to be done.
        package let remedy: String?
        package let trouble: Trouble?

        package init(
            _ subject: String,
            _ verdict: Verdict,
            _ finding: String,
            remedy: String? = nil,
            trouble: Trouble? = nil
        ) {
            self.subject = subject
            self.verdict = verdict
            self.finding = finding
            self.remedy = remedy
            self.trouble = trouble
        }

        /// Where nothing is to be done.
        package init(_ subject: String, _ finding: String) {
            self.init(subject, .good, finding)
        }

        private enum CodingKeys: String, CodingKey { case subject, verdict, finding, remedy }
    }

    /// A setting as it is in force, with no password in it.
    package struct SettingLine: Sendable, Encodable {
        package let name: String
        package let value: String
        package let origin: String
    }

    package private(set) var checks: [Check]
    package let settings: [SettingLine]

    package init(_ checks: [Check], settings: DrainerSettings) {
        self.checks = checks
        self.settings = settings.redacted.map { SettingLine(name: $0.name, value: $0.value, origin: "\($0.origin)") }
    }

    /// The trouble that matters most; nil where nothing fails.
    package var trouble: Trouble? {
        let found = checks.compactMap(\.trouble)
        return [.unreachable, .permission, .configuration].first { found.contains($0) }
    }

    /// For people: a line for each check, then the settings.
    package var text: String {
        var page = Paragraphs()
        for check in checks {
            let remedy = check.remedy.map { ": \($0)" } ?? ""
            page.append("\(check.verdict.rawValue)  \(check.subject): \(check.finding)\(remedy)")
        }
        page.append()
        page.append(
            table: settings.map { ["setting \($0.name)", $0.value.isEmpty ? "-" : $0.value, "(\($0.origin))"] }
        )
        return page.text
    }
}
