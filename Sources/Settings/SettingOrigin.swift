/// Where a setting's value came from, weakest first.
package enum SettingOrigin: Sendable, Hashable {
    case `default`
    /// The file's path as it was given.
    case file(String)
    case environment
    /// The command line.
    case flag
}

extension SettingOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .default: "default"
        case .file(let path): path.line()
        case .environment: "environment"
        case .flag: "flag"
        }
    }
}
