import Configuration
import Foundation
import Yams

/// The file of settings: a flat YAML mapping of known keys to scalars. One with nothing but comments sets nothing.
///
/// `YAMLSnapshot` reads the values, as the text that stands there, so that no number is changed. What it would pass over
/// without a word is looked for first: unknown keys, a map where a value is due, nothing at all.
struct SettingsFile: FileConfigSnapshot {
    struct ParsingOptions: FileParsingOptions {
        /// For the errors.
        var path: String

        static var `default`: Self { Self(path: "the file of settings") }
    }

    let providerName: String
    private let yaml: YAMLSnapshot?

    /// Throws a `SettingsError` for what the file must not hold.
    init(data: RawSpan, providerName: String, parsingOptions: ParsingOptions) throws {
        self.providerName = providerName
        let place = parsingOptions.path.line()
        let text = data.withUnsafeBytes { Data($0) }
        let root: Node?
        do {
            root = try Parser(yaml: text).singleRoot()
        } catch {
            throw SettingsError(
                .file,
                what: "\(place) is no YAML that can be read\(Self.place(of: error))",
                remedy: "write one key: value a line, and quotes around a value that ends in a colon"
            )
        }
        guard let root, root.null == nil else {
            yaml = nil
            return
        }
        guard let mapping = root.mapping else {
            throw SettingsError(.file, what: "\(place) is no list of settings", remedy: "write one key: value a line")
        }
        for (key, value) in mapping {
            try Self.check(key: key, value: value, place: place)
        }
        yaml = try YAMLSnapshot(data: data, providerName: providerName, parsingOptions: .default)
    }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try yaml?.value(forKey: key, type: type) ?? LookupResult(encodedKey: key.description, value: nil)
    }

    private static func check(key: Node, value: Node, place: String) throws(SettingsError) {
        let line = key.mark.map { ", line \($0.line)" } ?? ""
        guard let name = key.string, let row = SettingsTable.all.first(where: { $0.key == name }) else {
            let name = key.string ?? "that is no text"
            let guess = NameGuess(name, among: SettingsTable.all.map(\.key)).nearest.map { "did you mean \($0)?" }
            throw SettingsError(
                .unknownKey,
                what: "unknown key \(Redaction.redacted(value: name)) in \(place)\(line)",
                remedy: guess ?? "remove it, see drainer run --help for the settings"
            )
        }
        let found: String? =
            switch value {
            case .mapping: "a map"
            case .sequence: "a list"
            case .scalar, .alias: value.null == nil ? nil : "nothing"
            }
        guard let found else { return }
        throw SettingsError(
            .badValue,
            setting: row.name,
            what: "\(row.name) is \(found) (\(row.key) in \(place)\(line))",
            remedy: "give \(row.allowed), as one value on its line"
        )
    }

    /// Line, column and the parser's own words. Its whole message would quote the line, and a password with it.
    private static func place(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            " (line \(mark.line), column \(mark.column), \(problem))"
        case .reader(let problem, _, _, _):
            " (\(problem))"
        case .duplicatedKeysInMapping(let duplicates, _):
            " (it gives \(duplicates.map { "\($0)" }.sorted().map(Redaction.redacted(value:)).joined(separator: ", ")) twice)"
        default:
            ""
        }
    }
}

extension SettingsFile: CustomStringConvertible, CustomDebugStringConvertible {
    var description: String { providerName }
    var debugDescription: String { providerName }
}
