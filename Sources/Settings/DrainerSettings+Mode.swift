extension DrainerSettings {
    /// Whether a checkpoint of every stream is kept: shared streams have none.
    package var keepsLedger: Bool { ordering == .stream && ledger }

    /// What all processes of a group must agree on.
    package var mode: String { "ORDERING=\(ordering.rawValue) LEDGER=\(keepsLedger ? "on" : "off")" }
}
