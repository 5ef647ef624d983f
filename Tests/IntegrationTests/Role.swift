import Foundation
import TestSupport

/// A login of PostgreSQL that is no superuser. Roles belong to the server, so each test makes one of its own.
struct Role {
    let name: String
    /// The scene's database, as this role.
    let url: String

    /// - Parameter grants: statements that end before the role's name, such as `GRANT ALL ON item TO`.
    static func make(in scene: Scene, grants: String...) async throws -> Role {
        let name = "role_\(TestFolder.shared.uniqueNumber())"
        try await scene.sql("CREATE ROLE \(name) LOGIN")
        for grant in grants { try await scene.sql("\(grant) \(name)") }
        let url = scene.settings["DATABASE_URL"] ?? ""
        return Role(name: name, url: url.replacing("postgres@", with: "\(name)@"))
    }
}
