import Glibc

/// A user that processes are started as. PostgreSQL refuses to run as root.
struct SystemUser: Sendable {
    let user: UInt32
    let group: UInt32

    /// Whose PostgreSQL servers are: nil is our own, since we are not root.
    static let ofPostgres: SystemUser? = {
        guard geteuid() == 0 else { return nil }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) { return SystemUser(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid) }
        }
        fatalError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody: make one")
    }()

    /// The same launch as this user. It becomes the owner of the working directory.
    func owning(_ launch: Launch) -> Launch {
        chown(launch.folder, user, group)
        var launch = launch
        launch.arguments =
            ["--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--", launch.executable] + launch.arguments
        launch.executable = "/usr/bin/setpriv"
        return launch
    }
}
