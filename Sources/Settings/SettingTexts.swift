import Configuration

/// The text of every setting and where it came from: the strongest of the given sources, else the default.
struct SettingTexts: Sendable {
    private let found: [String: (text: String, origin: SettingOrigin)]
    private let hostName: String

    /// Asks the sources, strongest first, for each setting's text under its one-part key.
    ///
    /// Each is asked itself, not through a `ConfigReader`, which would not say who answered, takes an error for no answer,
    /// and can be told by the environment to log every value.
    init(
        from sources: [(origin: SettingOrigin, provider: any ConfigProvider)],
        hostName: String
    ) throws(SettingsError) {
        var found: [String: (String, SettingOrigin)] = [:]
        for row in SettingsTable.all {
            for source in sources {
                let text: String?
                do {
                    text = try source.provider.value(forKey: AbsoluteConfigKey([row.key]), type: .string).value?.text
                } catch {
                    let refusal = ValueRefusal("cannot be read as text")
                    throw .badValue(row, text: "", origin: source.origin, refusal: refusal)
                }
                guard let text else { continue }
                found[row.name] = (text, source.origin)
                break
            }
        }
        self.found = found
        self.hostName = hostName
    }

    /// A setting's value, or why its text is none.
    func value<Value>(of setting: Setting<Value>) throws(SettingsError) -> Value {
        let (text, origin) = text(of: setting)
        do {
            return try setting.syntax.value(of: text)
        } catch {
            throw .badValue(setting, text: text, origin: origin, refusal: error)
        }
    }

    /// A setting's text as it was given, secrets included.
    func text(of row: some SettingRow) -> (text: String, origin: SettingOrigin) {
        found[row.name] ?? (row.name == SettingsTable.streamConsumer.name ? hostName : row.defaultText, .default)
    }
}

extension ConfigValue {
    fileprivate var text: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }
}
