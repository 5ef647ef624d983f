/// The two forms of an entry, told apart by what it holds: a native one has an `op`, any other a `contents_v2`.
enum WireFormat: Sendable {
    case native
    /// What the euler-hs KV connector writes.
    case kv
}
