// The known keys of a KV entry, object by object.

/// Of the entry's own object.
enum KVEntryKey: String, KnownKey {
    case tag, mappings, forceDrainToDB
    case contents = "contents_v2"
    /// Marks an entry of the other format.
    case op

    var mark: UInt8 {
        switch self {
        case .tag: 1
        case .mappings: 2
        case .forceDrainToDB: 4
        case .contents: 8
        case .op: 16
        }
    }

    @inline(__always)
    init?(_ name: ShortName) {
        // The name and its closing quote, the first letter lowest.
        switch (name.first, name.second) {
        case (0x2267_6174, 0): self = .tag
        case (0x7374_6E65_746E_6F63, 0x2232_765F): self = .contents
        case (0x7367_6E69_7070_616D, 0x22): self = .mappings
        case (0x6172_4465_6372_6F66, 0x22_4244_6F54_6E69): self = .forceDrainToDB
        case (0x22_706F, 0): self = .op
        default: return nil
        }
    }
}

/// Of `contents_v2`.
enum KVContentsKey: String, KnownKey {
    case tag, timestamp, cmdVersion, dbName, command

    var mark: UInt8 {
        switch self {
        case .tag: 1
        case .timestamp: 2
        case .cmdVersion: 4
        case .dbName: 8
        case .command: 16
        }
    }

    @inline(__always)
    init?(_ name: ShortName) {
        switch (name.first, name.second) {
        case (0x2267_6174, 0): self = .tag
        case (0x6D61_7473_656D_6974, 0x2270): self = .timestamp
        case (0x6973_7265_5664_6D63, 0x22_6E6F): self = .cmdVersion
        case (0x22_656D_614E_6264, 0): self = .dbName
        case (0x2264_6E61_6D6D_6F63, 0): self = .command
        default: return nil
        }
    }
}

/// Of `command`.
enum KVCommandKey: String, KnownKey {
    case tag, contents

    var mark: UInt8 { self == .tag ? 1 : 2 }

    @inline(__always)
    init?(_ name: ShortName) {
        switch (name.first, name.second) {
        case (0x2267_6174, 0): self = .tag
        case (0x7374_6E65_746E_6F63, 0x22): self = .contents
        default: return nil
        }
    }
}

/// Of one column that an update sets.
enum KVColumnKey: String, KnownKey {
    case key, value

    var mark: UInt8 { self == .key ? 1 : 2 }

    @inline(__always)
    init?(_ name: ShortName) {
        switch (name.first, name.second) {
        case (0x2279_656B, 0): self = .key
        case (0x2265_756C_6176, 0): self = .value
        default: return nil
        }
    }
}

/// Of a `where`.
enum KVWhereKey: String, KnownKey {
    case tag = "clauseTag"
    case contents = "clauseContents"

    var mark: UInt8 { self == .tag ? 1 : 2 }

    @inline(__always)
    init?(_ name: ShortName) {
        switch (name.first, name.second) {
        case (0x6154_6573_7561_6C63, 0x2267): self = .tag
        case (0x6F43_6573_7561_6C63, 0x22_7374_6E65_746E): self = .contents
        default: return nil
        }
    }
}
